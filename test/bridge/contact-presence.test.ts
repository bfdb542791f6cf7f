import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const GHOST = ghostOf(NILS);

for (const [msn, words] of NETWORKS) {
  describe(`the presence of contacts, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let nils: ScriptedContact;
    afterEach(() => bridge.close());

    async function open(keys: Record<string, object> = {}): Promise<void> {
      bridge = await TestBridge.open({ msn, keys });
      nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.sandbox.befriend(MIA.passport, NILS, true);
    }

    /** Signed in, with a room for Nils. */
    async function chat(): Promise<void> {
      await bridge.login();
      await nils.say(MIA.passport, "hello");
      await bridge.reads(bridge.alice, await bridge.joinRoomOf(NILS), "hello");
    }

    const told = (): string[] =>
      bridge.fake.world.presence.told.flatMap(({ user, presence, status_msg: text }) =>
        user === GHOST ? [text === undefined ? presence : `${presence}: ${text}`] : [],
      );

    async function showsOf(wanted: string): Promise<void> {
      await until(wanted, () => told().at(-1) === wanted);
    }

    it("is shown in Matrix in all its states, each change once", async () => {
      await open();
      await bridge.start();
      await chat();
      await showsOf("online");
      for (const [status, wanted] of [
        ["BSY", "online: Busy"],
        ["PHN", "online: On the phone"],
        ["IDL", "unavailable: Idle"],
        ["BRB", "unavailable: Be right back"],
        ["HDN", "offline"],
        ["LUN", "unavailable: Out to lunch"],
        ["AWY", "unavailable: Away"],
        ["NLN", "online"],
      ] as const) {
        nils.setStatus(status);
        await showsOf(wanted);
      }
      nils.signOut();
      await showsOf("offline");
      expect(told()).to.have.length(10);
    });

    it("is not told of those who have no room, and is told once they have one", async () => {
      await open();
      await bridge.start();
      const management = await bridge.login();
      nils.setStatus("BSY");
      await bridge.ask(management, "contacts", "busy");
      expect(bridge.fake.world.presence.told.filter(({ user }) => user === GHOST)).to.deep.equal([]);
      bridge.alice.say(management, `start-chat ${NILS}`);
      await showsOf("online: Busy");
    });

    it("does not flap over a reconnect, and is offline at once after a logout", async () => {
      await open();
      await bridge.start();
      await chat();
      await showsOf("online");
      bridge.sandbox.disconnect(MIA.passport);
      await until("away", () => bridge.sandbox.sessions(MIA.passport) === 0);
      await until("back", () => bridge.sandbox.sessions(MIA.passport) === 1);
      nils.setStatus("BSY");
      await showsOf("online: Busy");
      expect(told()).to.deep.equal(["online", "online: Busy"]);
      bridge.alice.say(bridge.alice.joinedRooms()[0] ?? "", "logout");
      await showsOf("offline");
    });

    it("is offline once she is no contact any more", async () => {
      await open();
      await bridge.start();
      await chat();
      await showsOf("online");
      const management = bridge.alice.joinedRooms()[0] ?? "";
      await bridge.ask(management, `remove ${NILS}`, "is not one of your contacts any more");
      await showsOf("offline");
    });

    it("is offline when the bridge stops", async () => {
      await open();
      await bridge.start();
      await chat();
      await showsOf("online");
      await bridge.stopBridge();
      expect(told()).to.deep.equal(["online", "offline"]);
    });

    it("is never told where the operator does not want it", async () => {
      await open({ presence: { to_matrix: false } });
      await bridge.start();
      await chat();
      nils.setStatus("BSY");
      await bridge.stopBridge();
      expect(told()).to.deep.equal([]);
    });
  });
}
