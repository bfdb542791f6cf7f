import { expect } from "chai";
import {
  compared,
  longestTurn,
  median,
  overRuns,
  percentile,
  verdictOf,
  type Limits,
} from "../../bench/report/figure.ts";

describe("the figures of the bench", () => {
  it("have the middle one as their median, or the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
  });

  it("have percentiles that are among them", () => {
    const numbers = Array.from({ length: 100 }, (_, at) => at + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(numbers, share))).to.deep.equal([50, 95, 99, 100]);
    expect(percentile([7], 0.5)).to.equal(7);
  });

  it("are compared run by run", () => {
    const runs = [
      { bridge: 1, floor: 2 },
      { bridge: 3, floor: 4 },
      { bridge: 9, floor: 10 },
    ];
    expect(compared("x", "", runs)).to.deep.equal({ what: "x", unit: "", bridge: 3, floor: 4, ratio: 0.75 });
  });

  it("of several runs are the medians, but of the longest turns the longest", () => {
    const runs = [3, 90, 5].map((value) => [{ what: "x", unit: "ms", bridge: value }, longestTurn(value, ", 10 rows")]);
    const limits: Limits = { of: "value", better: "less", must: 200 };
    expect(overRuns(runs)).to.deep.equal([
      { what: "x", unit: "ms", bridge: 5 },
      { what: "longest turn of the loop, 10 rows", unit: "ms", bridge: 90, limits },
    ]);
  });

  for (const [value, better, verdict] of [
    [0.7, "more", "goal"],
    [0.5, "more", "ok"],
    [0.4, "more", "missed"],
    [0.5, "less", "goal"],
    [0.8, "less", "missed"],
  ] as const)
    it(`of ${value} are ${verdict} where ${better} is better`, () => {
      const limits: Limits = { of: "value", better, must: better === "more" ? 0.45 : 0.7, goal: 0.6 };
      expect(verdictOf({ what: "x", unit: "", bridge: value, limits })).to.equal(verdict);
    });

  it("are not judged without limits, nor beside a goal alone that is missed", () => {
    const figure = { what: "x", unit: "", bridge: 1 };
    expect(verdictOf(figure)).to.equal("");
    expect(verdictOf({ ...figure, limits: { of: "value", better: "less", goal: 0.5 } })).to.equal("");
  });
});
