import { expect } from "chai";
import { countsOf, packageLock, problemsWith, type PackageLists } from "./packages.ts";
import { readLists, readLock } from "./read.ts";

const LISTS: PackageLists = {
  most: { bridge: 2, all: 4 },
  bridge: { a: "does something", "@a/*": "builds of a" },
  development: { b: "tests something" },
  denied: { bad: "Nobody mends it", "@bad/*": "Nobody mends these" },
};

const lockOf = (packages: Record<string, object>): ReturnType<typeof packageLock.parse> =>
  packageLock.parse({ packages });
const problems = (packages: Record<string, object>): string[] => problemsWith(lockOf(packages), LISTS);

const FINE = {
  "": { dependencies: { a: "1" }, devDependencies: { b: "1", tool: "file:tools/tool" } },
  "node_modules/a": { optionalDependencies: { "@a/linux": "1" } },
  "node_modules/@a/linux": { optional: true },
  "node_modules/b": { dev: true },
  "node_modules/tool": { link: true, resolved: "tools/tool" },
  "tools/tool": { dev: true },
};

describe("packages", () => {
  it("are all agreed to", () => expect(problemsWith(readLock(), readLists())).to.deep.equal([]));

  it("are counted over all platforms, without links to folders of ours", () => {
    expect(countsOf(lockOf(FINE))).to.deep.equal({ bridge: 2, all: 3 });
    expect(problems(FINE)).to.deep.equal([]);
  });

  it("that are new are told with what wants them and what to do", () => {
    const packages = {
      ...FINE,
      "node_modules/b": { dev: true, dependencies: { c: "1" }, peerDependencies: { a: "1" } },
      "node_modules/b/node_modules/c": { dev: true },
      "node_modules/d": { dev: true },
    };
    expect(problems(packages)[0]).to.match(
      /^c, wanted by b, is new\. Do without it, or name it under `development` in/,
    );
    expect(problems(packages)[1]).to.match(/^d is new\./);
    expect(problems({ ...FINE, "node_modules/b": {} })[0]).to.match(/^b, wanted by package\.json, .*under `bridge`/);
  });

  it("that are denied are told with the reason, wherever they come from", () => {
    const packages = {
      ...FINE,
      "node_modules/a": { optionalDependencies: { "@a/linux": "1" }, dependencies: { bad: "1", "@bad/x": "1" } },
      "node_modules/a/node_modules/bad": {},
      "node_modules/@bad/x": { dev: true },
    };
    expect(problems(packages).slice(0, 2)).to.deep.equal([
      "bad, wanted by a, is denied by packages.yaml: Nobody mends it. Do without it.",
      "@bad/x, wanted by a, is denied by packages.yaml: Nobody mends these. Do without it.",
    ]);
  });

  it("that are gone are not named any more", () => {
    const { "node_modules/b": _, ...packages } = FINE;
    expect(problems(packages)).to.deep.equal([
      "b is not installed any more. Take it out of `development` in packages.yaml.",
    ]);
  });

  it("are named once", () => {
    const lists = { ...LISTS, development: { ...LISTS.development, a: "again" } };
    expect(problemsWith(lockOf(FINE), lists)).to.deep.equal([
      "a stands under `bridge` and `development` in packages.yaml. The first is enough.",
    ]);
  });

  it("are not too many", () => {
    const more = { "node_modules/@a/x": {}, "node_modules/@a/y": {} };
    expect(problems({ ...FINE, ...more })).to.deep.equal([
      "4 packages are installed with the bridge, and packages.yaml allows 2. Do without some.",
      "5 packages are in the lock, and packages.yaml allows 4. Do without some.",
    ]);
  });
});
