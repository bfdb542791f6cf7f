import { expect } from "chai";
import { BOT, ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { ownSynapseWithSeat } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const OLGA = "olga@example.com";
const PETE = "pete@example.com";

for (const [msn, words] of NETWORKS) {
  describe(`chats of several on a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    afterEach(() => town.close());

    for (const version of ["11", "12"]) {
      it(`in rooms of version ${version}: people come, are called by an invitation, refuse, and leave`, async () => {
        const own = await ownSynapseWithSeat(`default_room_version: "${version}"\n`);
        town = await Town.open(msn, own);
        const { sandbox, alice } = town;
        await town.login();
        const [nils, olga, pete] = [
          sandbox.contact(NILS, "Nils"),
          sandbox.contact(OLGA, "Olga"),
          sandbox.contact(PETE, "Pete"),
        ];
        await nils.gather(MIA.passport, OLGA);
        nils.sayToAll("hello everybody");
        const room = await alice.joinInvited(({ inviter, isDirect }) => inviter === BOT && !isDirect);
        await alice.waitForMessage(room, ({ body }) => body === "hello everybody");
        for (const passport of [NILS, OLGA]) await alice.waitForMember(room, ghostOf(passport), "join");
        expect(alice.client.getRoom(room)?.name).to.equal("Nils, Olga");
        await alice.say(room, "hello you two");
        await until("both have it", () => [nils, olga].every(({ received }) => received.length > 0));

        await alice.client.setRoomName(room, "The gang");
        await alice.leave(room);
        await until("Mia has left the chat", () => !nils.others.includes(MIA.passport));
        await nils.call(MIA.passport);
        olga.sayToAll("come back");
        const next = await alice.joinInvited(({ inviter, roomId }) => inviter === BOT && roomId !== room);
        await alice.waitForMessage(next, ({ body, sender }) => body === "come back" && sender === ghostOf(OLGA));
        expect(alice.client.getRoom(next)?.name).to.equal("The gang");

        await alice.client.invite(next, ghostOf(PETE));
        await alice.waitForMember(next, ghostOf(PETE), "join");
        pete.sayToAll("here I am");
        await alice.waitForMessage(next, ({ body, sender }) => body === "here I am" && sender === ghostOf(PETE));
        pete.leaveAll();
        await alice.waitForMember(next, ghostOf(PETE), "leave");
        pete.signOut();
        await alice.client.invite(next, ghostOf(PETE));
        await alice.waitForMessage(next, ({ body }) => body.includes("Pete could not be called"));
        await until("declined", async () => {
          const { membership } = await alice.client.getStateEvent(next, "m.room.member", ghostOf(PETE));
          return membership === "leave";
        });
      });
    }
  });
}
