import { expect } from "chai";
import { STATUSES } from "../../src/msn/index.ts";
import { DECAY, OWNER, PresenceBench } from "../support/presence-bench.ts";

const MINUTE = 60_000;

describe("the presence of many contacts, for minutes", () => {
  let bench: PresenceBench;
  beforeEach(async () => void (bench = await PresenceBench.open()));
  afterEach(() => bench.close());

  it("keeps to five changes a second while 600 contacts change every five seconds, and the last state of each wins", async function () {
    const names = Array.from({ length: 600 }, (_, index) => `c${index}`);
    for (const name of names) bench.meet(name);
    const states = STATUSES.filter((status) => status !== "FLN");
    for (let turn = 0; turn < 12; turn += 1) {
      for (const [index, name] of names.entries()) bench.see(name, states[(index + turn) % states.length] ?? "NLN");
      await bench.pass(5000);
    }
    expect(bench.told.length).to.be.within(290, 305);
    for (const name of names) bench.see(name, name.endsWith("7") ? "PHN" : "AWY");
    await bench.pass(2 * MINUTE + 5000, 1000);
    for (const name of names)
      expect(bench.shown(name)).to.equal(name.endsWith("7") ? "online: On the phone" : "unavailable: Away");
    expect(bench.busiest()).to.be.at.most(5);
  });

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
