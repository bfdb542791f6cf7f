import { expect } from "chai";
import type { Machine } from "../../bench/report/machine.ts";
import { measured } from "../../bench/report/page.ts";
import { joinResults, type CaseResult } from "../../bench/report/results.ts";

const ORDER = ["first", "second", "third"];
const machine: Machine = {
  processor: "One",
  cores: 2,
  memoryGb: 8,
  system: "Linux",
  node: "24.0.0",
  sqlite: "3.50.0",
  bridge: "1.0.0",
  commitUs: 100,
};

function result(name: string, value: number, runs = 5): CaseResult {
  return { name, title: name, day: "2026-01-02", runs, figures: [{ what: "it", unit: "ms", bridge: value }] };
}

describe("the results of the bench", () => {
  it("keep what was not measured again, in the order of the cases, and nothing of a case that failed", () => {
    const before = [result("first", 1), result("second", 2), result("third", 3)];
    const { cases } = joinResults(before, { machine, finished: [result("third", 30)], failed: ["first"] }, ORDER);
    expect(cases.map(({ name, figures }) => [name, figures[0]?.bridge])).to.deep.equal([
      ["second", 2],
      ["third", 30],
    ]);
  });

  it("have a page that says how often each case was run, and which are not finished", () => {
    const page = (cases: CaseResult[]): string => measured({ machine, cases }, ORDER);
    const some = page([result("first", 1, 5), result("third", 3, 2)]);
    expect(some).to.contain("first 5, third 2.");
    expect(some).to.contain("Not finished, so without figures: `second`.");
    expect(page(ORDER.map((name) => result(name, 1)))).not.to.contain("Not finished");
  });
});
