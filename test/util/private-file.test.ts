import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { keepPrivate } from "../../src/util/private-file.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MODULE = join(import.meta.dirname, "../../src/util/private-file.ts");
const NOBODY = 65_534;

describe("util/private-file", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  function file(mode: number): string {
    const path = join(folder.path, String((files += 1)));
    writeFileSync(path, "secret");
    chmodSync(path, mode);
    return path;
  }
  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  for (const [before, alone, shared] of [
    [0o600, 0o600, 0o600],
    [0o400, 0o400, 0o400],
    [0o640, 0o600, 0o640],
    [0o644, 0o600, 0o640],
    [0o666, 0o600, 0o640],
    [0o777, 0o600, 0o640],
    [0o604, 0o600, 0o600],
  ] as const) {
    it(`leaves of ${before.toString(8)} what its owner, and where it is shared its group, may have`, () => {
      for (const [isShared, after] of [
        [false, alone],
        [true, shared],
      ] as const) {
        const path = file(before);
        const words = `The file ${path} was open to other users of this machine (mode ${before.toString(8)}); its mode is`;
        const expected = after === before ? undefined : `${words} ${after.toString(8)} now.`;
        expect(keepPrivate("The file", path, isShared)).to.equal(expected);
        expect(modeOf(path)).to.equal(after);
      }
    });
  }

  it("has nothing to do where there is no file", () => {
    expect(keepPrivate("The file", join(folder.path, "none"))).to.equal(undefined);
    const directory = join(folder.path, "folder");
    mkdirSync(directory, { mode: 0o755 });
    expect(keepPrivate("The file", directory)).to.equal(undefined);
    expect(modeOf(directory)).to.equal(0o755);
  });

  it("refuses what others can read and only another user can change, but not what that one shares with us", function () {
    // Only root can become another user.
    if (process.getuid?.() !== 0) this.skip();
    chmodSync(folder.path, 0o755);
    const [open, shared] = [file(0o644), file(0o660)];
    const script = `
      const { keepPrivate } = await import(${JSON.stringify(MODULE)});
      process.setuid(${NOBODY});
      console.log(keepPrivate("The file", ${JSON.stringify(shared)}));
      try { keepPrivate("The file", ${JSON.stringify(open)}); } catch ({ name, message }) { console.log(name, message); }
    `;
    const words = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(words.split("\n")[0]).to.equal("undefined");
    expect(words.split("\n")[1]).to.match(/^PrivacyError The file .* belongs to another user: move it .*\.$/u);
    expect([modeOf(open), modeOf(shared)]).to.deep.equal([0o644, 0o660]);
  });
});
