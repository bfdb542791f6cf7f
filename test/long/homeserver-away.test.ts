import { expect } from "chai";
import { FakeClock } from "../support/fake-clock.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const COUNT = 5000;
const MINUTES = 2;
const MEGABYTE = 1024 * 1024;

describe("a homeserver that is away", () => {
  it("gets 5,000 messages that came in meanwhile in order, and they cost no memory while they wait", async function () {
    const clock = new FakeClock(Date.now());
    const bridge = await TestBridge.open();
    try {
      await bridge.start(clock);
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "first");
      const room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "first");
      bridge.captured.mute();
      const before = process.memoryUsage().rss;

      bridge.fake.fail({ path: /^\/_matrix\/client\//u, times: Number.POSITIVE_INFINITY });
      for (let index = 0; index < COUNT; index += 1) await nils.say(MIA.passport, `m ${index}`);
      let most = 0;
      for (let second = 0; second < MINUTES * 60; second += 1) {
        await clock.advance(1000);
        // What goes over sockets needs its time; the clock moves on only by our hand.
        await new Promise((resolve) => setTimeout(resolve, 5));
        most = Math.max(most, process.memoryUsage().rss - before);
      }
      expect(bridge.alice.messages(room)).to.have.length(1);
      expect(most / MEGABYTE).to.be.lessThan(60);

      bridge.fake.calm();
      const shown = (): string[] =>
        bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
      await clock.advance(60_000);
      await until(
        "all of them",
        () => bridge.fake.room(room).timeline.length > COUNT && shown().length > COUNT,
        5 * 60_000,
      );
      expect(shown()).to.deep.equal(["first", ...Array.from({ length: COUNT }, (_, index) => `m ${index}`)]);
      // The session with MSN has lived through it.
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
      bridge.alice.say(management, "status");
      await bridge.reads(bridge.alice, management, "signed in since");
    } finally {
      await bridge.close();
    }
  });
});
