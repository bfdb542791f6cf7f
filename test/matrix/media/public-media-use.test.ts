import { expect } from "chai";
import { PublicMediaUse } from "../../../src/matrix/media/public-media-use.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const LIMITS = { atOnce: 3, atOnceByLink: 2, burst: 4, everyMs: 1000 };

describe("matrix/media/public-media-use", () => {
  const enter = (use: PublicMediaUse, link: string): string => {
    const leave = use.enter(link);
    return typeof leave === "string" ? leave : "in";
  };

  it("lets one link in only so often, whoever uses it, and others all the same", async () => {
    const clock = new FakeClock();
    const use = new PublicMediaUse({ ...LIMITS, atOnce: 100, atOnceByLink: 100 }, clock);
    const outcomes: string[] = [];
    for (const link of ["a", "a", "a", "a", "a", "b"]) outcomes.push(enter(use, link));
    expect(outcomes).to.deep.equal(["in", "in", "in", "in", "too-often", "in"]);
    await clock.advance(1000);
    expect([enter(use, "a"), enter(use, "a")]).to.deep.equal(["in", "too-often"]);
  });

  it("lets in only so many at once, by one link and in all, and more when they leave", () => {
    const use = new PublicMediaUse(LIMITS, new FakeClock());
    const leave = use.enter("a");
    expect([enter(use, "a"), enter(use, "a")]).to.deep.equal(["in", "busy"]);
    expect([enter(use, "b"), enter(use, "c")]).to.deep.equal(["in", "busy"]);
    if (typeof leave === "string") throw new Error(leave);
    // Leaving twice makes no room for two.
    leave();
    leave();
    expect([enter(use, "c"), enter(use, "d")]).to.deep.equal(["in", "busy"]);
  });

  it("remembers only so many links, and those that are in use", () => {
    const use = new PublicMediaUse({ ...LIMITS, atOnce: 2, burst: 1, everyMs: 1e9 }, new FakeClock());
    const leave = use.enter("left");
    if (typeof leave !== "string") leave();
    expect(enter(use, "used")).to.equal("in");
    for (let link = 0; link < 1000; link += 1) {
      const out = use.enter(`link ${link}`);
      if (typeof out !== "string") out();
    }
    expect([enter(use, "used"), enter(use, "left")]).to.deep.equal(["too-often", "in"]);
  });
});
