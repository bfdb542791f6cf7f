import { expect } from "chai";
import { arrowsBetweenFolders, bagSpreads, codeLines, copiesOf, filesByFolder, longFiles } from "./figures.ts";
import { namesTwice, optionsTypes } from "./figures.ts";

function file(text: string, path = "bridge/x.ts"): ReadonlyMap<string, string> {
  return new Map([[path, text]]);
}

describe("the figures about the source", () => {
  it("count lines of code without comments, blank lines, sandbox and demo", () => {
    const text = '// why\n\n/**\n * What.\n */\nconst a = "https://x"; // so\n';
    expect(codeLines(file(text))).to.equal(1);
    expect(codeLines(file(text, "sandbox/x.ts"))).to.equal(0);
    expect(codeLines(file(text, "demo/x.ts"))).to.equal(0);
  });

  it("count the files of each folder, the fullest first", () => {
    const files = new Map(["a/b.ts", "c/d.ts", "c/e.ts", "c/f/g.ts"].map((path) => [path, ""]));
    expect(filesByFolder(files)).to.deep.equal([
      ["c", 2],
      ["a", 1],
      ["c/f", 1],
    ]);
  });

  it("see interfaces and types named Options", () => {
    const text = "interface XOptions {}\nexport type YOptions = X;\ninterface Optional {}\n// interface ZOptions {}\n";
    expect(optionsTypes(file(text))).to.deep.equal(["bridge/x.ts: XOptions", "bridge/x.ts: YOptions"]);
  });

  for (const text of [
    "new A({ ...options });",
    "new A({ ...this.#options, b: () => this.c({ d }) });",
    "new A({ b: () => this.c({ d }), ...options, e });",
    "call({ ...scope, b });",
    "new A(b, { ...portalScope });",
    "return { ...options, b };",
    "new A(\n  {\n    ...parts,\n  },\n  b,\n);",
    "function f({ a, ...others }: FOptions) {\n  new A({ ...others });\n}",
  ])
    it(`see the whole bag in ${text.replaceAll(/\s+/gu, " ")}`, () => expect(bagSpreads(file(text))).to.have.length(1));

  for (const text of [
    "this.#options = { ...DEFAULTS, ...options };",
    "new A({ ...options.limits });",
    "new A({ ...row, b });",
    "const b = { ...scope, c };",
    "this.#scope = { ...scope, c };",
    "return { ...this.#scope, c };",
    "const f = (): Scope => ({ ...loginScope, c });",
    "f(...options);",
    "const a = [...options];",
    "function f({ a, ...others }: FOptions) {}",
    "const { a, ...options } = all;",
    "// new A({ ...options });",
  ])
    it(`see no whole bag in ${text}`, () => expect(bagSpreads(file(text))).to.deep.equal([]));

  it("see names that two files export, and not those that one passes on", () => {
    const files = new Map([
      ["a.ts", "export class A {}\nexport type B = 1;\nexport const C = 1;\nconst D = 1;\n"],
      [
        "b.ts",
        'export { A } from "./a.ts";\nexport interface B {}\nexport async function C() {}\nexport const D = 1;\n',
      ],
    ]);
    expect(namesTwice(files)).to.deep.equal([
      ["B", ["a.ts", "b.ts"]],
      ["C", ["a.ts", "b.ts"]],
    ]);
  });

  it("see long files, copies of a sentence, and arrows between folders once each", () => {
    expect(longFiles(file("\n".repeat(251)), 250)).to.deep.equal(["bridge/x.ts: 251"]);
    expect(longFiles(file("\n".repeat(250)), 250)).to.deep.equal([]);
    expect(copiesOf("so.", file("so. /* so. */"))).to.equal(2);
    const files = new Map([
      ["a/a.ts", 'import { b } from "../b/b.ts";\nimport { c } from "../b/c.ts";\nimport { d } from "./d.ts";\n'],
      ["a/d.ts", ""],
      ["b/b.ts", ""],
      ["b/c.ts", ""],
    ]);
    expect(arrowsBetweenFolders(files)).to.equal(1);
  });
});
