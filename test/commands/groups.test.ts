import { expect } from "chai";
import { MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";

const OLGA = "olga@example.com";

for (const [msn, description] of NETWORKS) {
  describe(`the groups of contacts, with servers ${description}`, () => {
    let bridge: TestBridge;
    let room: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      bridge.sandbox.contact(NILS, "Nils").setStatus("BSY");
      bridge.sandbox.contact(OLGA, "Olga").signOut();
      for (const passport of [NILS, OLGA]) bridge.sandbox.befriend(MIA.passport, passport, true);
      room = await bridge.login();
    });
    afterEach(() => bridge.close());

    it("are made, renamed, filled and removed", async () => {
      await bridge.ask(room, "group", "You have no groups");
      await bridge.ask(room, "group dance", "Say group list |");
      await bridge.ask(room, "group add Old friends", "You have a group Old friends now");
      await bridge.ask(room, "group add Work", "You have a group Work now");
      await bridge.ask(room, "group rename Work", "Say group rename <group> to <new name>");
      await bridge.ask(room, "group rename work to Büro & Co", "is called Büro & Co now");
      await bridge.ask(room, `group move ${NILS} Work`, "You have no group Work. Yours: Büro & Co, Old friends.");
      await bridge.ask(room, `group move ${NILS} old friends ${MIA.passport}`, "is in the group Old friends now");
      await bridge.ask(room, `group move ${NILS} old friends`, "is in the group Old friends already");
      await bridge.ask(room, "group move nobody@example.com Work", "is not one of your contacts");
      await bridge.ask(room, "groups list", "Büro & Co: 0 contacts\nOld friends: 1 contact");
      await bridge.ask(room, "group remove büro & co", "The group Büro & Co is removed");
    });

    it("may have the word in their names that stands between the old name and the new one", async () => {
      await bridge.ask(room, "group add Way to go", "You have a group Way to go now");
      await bridge.ask(room, "group rename Way to go to To and fro", "The group Way to go is called To and fro now");
    });

    it("are asked about before their contacts may go with them", async () => {
      await bridge.ask(room, "group add Friends", "You have a group");
      await bridge.ask(room, `group move ${NILS} Friends`, "is in the group");
      await bridge.ask(room, "group remove Friends", "in no other group than Friends");
      await bridge.ask(room, "no", "Nothing was done");
      await bridge.ask(room, "group list", "Friends: 1 contact");
      await bridge.ask(room, "group remove Friends", "Say yes to go on");
      await bridge.ask(room, "yes", "The group Friends is removed");
    });

    it("are the headings of the contacts", async () => {
      await bridge.ask(room, "group add Friends", "You have a group");
      await bridge.ask(room, `group move ${NILS} Friends`, "is in the group");
      const list = await bridge.ask(room, "contacts", "2 contacts");
      expect(list.body.split("\n").slice(1)).to.deep.equal([
        "Friends:",
        `Nils (${NILS}): busy`,
        "Other contacts:",
        `Olga (${OLGA}): offline`,
      ]);
      await bridge.ask(room, "contacts friends", "1 of 2 contacts");
    });
  });
}
