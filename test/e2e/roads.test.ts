import { expect } from "chai";
import { BOT, ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { sharedSynapse } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const COUNT = 200;
const numbered = (word: string): string[] => Array.from({ length: COUNT }, (_, index) => `${word} ${index}`);

for (const [msn, words] of NETWORKS) {
  describe(`the two roads over a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    beforeEach(async () => void (town = await Town.open(msn)));
    afterEach(() => town.close());

    it("carries 200 messages each way at once, complete and in order", async () => {
      const { sandbox, alice } = town;
      await town.login();
      const nils = sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "first");
      const room = await alice.joinInvited(({ inviter, isDirect }) => inviter === ghostOf(NILS) && isDirect);
      const said = Promise.all(numbered("from msn").map((text) => nils.say(MIA.passport, text)));
      for (const text of numbered("from matrix")) await alice.say(room, text);
      await said;
      await until("all on MSN", () => nils.received.length >= COUNT);
      const shown = (): string[] =>
        alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
      await until("all on Matrix", () => shown().length > COUNT);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(numbered("from matrix"));
      expect(shown()).to.deep.equal(["first", ...numbered("from msn")]);
      expect(alice.members(room).map(({ displayName }) => displayName)).to.include("Nils");
    });

    it("removes the password where it may, and says so where it may not", async () => {
      const { alice, captured } = town;
      const trusted = await town.login();
      await until("the redaction", () => alice.messages(trusted).some(({ redacted }) => redacted));
      expect(alice.messages(trusted).some(({ body }) => body.includes(MIA.password))).to.equal(false);
      const own = await alice.directRoomWith(BOT, "private_chat");
      await alice.waitForMessage(own, ({ body }) => body.includes("Say help"));
      await alice.say(own, `login sandbox ${MIA.passport} wrong`);
      await alice.waitForMessage(own, ({ body }) => body.includes("please delete it yourself"));
      expect(captured.lines.filter((line) => line.includes(MIA.password))).to.deep.equal([]);
    });

    it("tells what was not delivered, and carries on after a restart of the homeserver", async () => {
      const { sandbox, alice } = town;
      const management = await town.login();
      const nils = sandbox.contact(NILS, "Nils");
      nils.signOut();
      await alice.say(management, `start-chat ${NILS}`);
      const room = await alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
      await alice.say(room, "are you there?");
      await alice.waitForMessage(room, ({ body }) => body.includes("was not delivered"));
      nils.signIn();
      await sharedSynapse().restart();
      const sent = async (): Promise<boolean> => alice.say(room, "and now?").then(Boolean, () => false);
      await until("said", sent);
      await until("and now", () => nils.received.some(({ text }) => text === "and now?"));
      await nils.say(MIA.passport, "now I am");
      await alice.waitForMessage(room, ({ body }) => body === "now I am", 60_000);
      await alice.say(management, "ping");
      await alice.waitForMessage(management, ({ body }) => /answered in \d+ ms/u.test(body));
    });
  });
}
