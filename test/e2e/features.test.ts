import { expect } from "chai";
import { EventType, MsgType, RelationType } from "matrix-js-sdk";
import { BOT, ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { Town } from "./support/town.ts";

const OLGA = "olga@example.com";

for (const [msn, words] of NETWORKS) {
  describe(`what an MSN user sees, over a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    beforeEach(async () => void (town = await Town.open(msn)));
    afterEach(() => town.close());

    it("a chat begins by inviting the contact, with the first words in the same breath", async () => {
      const { sandbox, alice } = town;
      await town.login();
      const nils = sandbox.contact(NILS, "Nils");
      const { room_id: room } = await alice.client.createRoom({ is_direct: true, invite: [ghostOf(NILS)] });
      await Promise.all([alice.say(room, "hello"), alice.waitForMember(room, ghostOf(NILS), "join")]);
      await until("hello", () => nils.received.some(({ text }) => text === "hello"));
      await nils.say(MIA.passport, "hi");
      await alice.waitForMessage(room, ({ body }) => body === "hi");
      expect(alice.invitesFrom(ghostOf(NILS))).to.deep.equal([]);
    });

    it("a chat of three has a room of its own with everybody in it", async () => {
      const { sandbox, alice } = town;
      await town.login();
      const nils = sandbox.contact(NILS, "Nils");
      const olga = sandbox.contact(OLGA, "Olga");
      await nils.gather(MIA.passport, OLGA);
      nils.sayToAll("party?");
      const room = await alice.joinInvited(({ inviter, isDirect }) => inviter === BOT && !isDirect);
      const { sender } = await alice.waitForMessage(room, ({ body }) => body === "party?");
      expect(sender).to.equal(ghostOf(NILS));
      await alice.waitForMember(room, ghostOf(OLGA), "join");
      await alice.say(room, "yes!");
      await until("both", () => [nils, olga].every(({ received }) => received.some(({ text }) => text === "yes!")));
      olga.leave(MIA.passport);
      await alice.waitForMember(room, ghostOf(OLGA), "leave");
    });

    it("a request is accepted with a reaction, and the contact is seen online, busy and offline", async () => {
      const { sandbox, alice } = town;
      const management = await town.login();
      const nils = sandbox.contact(NILS, "Nils");
      sandbox.befriend(NILS, MIA.passport);
      const notice = await alice.waitForMessage(management, ({ body }) => body.includes(NILS));
      await alice.client.sendEvent(management, EventType.Reaction, {
        "m.relates_to": { rel_type: RelationType.Annotation, event_id: notice.eventId, key: "✅" },
      });
      await nils.say(MIA.passport, "thanks");
      const room = await alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
      await alice.say(room, "you are welcome");
      const presence = (): string | undefined => alice.client.getUser(ghostOf(NILS))?.presence;
      const status = (): string | undefined => alice.client.getUser(ghostOf(NILS))?.presenceStatusMsg;
      await until("online", () => presence() === "online");
      nils.setStatus("BSY");
      await until("busy", () => status() === "Busy");
      nils.signOut();
      await until("offline", () => presence() === "offline");
    });

    it("looks, replies, pendingEdits, nudges and typing cross", async () => {
      const { sandbox, alice } = town;
      await town.login();
      const nils = sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello (L)");
      const room = await alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
      const hello = await alice.waitForMessage(room, ({ body }) => body === "hello ❤️" || body === "hello ❤");
      const bold = await alice.client.sendHtmlMessage(room, "important", "<b>important</b>");
      await until("bold", () => nils.received.some(({ format }) => format?.includes("EF=B") === true));
      await alice.client.sendMessage(room, {
        msgtype: MsgType.Text,
        body: "indeed",
        "m.relates_to": { "m.in_reply_to": { event_id: hello.eventId } },
      });
      await until("the reply", () => nils.received.some(({ text }) => text.startsWith("> Nils: hello")));
      await alice.client.sendMessage(room, {
        msgtype: MsgType.Text,
        body: "* urgent",
        "m.new_content": { msgtype: MsgType.Text, body: "urgent" },
        "m.relates_to": { rel_type: RelationType.Replace, event_id: bold.event_id },
      });
      await until("the correction", () => nils.received.some(({ text }) => text === "* urgent"));
      await alice.client.sendTyping(room, true, 5000);
      await until("typing on MSN", () => nils.typing.includes(MIA.passport));
      await nils.sayTyping(MIA.passport);
      const isTyping = (): boolean => alice.client.getRoom(room)?.getMember(ghostOf(NILS))?.typing === true;
      await until("typing on Matrix", isTyping);
      await nils.nudge(MIA.passport);
      await alice.waitForMessage(room, ({ body, msgtype }) => msgtype === "m.emote" && body.includes("nudge"));
    });
  });
}
