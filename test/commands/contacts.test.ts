import { expect } from "chai";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const OLGA = "olga@example.com";

for (const [msn, description] of NETWORKS) {
  describe(`the list of contacts, with servers ${description}`, () => {
    let bridge: TestBridge;
    let room: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      bridge.sandbox.contact(NILS, "Nils <b>");
      bridge.sandbox.contact(OLGA, "Olga").signOut();
      bridge.sandbox.befriend(MIA.passport, NILS, true);
      bridge.sandbox.befriend(MIA.passport, OLGA);
      room = await bridge.login();
    });
    afterEach(() => bridge.close());

    it("links to the chats that there are, and says who has not added one", async () => {
      bridge.alice.say(room, `start-chat ${NILS}`);
      const portal = await bridge.joinRoomOf(NILS);
      const list = await bridge.ask(room, "contacts", "2 contacts");
      expect(list.body.split("\n").slice(1)).to.deep.equal([
        `Nils <b> (${NILS}): online`,
        `Olga (${OLGA}): offline, has not added you`,
      ]);
      expect(list.content).to.include({ format: "org.matrix.custom.html" });
      expect(list.content["formatted_body"])
        .to.include(
          `<a href="https://matrix.to/#/${encodeURIComponent(portal)}">Nils &lt;b&gt; (${NILS})</a>: online<br/>`,
        )
        .and.not.include("Olga</a>");
      await bridge.ask(room, "search olga", "1 of 2 contacts");
    });

    it("says who may not see one where the privacy is closed", async () => {
      await bridge.ask(room, `block ${OLGA}`, "is blocked");
      await bridge.ask(room, "contacts", "offline, blocked, has not added you");
      await bridge.ask(room, "privacy closed", "is closed");
      await bridge.ask(room, "contacts", `Nils <b> (${NILS}): online\n`);
    });

    it("is compared with what Matrix shows, and what differs is mended", async () => {
      bridge.alice.say(room, `start-chat ${NILS}`);
      const portal = await bridge.joinRoomOf(NILS);
      await bridge.ask(room, "sync", "2 contacts compared: everything was as it should be");
      bridge.fake.world.displayNames.set(ghostOf(NILS), "Somebody");
      bridge.fake.holdTransactions(true);
      bridge.alice.leave(portal);
      bridge.fake.world.room(portal);
      bridge.alice.say(room, "sync");
      bridge.fake.holdTransactions(false);
      await bridge.reads(bridge.alice, room, "1 name was set anew");
      expect(bridge.fake.world.displayNames.get(ghostOf(NILS))).to.equal("Nils <b>");
      await until("the ghost has left", () => bridge.fake.room(portal).membership(ghostOf(NILS)) === "leave");
    });

    it("is not needed to start a chat, but strangers are told apart", async () => {
      bridge.sandbox.contact("stranger@example.com", "Stranger");
      await bridge.ask(room, "pm stranger@example.com", "is not one of your contacts");
      await bridge.ask(room, "start-chat stranger@example.com", "You already have a chat with stranger@example.com");
      const known = await bridge.ask(room, `start-chat ${OLGA}`, "I invited you");
      expect(known.body).to.not.include("not one of your contacts");
    });
  });
}
