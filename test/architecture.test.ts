import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { expect } from "chai";
import {
  cycles,
  importProblems,
  importsOf,
  strayTests,
  textProblems,
  unreached,
  type Files,
} from "./support/architecture.ts";
import { bagSpreads, namesTwice } from "./measure/figures.ts";
import { FOLDERS, NAMES_TWICE, SOLE, TEXTS } from "./support/architecture-rules.ts";

function list(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"));
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).toSorted();
}

function inMemory(...files: ReadonlyArray<readonly [path: string, text: string]>): Files {
  return new Map(files);
}

/** Three files of which two import each other, one of them with `word`. */
function circle(word: string): Files {
  return inMemory(
    ["util/a.ts", 'import { b } from "./b.ts";'],
    ["util/b.ts", 'import { c } from "./c.ts";'],
    ["util/c.ts", `${word} { b } from "./b.ts";`],
  );
}

describe("the architecture", () => {
  const src = join(import.meta.dirname, "../src");
  const files: Files = new Map(list(src).map((file) => [file, readFileSync(join(src, file), "utf8")]));

  it("is read from real files", () => {
    expect(files.size).to.be.greaterThan(50);
    expect(importsOf("start.ts", files.get("start.ts") ?? "")).to.deep.include({
      from: "start.ts",
      to: "store/store.ts",
    });
    const specifiers = [...files.values()].join("\n").match(/\bfrom "[^"]+";$/gmu) ?? [];
    const found = [...files].flatMap(([file, text]) => importsOf(file, text));
    expect(found.length).to.be.at.least(specifiers.length);
  });

  it("has folders that import only what they may", () => expect(importProblems(files)).to.deep.equal([]));
  it("keeps each thing in its place, and its files short", () => expect(textProblems(files)).to.deep.equal([]));
  it("has no circles of files or folders", () => expect(cycles(files)).to.deep.equal([]));
  it("hands no whole bag of things on", () => expect(bagSpreads(files)).to.deep.equal([]));
  it("exports each name once", () => {
    const unjustified = namesTwice(files).filter(([name]) => !(name in NAMES_TWICE));
    expect(unjustified).to.deep.equal([]);
  });
  it("ships nothing that only tests use", () => {
    // The last one is run as a thread, by its name.
    expect(unreached(files, ["main.ts", "msn/index.ts", "store/quick-check-thread.ts"])).to.deep.equal([]);
    const some = inMemory(
      ["a.ts", 'import { b } from "./b.ts";'],
      ["b.ts", ""],
      ["c.ts", 'import { b } from "./b.ts";'],
    );
    expect(unreached(some, ["a.ts"])).to.deep.equal(["c.ts"]);
  });
  it("names its tests after what they test", () => {
    const tests = list(import.meta.dirname);
    expect(strayTests(tests, files)).to.deep.equal([]);
    expect(strayTests(["util/gone.test.ts", "util/log.test.ts", "support/x.test.ts"], files)).to.deep.equal([
      "util/gone.test.ts",
    ]);
  });
});

describe("the rules of the architecture", () => {
  const written = (specifier: string): string[] => [
    `import { a } from "${specifier}";`,
    `import type { A } from "${specifier}";`,
    `import "${specifier}";`,
    `export * from "${specifier}";`,
    `import {\n  a,\n  type B,\n} from "${specifier}";`,
    `async function f(): Promise<void> {\n  await import("${specifier}");\n}`,
  ];
  const fileIn = (path: string, name: string): string => (path.endsWith(".ts") ? path : `${path}/${name}`);

  for (const { path, mayImport } of FOLDERS) {
    it(`can be broken in ${path}`, () => {
      const from = fileIn(path, "x.ts");
      const forbidden = FOLDERS.map((folder) => folder.path).filter((to) => to !== path && !mayImport.includes(to));
      for (const to of [...forbidden.map((folder) => fileIn(folder, "y.ts")), "left-pad"]) {
        const isFile = to.endsWith(".ts");
        const specifier = isFile ? `./${posix.relative(dirname(from), to)}`.replace("./../", "../") : to;
        for (const text of written(specifier)) {
          const problems = importProblems(inMemory([from, text], ...(isFile ? [[to, ""] as const] : [])));
          expect(problems, text).to.include(`${from} may not import ${to}`);
        }
      }
    });
  }

  for (const { what } of SOLE) {
    it(`can be broken by others' import of ${what}`, () => {
      const specifier = what.endsWith(".ts") ? `../${what}` : what;
      for (const text of written(specifier))
        expect(importProblems(inMemory(["store/x.ts", text]))).to.include(`store/x.ts is not to import ${what}`);
    });
  }

  for (const { rule, breaks } of TEXTS) {
    it(`can be broken: ${rule}`, () => {
      const [file, text] = breaks;
      expect(textProblems(inMemory([file, text]))).to.deep.equal([`${rule}: ${file}`]);
      expect(textProblems(inMemory([file, `// ${text}\n/* ${text} */\n`]))).to.deep.equal([]);
    });
  }

  it("see files that are too long, have no folder, or are not there", () => {
    expect(textProblems(inMemory(["util/x.ts", "\n".repeat(300)]))).to.deep.equal([]);
    expect(textProblems(inMemory(["util/x.ts", "\n".repeat(301)]))).to.have.length(1);
    expect(importProblems(inMemory(["things/x.ts", ""]))).to.have.length(1);
    expect(importProblems(inMemory(["util/x.ts", 'import { a } from "./gone.ts";']))).to.deep.equal([
      "there is no util/gone.ts, which util/x.ts imports",
    ]);
  });

  it("do not take words for imports", () => {
    const text = '// import { a } from "./main.ts";\nexport const a = "x";\nexport interface B { from: string }\n';
    expect(importsOf("util/x.ts", text)).to.deep.equal([]);
  });

  it("see circles of files and of folders, of values and of types", () => {
    for (const word of ["import", "import type"])
      expect(cycles(circle(word))).to.deep.equal(["util/b.ts -> util/c.ts -> util/b.ts"]);
    const folders = inMemory(
      ["util/a.ts", 'import { b } from "../store/b.ts";'],
      ["store/b.ts", ""],
      ["store/c.ts", 'import type { d } from "../util/d.ts";'],
      ["util/d.ts", ""],
    );
    expect(cycles(folders)).to.deep.equal(["util -> store -> util"]);
  });
});
