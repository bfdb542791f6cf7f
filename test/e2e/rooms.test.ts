import { expect } from "chai";
import { EventType } from "matrix-js-sdk";
import { BOT, ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { newPerson, ownSynapseWithSeat } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

for (const [msn, words] of NETWORKS) {
  describe(`rooms on a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    afterEach(() => town.close());

    for (const version of ["11", "12"]) {
      it(`of version ${version}: both ways, left, and made again for the next message`, async () => {
        const own = await ownSynapseWithSeat(`default_room_version: "${version}"\n`);
        town = await Town.open(msn, own);
        const { sandbox, alice } = town;
        await town.login();
        const nils = sandbox.contact(NILS, "Nils");
        await nils.say(MIA.passport, "hello");
        const room = await alice.joinInvited(({ inviter, isDirect }) => inviter === ghostOf(NILS) && isDirect);
        await alice.waitForMessage(room, ({ body }) => body === "hello");
        expect(alice.client.getRoom(room)?.getVersion()).to.equal(version);
        const eventId = await alice.say(room, "hello Nils");
        await until("hello Nils", () => nils.received.length === 1);
        await until(
          "a receipt of the ghost",
          () => alice.client.getRoom(room)?.getEventReadUpTo(ghostOf(NILS)) === eventId,
        );
        const hello = alice.messages(room).find(({ body }) => body === "hello");
        await alice.redact(room, hello?.eventId ?? "");
        await alice.client.setRoomName(room, "Little brother");
        await alice.client.sendStateEvent(room, EventType.RoomAvatar, { url: "mxc://localhost/picture" }, "");
        const encryption = { algorithm: "m.megolm.v1.aes-sha2" } as const;
        const encrypting = alice.client.sendStateEvent(room, EventType.RoomEncryption, encryption, "");
        expect(
          await encrypting.then(
            () => "allowed",
            () => "refused",
          ),
        ).to.equal("refused");
        await alice.leave(room);
        await nils.say(MIA.passport, "where did you go?");
        const next = await alice.joinInvited(({ inviter, roomId }) => inviter === ghostOf(NILS) && roomId !== room);
        await alice.waitForMessage(next, ({ body }) => body === "where did you go?");
        await alice.say(next, "I am back");
        await until("I am back", () => nils.received.some(({ text }) => text === "I am back"));
        await until("its name", () => alice.client.getRoom(next)?.name === "Little brother");
        await alice.say(next, `${BOT} unbridge`);
        await alice.waitForMessage(next, ({ body }) => body.includes("This room leads nowhere any more"));
        const { events } = await until("the ghost has left", () => {
          const member = alice.client.getRoom(next)?.getMember(ghostOf(NILS));
          return member?.membership === "leave" && member;
        });
        expect(events.member?.getContent()["reason"]).to.equal("You disconnected this room from MSN with unbridge.");
        // The homeserver gives our own events back to us; none of them may cross, and every row is settled by then.
        expect(nils.received.map(({ text }) => text)).to.deep.equal(["hello Nils", "I am back"]);
      });
    }

    it("that are encrypted: the bot says so and invites to one that is not", async () => {
      town = await Town.open(msn);
      const { alice } = town;
      const { room_id: encrypted } = await alice.client.createRoom({
        is_direct: true,
        invite: [BOT],
        initial_state: [
          { type: EventType.RoomEncryption, state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } },
        ],
      });
      const room = await alice.joinInvited(({ inviter, roomId }) => inviter === BOT && roomId !== encrypted);
      const told = ({ body }: { body: string }): boolean => body.includes("I cannot read encrypted messages");
      const { body: link } = await alice.waitForMessage(encrypted, told);
      expect(link).to.include(`https://matrix.to/#/${encodeURIComponent(room)}?via=localhost`);
      await until("its name", () => alice.client.getRoom(room)?.name === "MSN bridge, without encryption");
      await alice.waitForMember(encrypted, BOT, "leave");
      await alice.waitForMessage(room, ({ body }) => body.includes("Say help"));
      await alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      await alice.waitForMessage(room, ({ body }) => body.includes("You are signed in"));
      await until("the redaction", () => alice.messages(room).some(({ redacted }) => redacted));
    });

    it("with others: no password is asked or used there", async () => {
      town = await Town.open(msn);
      const { alice, sandbox } = town;
      const room = await alice.directRoomWith(BOT);
      await alice.waitForMessage(room, ({ body }) => body.includes("Say help"));
      await alice.say(room, `MSN bridge bot: login sandbox ${MIA.passport}`);
      await alice.waitForMessage(room, ({ body }) => body.includes("What is the password"));
      const ben = await newPerson("ben");
      ben.stop();
      await alice.client.invite(room, ben.userId);
      await alice.waitForMessage(room, ({ body }) => body.includes("Do not type your password"));
      await alice.say(room, MIA.password);
      await until("the redaction", () => alice.messages(room).some(({ redacted }) => redacted));
      expect(sandbox.sessions(MIA.passport)).to.equal(0);
    });

    it("that the homeserver encrypts by force: everybody is told what to change", async () => {
      const own = await ownSynapseWithSeat("encryption_enabled_by_default_for_room_type: all\n");
      town = await Town.open(msn, own);
      const { alice, captured } = town;
      const { room_id: room } = await alice.client.createRoom({ is_direct: true, invite: [BOT] });
      await alice.waitForMessage(room, ({ body }) => body.includes("encryption_enabled_by_default_for_room_type: off"));
      expect(captured.messages("error").join()).to.include("set encryption_enabled_by_default_for_room_type to off");
    });
  });
}
