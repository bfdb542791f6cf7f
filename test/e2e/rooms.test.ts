import { expect } from "chai";
import { EventType } from "matrix-js-sdk";
import { BOT, ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { ownSynapseWithSeat } from "./support/shared-synapse.ts";
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
        await alice.leave(room);
        await nils.say(MIA.passport, "where did you go?");
        const next = await alice.joinInvited(({ inviter, roomId }) => inviter === ghostOf(NILS) && roomId !== room);
        await alice.waitForMessage(next, ({ body }) => body === "where did you go?");
        await alice.say(next, "I am back");
        await until("I am back", () => nils.received.some(({ text }) => text === "I am back"));
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
      await alice.waitForMessage(encrypted, ({ body }) => body.includes("I cannot read encrypted messages"));
      await alice.waitForMessage(room, ({ body }) => body.includes("Say help"));
      await alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      await alice.waitForMessage(room, ({ body }) => body.includes("You are signed in"));
      await until("the redaction", () => alice.messages(room).some(({ redacted }) => redacted));
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
