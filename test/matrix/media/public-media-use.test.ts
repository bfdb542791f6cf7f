import { expect } from "chai";
import { PublicMediaUse } from "../../../src/matrix/media/public-media-use.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const LIMITS = { atOnce: 3, atOnceByLink: 2, burst: 4, everyMs: 1000 };

describe("matrix/media/public-media-use", () => {
  const enter = (use: PublicMediaUse, link: string, holder: string): string => {
    const entered = use.enter(link, holder);
    return typeof entered === "string" ? entered : "in";
  };

  it("lets one holder in only so often, with whatever link, and others all the same", async () => {
    const clock = new FakeClock();
    const use = new PublicMediaUse({ ...LIMITS, atOnce: 100, atOnceByLink: 100 }, clock);
    const outcomes = ["a", "b", "a", "b", "a"].map((link) => enter(use, link, "one"));
    expect(outcomes).to.deep.equal(["in", "in", "in", "in", "too-often"]);
    expect(enter(use, "a", "other")).to.equal("in");
    await clock.advance(1000);
    expect([enter(use, "a", "one"), enter(use, "a", "one")]).to.deep.equal(["in", "too-often"]);
  });

  it("lets in only so many at once, by one link and in all, and more when they leave", () => {
    const use = new PublicMediaUse(LIMITS, new FakeClock());
    const entered = use.enter("a", "1");
    expect([enter(use, "a", "2"), enter(use, "a", "3")]).to.deep.equal(["in", "busy"]);
    expect([enter(use, "b", "3"), enter(use, "c", "4")]).to.deep.equal(["in", "busy"]);
    if (typeof entered === "string") throw new Error(entered);
    // Leaving twice makes no room for two.
    entered.leave();
    entered.leave();
    expect([enter(use, "c", "4"), enter(use, "d", "5")]).to.deep.equal(["in", "busy"]);
    expect(entered.signal.aborted).to.equal(false);
  });

  it("takes a place from whoever has the most for whoever has none, of a link and in all, and then no more", () => {
    const use = new PublicMediaUse({ ...LIMITS, burst: 100 }, new FakeClock());
    const greedy = [use.enter("a", "greedy"), use.enter("a", "greedy"), use.enter("b", "greedy")];
    const stopped = (): boolean[] => greedy.map((one) => typeof one === "string" || one.signal.aborted);
    expect(enter(use, "a", "greedy")).to.equal("busy");
    expect(enter(use, "a", "other")).to.equal("in");
    expect(stopped()).to.deep.equal([false, true, false]);
    expect(enter(use, "c", "third")).to.equal("in");
    expect(stopped()).to.deep.equal([false, true, true]);
    expect([enter(use, "c", "fourth"), enter(use, "c", "other")]).to.deep.equal(["busy", "busy"]);
    expect(stopped()).to.deep.equal([false, true, true]);
  });

  it("remembers only so many holders", () => {
    const use = new PublicMediaUse(
      { ...LIMITS, atOnce: 2000, atOnceByLink: 2000, burst: 1, everyMs: 1e9 },
      new FakeClock(),
    );
    expect([enter(use, "a", "first"), enter(use, "a", "first")]).to.deep.equal(["in", "too-often"]);
    for (let at = 0; at < 1000; at += 1) enter(use, "a", `holder ${at}`);
    expect(enter(use, "a", "first")).to.equal("in");
  });
});
