import { expect } from "chai";
import * as fc from "fast-check";
import { Activity } from "../../../src/bridge/presence/activity.ts";
import { Ephemeral } from "../../../src/bridge/from-matrix/ephemeral.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { inboundScope } from "../../support/scopes.ts";
import { MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const ALICE = "@alice:localhost";
const GHOST = "@msn_one_nils=40example.com:localhost";

describe("bridge/from-matrix/ephemeral", () => {
  const clock = new FakeClock();
  let activity: Activity;
  let ephemeral: Ephemeral;
  beforeEach(() => {
    activity = new Activity(clock);
    ephemeral = new Ephemeral(inboundScope({ clock, activity }));
  });

  const isActive = (userId: string): boolean => activity.activeUntil(userId) !== undefined;

  const SIGNS: ReadonlyArray<[what: string, event: (userId: string) => object]> = [
    ["types", (userId) => ({ type: "m.typing", room_id: "!a", content: { user_ids: [userId] } })],
    [
      "reads",
      (userId) => ({ type: "m.receipt", room_id: "!a", content: { $1: { "m.read": { [userId]: { ts: 1 } } } } }),
    ],
    ["comes online", (userId) => ({ type: "m.presence", sender: userId, content: { presence: "online" } })],
  ];
  for (const [what, event] of SIGNS) {
    it(`takes for active who ${what}, but not our own users, whose deeds come back`, () => {
      ephemeral.take([event(GHOST)]);
      ephemeral.take([event(ALICE)]);
      expect([isActive(ALICE), isActive(GHOST)]).to.deep.equal([true, false]);
      expect(activity.presenceOf(GHOST)).to.equal(undefined);
    });
  }

  it("reads every presence there is, also that of those who are busy", () => {
    for (const [word, presence] of [
      ["online", "online"],
      ["unavailable", "unavailable"],
      ["offline", "offline"],
      ["org.matrix.msc3026.busy", "busy"],
      ["dancing", "busy"],
    ]) {
      ephemeral.take([{ type: "m.presence", sender: ALICE, content: { presence: word, last_active_ago: 5 } }]);
      expect(activity.presenceOf(ALICE)?.presence).to.equal(presence);
    }
  });

  it("leaves out what makes no sense, and takes the rest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.anything()),
        fc.constantFrom("m.typing", "m.receipt", "m.presence"),
        fc.anything(),
        (some, type, content) => {
          ephemeral.take([...some, { type, room_id: "!a", sender: GHOST, content }]);
        },
      ),
    );
    ephemeral.take([null, { type: "m.typing" }, SIGNS[0]?.[1](ALICE)]);
    expect(isActive(ALICE)).to.equal(true);
  });

  it("tells contacts that the person is there when she only reads, where no presence comes", async () => {
    const bridge = await TestBridge.open();
    try {
      bridge.fake.world.presence.isOn = false;
      await bridge.start();
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      const { eventId } = await bridge.reads(bridge.alice, room, "hello");
      await bridge.stopBridge();
      await bridge.start();
      const status = (): string => bridge.sandbox.shown(MIA.passport).status;
      await until("away", () => status() === "AWY");
      bridge.alice.read(room, eventId);
      await until("online", () => status() === "NLN");
    } finally {
      await bridge.close();
    }
  });
});
