import { expect } from "chai";
import { DECAY, OWNER, PresenceBench } from "../support/presence-bench.ts";

describe("the presence of many contacts, for minutes", () => {
  let bench: PresenceBench;
  beforeEach(async () => void (bench = await PresenceBench.open()));
  afterEach(() => bench.close());

  it("keeps those online who are shown, where more want refreshing than it may tell of", async () => {
    await bench.close();
    bench = await PresenceBench.open(1);
    bench.fake.world.presence.decay = DECAY;
    const names = Array.from({ length: 90 }, (_, index) => `c${index}`);
    for (const name of names) {
      bench.meet(name);
      bench.see(name, "NLN");
    }
    const changes = new Map<string, number>();
    const shown = new Map<string, string>();
    for (let second = 0; second < 9 * 60; second += 1) {
      bench.activity.seen(OWNER);
      await bench.pass(1000, 1000);
      if (second < 4 * 60) continue;
      for (const name of names) {
        const now = bench.shown(name);
        if (now !== (shown.get(name) ?? now)) changes.set(name, (changes.get(name) ?? 0) + 1);
        shown.set(name, now);
      }
    }
    expect([...shown.values()].filter((state) => state === "online").length).to.be.at.least(40);
    expect(changes.size).to.be.at.most(25);
  });
});
