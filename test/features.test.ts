import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { testProblem } from "./support/named-tests.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../docs/features.md"), "utf8");
const DIRECTIONS = ["both", "MSN → Matrix", "Matrix → MSN", "–"];

describe("docs/features.md", () => {
  const rows = PAGE.split("\n")
    .map((line) => line.split(/(?<!\\)\|/u).map((cell) => cell.trim()))
    .filter(([start, what = "", , , end]) => start === "" && end === "" && what !== "what" && !/^-+$/u.test(what));

  it("names a direction and a test for every feature", () => {
    expect(rows.length).to.be.greaterThan(50);
    for (const [, what, direction = ""] of rows) expect(DIRECTIONS, what).to.include(direction);
    expect(rows.flatMap(([, , , test = ""]) => testProblem(test) ?? [])).to.deep.equal([]);
  });
});
