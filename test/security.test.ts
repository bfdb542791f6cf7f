import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { testProblem } from "./support/named-tests.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../docs/security.md"), "utf8");
// Whom each part of the page is about, by a word of its title.
const PEERS = ["contact", "MSN server", "Matrix users", "forged homeserver", "data folder", "admin"];

describe("docs/security.md", () => {
  const parts = PAGE.split(/^## /mu).slice(1);
  const rows = PAGE.split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:threat |---)/u.test(line))
    .map((line) => line.split(/(?<!\\)\|/u).map((cell) => cell.trim()));

  it("has threats from every kind of peer", () => {
    for (const peer of PEERS) {
      const part = parts.find((one) => one.split("\n", 1)[0]?.includes(peer));
      expect(part?.match(/^\| /gmu)?.length, peer).to.be.greaterThan(4);
    }
  });

  it("names a defence, a test that there is, and what is left, for every threat", () => {
    expect(rows.length).to.be.greaterThan(40);
    for (const [, ...cells] of rows) {
      expect(cells.length, cells[0]).to.equal(5);
      expect(cells.slice(0, 4), cells[0]).not.to.include("");
    }
    expect(
      rows.flatMap(([, , , tests = ""]) => tests.split(/, (?=`test)/u).flatMap((test) => testProblem(test) ?? [])),
    ).to.deep.equal([]);
  });
});
