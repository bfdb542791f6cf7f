import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";
import { ghostOf, MIA, NETWORKS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import type { WebServer } from "../support/web-server.ts";
import { countingProxy } from "./support/counting-proxy.ts";
import { bridgeSeat, sharedSynapse } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const COUNT = 80;
// What is shown of presence is looked at every five seconds, so that this takes two looks.
const EVERY_MS = 150;

for (const [msn, words] of NETWORKS) {
  describe(`messages into rooms that exist, on a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    let proxy: { server: WebServer; requests: readonly string[] };
    afterEach(async () => {
      await town.close();
      await proxy.server.stop();
    });

    it("are sent, and no presence is told without a change", async () => {
      const seat = bridgeSeat();
      proxy = await countingProxy(seat.homeserverPort);
      const homeserver = { address: proxy.server.url.replace(/\/$/u, ""), domain: "localhost" };
      town = await Town.open(msn, { synapse: sharedSynapse(), seat }, { homeserver });
      const { sandbox, alice } = town;
      const presences = (): string[] => proxy.requests.filter((one) => /^PUT .*\/presence\//u.test(one));
      const chats: Array<{ contact: ReturnType<typeof sandbox.contact>; room: string }> = [];
      const contacts = ["nils", "olga", "pete", "rosa"].map((name) => sandbox.contact(`${name}@example.com`, name));
      for (const { passport } of contacts) sandbox.befriend(MIA.passport, passport, true);
      await town.login();
      for (const contact of contacts) {
        await contact.say(MIA.passport, "hello");
        const room = await alice.joinInvited(({ inviter }) => inviter === ghostOf(contact.passport));
        await alice.waitForMessage(room, ({ body }) => body === "hello");
        chats.push({ contact, room });
      }
      await until("all are seen", () => new Set(presences()).size === chats.length);
      const before = proxy.requests.length;
      for (let turn = 0; turn < COUNT / chats.length; turn += 1)
        for (const { contact } of chats) {
          await contact.say(MIA.passport, `word ${turn}`);
          await sleep(EVERY_MS);
        }
      for (const { room } of chats)
        await alice.waitForMessage(room, ({ body }) => body === `word ${COUNT / chats.length - 1}`);
      const asked = proxy.requests.slice(before);
      expect(asked.filter((one) => /^PUT .*\/send\/m\.room\.message\//u.test(one))).to.have.length(COUNT);
      expect(asked.filter((one) => !/\/send\/|\/state\/m\.room\.member\//u.test(one))).to.deep.equal([]);
      // Who is there is asked only where the homeserver takes longer than a second to give a message back.
      expect(asked.filter((one) => /^GET .*\/state\/m\.room\.member\//u.test(one)).length).to.be.below(COUNT / 4);
      const told = presences().length;
      chats[0]?.contact.setStatus("BSY");
      await until("a change", () => presences().length > told);
    });
  });
}
