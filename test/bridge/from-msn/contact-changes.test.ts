import { expect } from "chai";
import { movesContacts } from "../../../src/bridge/from-msn/contact-changes.ts";
import type { RosterChange } from "../../../src/msn/index.ts";

const account = "nils@example.com";
const listed = { account, name: "Nils", group: undefined } as const;

const MOVING: RosterChange[] = [
  { type: "contact", account, name: "Nils", lists: new Set(["FL"]), groups: new Set() },
  { type: "group", id: "1", name: "Friends" },
  { type: "group-removed", id: "1" },
  { type: "listed", list: "FL", ...listed },
  { type: "unlisted", list: "FL", account, group: "1" },
];

const OTHERS: RosterChange[] = [
  { type: "listed", list: "RL", ...listed },
  { type: "listed", list: "AL", ...listed },
  { type: "unlisted", list: "BL", account, group: undefined },
  { type: "presence", account, status: "NLN", name: "Nils", capabilities: 0 },
  { type: "offline", account },
  { type: "phone", account, phone: "PHM", value: "555" },
  { type: "own-phone", phone: "PHM", value: "555" },
  { type: "privacy", privacy: "BL" },
  { type: "asks-on-add", asksOnAdd: false },
  { type: "version", version: 7 },
];

describe("bridge/from-msn/contact-changes", () => {
  for (const change of MOVING) {
    it(`has rooms and spaces looked at: ${change.type}`, () => expect(movesContacts(change)).to.equal(true));
  }
  for (const change of OTHERS) {
    it(`leaves rooms and spaces alone: ${Object.values(change).slice(0, 2).join(" ")}`, () =>
      expect(movesContacts(change)).to.equal(false));
  }
});
