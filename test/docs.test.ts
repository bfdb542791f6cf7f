import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect } from "chai";
import { parseTranscript } from "./support/transcript.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = readFileSync(join(ROOT, "docs/msnp.md"), "utf8");

const HEADING = /^(#{2,3}) (\d+(?:\.\d+)?) \S/gmu;
const NUMBER = String.raw`\d+(?:\.\d+)?(?:\(\d+\))?`;
// `docs/msnp.md 4.1 and 8.1(20)`: the page and every place behind it.
const CITATION = new RegExp(String.raw`docs/msnp\.md((?:(?:, | and | to |-| )${NUMBER})*)`, "gu");

/** Every place of the page that can be cited: `4`, `4.1`, and `8.1(20)` for the numbered items of a section. */
function placesOf(page: string): string[] {
  return page
    .replaceAll(/^```.*?^```$/gmsu, "")
    .split(/^(?=##)/mu)
    .flatMap((part) => {
      const [, , section] = [...part.matchAll(HEADING)][0] ?? [];
      if (section === undefined) return [];
      const items = [...part.matchAll(/^(\d+)\. /gmu)].map(([, item]) => `${section}(${item})`);
      return [section].concat(items);
    });
}

/** The citations in a source text, each with the places it names. One that names no place has an empty list. */
function citationsIn(source: string): string[][] {
  // A comment may break the line anywhere.
  const text = source.replaceAll(/\s*\n\s*(?:\/\/|\*(?!\/))?\s*/gu, " ");
  return [...text.matchAll(CITATION)].map(([, places = ""]) => places.match(new RegExp(NUMBER, "gu")) ?? []);
}

/** What is wrong with the citations in a source text. */
function brokenCitations(source: string, places: ReadonlySet<string>): string[] {
  return citationsIn(source).flatMap((cited) =>
    cited.length === 0 ? ["no section named"] : cited.filter((place) => !places.has(place)),
  );
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== import.meta.filename);
}

describe("docs/msnp.md", () => {
  const places = new Set(placesOf(PAGE));

  it("has every section that the code cites", () => {
    const sources = [...sourceFiles("src"), ...sourceFiles("test")].map((path) => ({
      path: relative(ROOT, path),
      source: readFileSync(path, "utf8"),
    }));
    const broken = sources.flatMap(({ path, source }) =>
      brokenCitations(source, places).map((place) => `${path}: ${place}`),
    );
    expect(broken).to.deep.equal([]);
    expect(sources.flatMap(({ source }) => citationsIn(source)).length).to.be.greaterThan(50);
  });

  it("numbers its sections and its quirks without a gap", () => {
    const sections = [...PAGE.matchAll(HEADING)].map(([, marks, section = ""]) => ({ marks, section }));
    let [chapter, below] = [0, 0];
    for (const { marks, section } of sections) {
      [chapter, below] = marks === "##" ? [chapter + 1, 0] : [chapter, below + 1];
      expect(section).to.equal(marks === "##" ? `${chapter}` : `${chapter}.${below}`);
    }
    const quirks = [...places].filter((place) => place.startsWith("8.1("));
    expect(quirks).to.deep.equal(quirks.map((_, at) => `8.1(${at + 1})`));
    expect(quirks).to.have.length(28);
  });

  it("refers to sections of its own that there are", () => {
    const named = [...PAGE.matchAll(/\bsections? (\d+(?:\.\d+)?)(?:, quirk (\d+)| and (\d+(?:\.\d+)?))?/gu)];
    const cited = named.flatMap(([, first = "", quirk, second]) => {
      if (quirk !== undefined) return [`${first}(${quirk})`];
      return second === undefined ? [first] : [first, second];
    });
    expect(cited.filter((place) => !places.has(place))).to.deep.equal([]);
    expect(cited).to.include.members(["1.4", "4.5", "8.1(1)"]);
  });

  it("gives the true length of every payload in its dialogues", () => {
    const dialogues = [...PAGE.matchAll(/^```msnp\n(.*?)^```$/gmsu)].map(([, text = ""]) => text);
    const lengths = dialogues.flatMap((text) => {
      const lines = text.split("\n");
      return lines.flatMap((line, at) => {
        if (!/^[CS]\| /u.test(line)) return [];
        const [payload] = parseTranscript(line);
        return [{ said: Number(lines[at - 1]?.split(" ").at(-1)), is: payload?.bytes.length }];
      });
    });
    expect(lengths.map(({ said }) => said)).to.deep.equal(lengths.map(({ is }) => is));
    expect(lengths.length).to.be.greaterThan(1);
  });

  it("would notice a wrong citation, however it is written", () => {
    const table: ReadonlyArray<readonly [source: string, broken: readonly string[]]> = [
      ["// docs/msnp.md 4.1: so", []],
      ["/** Why (docs/msnp.md 2 and 3.1). */", []],
      ["// docs/msnp.md 4.9: so", ["4.9"]],
      ["// docs/msnp.md 1.1 and 1.9, 3.2.", ["1.9"]],
      ["// docs/msnp.md 2.2-2.40", ["2.40"]],
      ["// docs/msnp.md 11. More", ["11"]],
      ["/** So it is (docs/msnp.md\n * 3.99). */", ["3.99"]],
      ["// as it is in docs/msnp.md\n  // 4.4 and 8.1(23)", []],
      ["// docs/msnp.md 8.1(29)", ["8.1(29)"]],
      ["// docs/msnp.md 4.4(1)", ["4.4(1)"]],
      ['// docs/msnp.md, "Quirks" (2)', ["no section named"]],
    ];
    for (const [source, broken] of table) expect(brokenCitations(source, places), source).to.deep.equal(broken);
  });
});
