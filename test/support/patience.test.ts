import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const TESTS = join(import.meta.dirname, "..");
const LEAST_MS = 60_000;

// What a test waits for may take long on a small machine with other work to do; that is no failure.
const DEADLINES = [
  // Mocha's own, for one test or for a suite.
  /\.timeout\((?<ms>[\d_]+)\)/gu,
  /\bwithTimeout\(\s*systemClock,\s*(?<ms>[\d_]+)/gu,
  // The last argument of until(), which prettier puts on a line by itself where the call is long.
  /\buntil\([^;]*?,\s*(?<ms>[\d_]+),?\s*\)[;,)]/gu,
];

function deadlines(source: string): number[] {
  return DEADLINES.flatMap((deadline) =>
    [...source.matchAll(deadline)].map(({ groups }) => Number(groups?.["ms"]?.replaceAll("_", ""))),
  );
}

describe("waits in tests", () => {
  it("are found, however they are written", () => {
    expect(deadlines("this.timeout(20_000);")).to.deep.equal([20_000]);
    expect(deadlines("  }).timeout(500);")).to.deep.equal([500]);
    expect(deadlines("await withTimeout(systemClock, 4000, changed, late);")).to.deep.equal([4000]);
    expect(deadlines('await until("all", () => shown().length === 3, 15_000);')).to.deep.equal([15_000]);
    expect(deadlines('await until(\n  "all",\n  () => shown().length === 3,\n  15_000,\n);')).to.deep.equal([15_000]);
    expect(deadlines('await until("all", () => shown().length === 3);\nawait run(4);')).to.deep.equal([]);
    expect(deadlines('await until("two", () => numbers.join() === [1, 2].join());')).to.deep.equal([]);
  });

  it("give up after a minute at the earliest", () => {
    const short = readdirSync(TESTS, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && name !== join("support", "patience.test.ts"))
      .filter((name) => deadlines(readFileSync(join(TESTS, name), "utf8")).some((ms) => ms < LEAST_MS));
    expect(short).to.deep.equal([]);
  });
});
