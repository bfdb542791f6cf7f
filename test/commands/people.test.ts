import { MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";

for (const [msn, description] of NETWORKS) {
  describe(`the contact list by command, with servers ${description}`, () => {
    let bridge: TestBridge;
    let room: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      bridge.sandbox.contact(NILS, "Nils").setStatus("BSY");
      room = await bridge.login();
    });
    afterEach(() => bridge.close());

    it("adds and removes contacts", async () => {
      await bridge.ask(room, "add", "Say add <e-mail of the person>");
      await bridge.ask(room, "add nils", "is not an e-mail address");
      await bridge.ask(room, `add ${MIA.passport}`, "That is you");
      await bridge.ask(room, "add nobody@example.com", "There is no MSN account nobody@example.com");
      await bridge.ask(room, `add ${NILS} Friends`, "You have no group Friends");
      await bridge.ask(room, `add ${NILS}`, "is one of your contacts now. She has not added you so far");
      await bridge.ask(room, `add ${NILS}`, "is one of your contacts already");
      await bridge.ask(room, "contacts", ", has not added you");
      await bridge.ask(room, `remove ${NILS} ${MIA.passport}`, "is not one of your contacts any more");
      await bridge.ask(room, `remove ${NILS}`, "is not one of your contacts.");
      await bridge.ask(room, "contacts", `Allowed, but no contacts: ${NILS}`);
    });

    it("blocks, unblocks and allows people", async () => {
      await bridge.ask(room, `unblock ${NILS}`, "is not blocked");
      await bridge.ask(room, `block ${NILS}`, "is blocked, and can neither see you");
      await bridge.ask(room, `block ${NILS}`, "is blocked already");
      await bridge.ask(room, `unblock ${NILS}`, "may see you and write to you");
      await bridge.ask(room, `allow ${NILS}`, "is allowed already");
      await bridge.ask(room, `add ${NILS}`, "is one of your contacts now");
      await bridge.ask(room, `block ${NILS}`, "is blocked, and");
      await bridge.ask(room, "contacts", ", blocked");
      await bridge.ask(room, `allow ${NILS}`, "may see you and write to you");
    });

    it("opens and closes the privacy", async () => {
      await bridge.ask(room, "privacy", "is open");
      await bridge.ask(room, "privacy closed", "is closed");
      await bridge.ask(room, "privacy closed", "is closed");
      await bridge.ask(room, `PRIVACY Open ${MIA.passport}`, "is open");
      await bridge.ask(room, "privacy ask off", "do not ask you");
      await bridge.ask(room, "privacy ask on", "clients ask you");
      await bridge.ask(room, "privacy shut", "Say privacy open");
    });

    it("says so when nobody is signed in", async () => {
      bridge.sandbox.contact(MIA.passport);
      await bridge.reads(bridge.alice, room, "Say reconnect to take over");
      for (const text of [`add ${NILS}`, `accept ${NILS}`, "privacy", "group list", "sync"]) {
        await bridge.ask(room, text, "is not signed in to Sandbox right now");
      }
      await bridge.ask(room, "requests", "not signed in, so nothing is known");
    });
  });
}
