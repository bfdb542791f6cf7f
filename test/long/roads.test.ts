import { expect } from "chai";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const COUNT = 200;
const numbered = (word: string): string[] => Array.from({ length: COUNT }, (_, index) => `${word} ${index}`);

for (const [msn, words] of NETWORKS) {
  describe(`both roads at once, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    beforeEach(async () => void (bridge = await TestBridge.started({ msn })));
    afterEach(() => bridge.close());

    it("keeps 200 messages each way complete and in order, both at once", async function () {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "first");
      const room = await bridge.joinRoomOf(NILS);
      const said = Promise.all(numbered("from msn").map((text) => nils.say(MIA.passport, text)));
      for (const text of numbered("from matrix")) bridge.alice.say(room, text);
      await said;
      await until("all on MSN", () => nils.received.length >= COUNT);
      const shown = (): string[] =>
        bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
      await until("all on Matrix", () => shown().length > COUNT);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(numbered("from matrix"));
      expect(shown()).to.deep.equal(["first", ...numbered("from msn")]);
    });
  });
}
