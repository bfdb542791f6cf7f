import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect } from "chai";
import { FOLDERS } from "./support/architecture-rules.ts";
import { drawnFolders, realFolders, upwards, wrongSteps } from "./support/architecture-page.ts";
import type { Files } from "./support/architecture.ts";

const SRC = join(import.meta.dirname, "../src");
const PAGE = readFileSync(join(import.meta.dirname, "../docs/architecture.md"), "utf8");

function readSource(): Files {
  const entries = readdirSync(SRC, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"));
  return new Map(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(SRC, path), readFileSync(path, "utf8")];
    }),
  );
}

describe("docs/architecture.md", () => {
  const files = readSource();

  it("draws every folder once, and none that there is not", () => {
    expect(drawnFolders(PAGE).toSorted()).to.deep.equal(realFolders(files));
  });

  it("draws each folder above all that it may import", () => {
    expect(upwards(drawnFolders(PAGE), FOLDERS)).to.deep.equal([]);
  });

  it("draws a text each way, step by step, with methods that there are", () => {
    expect(wrongSteps(PAGE, files)).to.deep.equal([]);
    expect(PAGE.match(/^```mermaid$/gmu)).to.have.length(2);
  });

  it("names the tables that there are", () => {
    const schema = readFileSync(join(SRC, "store/migrations.ts"), "utf8");
    const made = [...schema.matchAll(/CREATE TABLE (\w+)/gu)].map(([, name = ""]) => name);
    const tables = made.filter((name) => !schema.includes(`ALTER TABLE ${name} RENAME TO`));
    const [, onDisk = ""] = /^## On disk\n(.*?)^## /msu.exec(PAGE) ?? [];
    expect([...onDisk.matchAll(/`(\w+)`/gu)].map(([, name = ""]) => name).toSorted()).to.deep.equal(tables.toSorted());
  });
});

describe("the check of the drawings", () => {
  const files: Files = new Map([
    [
      "a/b.ts",
      "export class B {\n  async go(): Promise<void> {\n    this.stop();\n  }\n}\nexport class C {\n  #x = 1;\n}\n",
    ],
    ["main.ts", ""],
  ]);
  const sequence = (steps: string): string =>
    `\`\`\`mermaid\nsequenceDiagram\n  actor H as homeserver\n${steps}\`\`\`\n`;

  it("reads folders by their indentation, and finds arrows that go up", () => {
    const drawn = drawnFolders("```text\nmain.ts  starts\na/       x\n  b/     y\nc/\n```\n");
    expect(drawn).to.deep.equal(["main.ts", "a", "a/b", "c"]);
    const rules = [
      { path: "a", mayImport: ["c", "a/b", "node"] },
      { path: "c", mayImport: ["a/b/index.ts"] },
    ];
    expect(upwards(drawn, rules)).to.deep.equal(["c -> a/b"]);
    expect(realFolders(files)).to.deep.equal(["a", "main.ts"]);
  });

  it("finds classes and methods that there are not", () => {
    expect(wrongSteps(sequence("  H->>B: anything\n  C->>B: go(x), at once\n"), files)).to.deep.equal([]);
    expect(
      wrongSteps(sequence("  B->>D: go()\n  C->>B: stop()\n  B->>C: go()\n  B->>C: words\n"), files),
    ).to.deep.equal(["no class D", "B has no stop()", "C has no go()", "no method: B->>C: words"]);
    expect(wrongSteps(sequence(""), files)).to.deep.equal(["a drawing without steps"]);
  });
});
