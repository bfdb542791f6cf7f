import { expect } from "chai";
import { keepGroups, planAccount, planGroups } from "../../../src/bridge/spaces/space-plan.ts";
import type { Contact } from "../../../src/msn/index.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import type { SpaceRow } from "../../../src/store/spaces.ts";
import { countSteps } from "../../support/step-counter.ts";

const contact = (account: string, ...groups: string[]): [string, Contact] => [
  account,
  {
    account,
    name: account,
    lists: new Set(["FL"] as const),
    groups: new Set(groups),
    phones: new Map(),
    status: "FLN",
    capabilities: 0,
  },
];
let id = 0;
const portal = (remote: string, roomId: string | null, kind: PortalRow["kind"] = "direct"): PortalRow => ({
  id: (id += 1),
  loginId: 1,
  kind,
  remote,
  roomId,
  creating: null,
  active: 0,
  dismissed: false,
  standing: "open",
  heard: 0,
});

const PORTALS = [portal("a@x", "!a"), portal("b@x", null), portal("c@x", "!c"), portal("g", "!g", "group")];

describe("bridge/spaces/space-plan", () => {
  it("an account's space has every chat that has a room", () => {
    expect(planAccount("Example: me@x", PORTALS)).to.deep.equal({
      group: "",
      name: "Example: me@x",
      place: "",
      rooms: ["!a", "!c", "!g"],
    });
  });

  it("a group's space has the chats with those in it, and its place is that of the group", () => {
    const groups = new Map([
      ["5", "Friends"],
      ["3", "\u0000"],
    ]);
    const contacts = new Map([contact("a@x", "5", "3"), contact("b@x", "5"), contact("c@x")]);
    expect(planGroups({ contacts, groups }, PORTALS)).to.deep.equal([
      { group: "5", name: "Friends", place: "0001", rooms: ["!a"] },
      { group: "3", name: "Group 3", place: "0002", rooms: ["!a"] },
    ]);
  });

  for (const size of [30, 300, 3000]) {
    it(`looks at each chat once, however many groups there are: ${size} chats in 100 groups`, () => {
      const numbers = Array.from({ length: size }, (_, at) => at);
      const contacts = new Map(numbers.map((at) => contact(`${at}@x`, String((at % 100) + 1))));
      const groups = new Map(Array.from({ length: 100 }, (_, at) => [String(at + 1), "Friends"]));
      const portals = numbers.map((at) => portal(`${at}@x`, `!${at}`));
      expect(countSteps(() => planGroups({ contacts, groups }, portals))).to.be.below(2 * size + 1000);
    });
  }

  it("without a session groups stay as they are, but for the rooms that are gone", () => {
    const space = (group: string, roomId: string | null, name: string | null): SpaceRow => ({
      loginId: 1,
      group,
      roomId,
      creating: null,
      name,
      declined: false,
    });
    const children = new Map([
      ["!account", [{ roomId: "!friends", place: "0004" }]],
      [
        "!friends",
        [
          { roomId: "!a", place: "" },
          { roomId: "!dead", place: "" },
        ],
      ],
    ]);
    const spaces = [space("", "!account", "Example"), space("5", "!friends", "Friends"), space("7", null, null)];
    expect(keepGroups(spaces, (room) => children.get(room) ?? [], PORTALS)).to.deep.equal([
      { group: "5", name: "Friends", place: "0004", rooms: ["!a"] },
    ]);
  });
});
