import { expect } from "chai";
import { contactsWith } from "../../../src/bridge/portal/eager-portals.ts";
import type { Contact } from "../../../src/msn/index.ts";
import { EMPTY_ROSTER } from "../../../src/msn/contacts/roster.ts";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const OLGA = "olga@example.com";

function contact(account: string, groups: string[] = [], list: "FL" | "AL" = "FL"): Contact {
  const nothing = { phones: new Map(), status: "FLN", capabilities: 0 } as const;
  return { account, name: account, lists: new Set([list]), groups: new Set(groups), ...nothing };
}

describe("rooms for contacts who have said nothing yet", () => {
  const roster = {
    ...EMPTY_ROSTER,
    contacts: new Map(
      [contact("z@x"), contact("a@x", ["1", "7"]), contact("s@x", ["7"], "AL")].map((one) => [one.account, one]),
    ),
    groups: new Map([
      ["1", "Work"],
      ["7", " favorites"],
    ]),
  };
  const table = [
    ["on-message", []],
    ["favourites", ["a@x"]],
    ["all", ["a@x", "z@x"]],
  ] as const;
  for (const [wanted, accounts] of table) {
    it(`are wanted for ${accounts.length} of three: ${wanted}`, () => {
      expect(contactsWith(roster, wanted).map(({ account }) => account)).to.deep.equal(accounts);
    });
  }

  describe("with a bridge between them", () => {
    let bridge: TestBridge;
    afterEach(() => bridge.close());

    const invitations = (): string[] =>
      bridge.alice.invites().filter((id) => bridge.fake.room(id).membership(BOT) !== "join");

    it("are made for the others when the homeserver refuses one", async () => {
      bridge = await TestBridge.started({ keys: { contacts: { create_portals: "all" } } });
      for (const friend of ["anna@example.com", NILS, OLGA]) {
        bridge.sandbox.contact(friend);
        bridge.sandbox.befriend(MIA.passport, friend, true);
      }
      const management = await bridge.manage();
      const refusal = { status: 403, body: { errcode: "M_FORBIDDEN" } };
      bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, times: 1, ...refusal });
      bridge.alice.say(management, `login sandbox ${MIA.passport} ${MIA.password}`);
      await bridge.joinRoomOf(NILS);
      await bridge.joinRoomOf(OLGA);
    });

    it("are there after signing in, and not again once they were left, until somebody writes", async () => {
      bridge = await TestBridge.started({ keys: { contacts: { create_portals: "all" } } });
      for (const friend of [NILS, OLGA]) {
        bridge.sandbox.contact(friend);
        bridge.sandbox.befriend(MIA.passport, friend, true);
      }
      await bridge.login();
      const room = await bridge.joinRoomOf(NILS);
      await bridge.joinRoomOf(OLGA);
      bridge.alice.leave(room);
      await until("the ghost to leave", () => bridge.fake.room(room).membership(ghostOf(NILS)) === "leave");
      await bridge.stopBridge();
      await bridge.start();
      bridge.sandbox.contact("third@example.com");
      bridge.sandbox.befriend(MIA.passport, "third@example.com", true);
      bridge.sandbox.disconnect(MIA.passport);
      await bridge.joinRoomOf("third@example.com");
      expect(invitations()).to.deep.equal([]);
      await bridge.sandbox.contact(NILS).say(MIA.passport, "hello?");
      const again = await bridge.joinRoomOf(NILS);
      expect(again).to.not.equal(room);
    });
  });
});
