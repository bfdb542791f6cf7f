import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { testProblem } from "./support/named-tests.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = readFileSync(join(ROOT, "docs/msn-library.md"), "utf8");

/** A row of the page's tables of names. */
interface Row {
  readonly twisted: string;
  readonly ours: readonly string[];
  readonly test: string;
}

function rowsOf(page: string): Row[] {
  const cells = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  return cells.flatMap(([, twisted = "", , ours = "", test, end]) => {
    if (test === undefined || end === undefined || twisted === "Twisted" || /^-+$/u.test(twisted)) return [];
    return [{ twisted, ours: [...ours.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name), test }];
  });
}

const SOURCES: readonly string[] = readdirSync(join(ROOT, "src/msn"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

/** Whether `Name` is declared, `Name.member` in the same file, or `kind` is written there as a string. */
function isDeclared(name: string): boolean {
  const [first = "", member] = name.split(".");
  const declaration = new RegExp(String.raw`\b(?:class|interface|type|const|function) ${first}\b`, "u");
  const use = new RegExp(String.raw`\b${member ?? first}\b`, "u");
  return SOURCES.some((source) =>
    member === undefined && /^[a-z-]+$/u.test(first) && !declaration.test(source)
      ? source.includes(`"${first}"`)
      : declaration.test(source) && use.test(source),
  );
}

describe("docs/msn-library.md", () => {
  const rows = rowsOf(PAGE);

  it("has a row for everything", () => {
    expect(rows.length).to.be.greaterThan(90);
    expect(rows.filter(({ ours }) => ours.length === 0).map(({ twisted }) => twisted)).to.deep.equal([]);
  });

  it("names nothing of ours that is not there", () => {
    const gone = rows.flatMap(({ twisted, ours }) =>
      ours.filter((name) => !isDeclared(name)).map((name) => `${twisted}: ${name}`),
    );
    expect(gone).to.deep.equal([]);
  });

  it("names tests that are there", () => {
    expect(rows.flatMap(({ test }) => testProblem(test) ?? [])).to.deep.equal([]);
  });

  it("would notice what is not there", () => {
    for (const name of ["MsnServant", "MsnClient.connectTwice", "not-a-kind"]) {
      expect(isDeclared(name), name).to.equal(false);
    }
    expect(testProblem('`test/msn/gone.test.ts` "x"')).to.equal("there is no test/msn/gone.test.ts");
    expect(testProblem('`test/msn/client.test.ts` "sings"')).to.equal('test/msn/client.test.ts has no "sings"');
    expect(testProblem("some test")).to.equal("no test: some test");
  });
});
