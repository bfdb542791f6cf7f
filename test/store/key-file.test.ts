import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { StoreError } from "../../src/store/errors.ts";
import { makeKeyFile, readKeyFile } from "../../src/store/key-file.ts";
import { openStore } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { timesOf } from "../support/calendars.ts";

describe("store/key-file", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  const newPath = (): string => join(folder.path, `${(files += 1)}.key`);

  it("is made for this user alone, and read again", () => {
    const path = join(folder.path, "keys", "a.key");
    const key = makeKeyFile(path);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readFileSync(path)).to.have.length(32);
    expect(readdirSync(join(folder.path, "keys"))).to.deep.equal(["a.key"]);
    expect(readKeyFile(path)?.equals(key)).to.equal(true);
    expect(readKeyFile(newPath())).to.equal(undefined);
  });

  it("is not made where there is one", () => {
    const path = newPath();
    const key = makeKeyFile(path);
    expect(codeOf(() => makeKeyFile(path))).to.equal("bad-key");
    expect(readKeyFile(path)?.equals(key)).to.equal(true);
  });

  it("of another size is refused, and left alone", () => {
    for (const size of [0, 31, 33]) {
      const path = newPath();
      writeFileSync(path, Buffer.alloc(size, 1));
      expect(
        codeOf(() => readKeyFile(path)),
        String(size),
      ).to.equal("bad-key");
      expect(readFileSync(path)).to.have.length(size);
    }
  });

  it("that is no file is refused, and a pipe is not waited for", () => {
    const [directory, pipe] = [newPath(), newPath()];
    mkdirSync(directory);
    execFileSync("mkfifo", [pipe]);
    for (const path of [directory, pipe, "/dev/zero"]) {
      expect(() => readKeyFile(path), path)
        .to.throw(StoreError, "is not a file: set database.key_file")
        .with.property("code", "bad-key");
    }
  });

  it("that is a link is refused: to a key, and to nothing, where none is made", () => {
    const [linked, dangling, target] = [newPath(), newPath(), newPath()];
    symlinkSync(join(folder.path, "elsewhere.key"), linked);
    makeKeyFile(join(folder.path, "elsewhere.key"));
    symlinkSync(target, dangling);
    for (const keyFile of [linked, dangling]) {
      const path = `${keyFile}.db`;
      expect(() => openStore({ path, keyFile, ...timesOf(new FakeClock()) }))
        .to.throw(StoreError, "is a link, and is not followed")
        .with.property("code", "bad-key");
    }
    expect(existsSync(target)).to.equal(false);
  });

  it("does not go where somebody has laid a link under the name that it has while it is made", () => {
    const [path, theirs] = [newPath(), join(folder.path, "theirs")];
    writeFileSync(theirs, "what was there before");
    symlinkSync(theirs, `${path}.new`);
    const key = makeKeyFile(path);
    expect(readFileSync(theirs, "utf8")).to.equal("what was there before");
    expect(readKeyFile(path)?.equals(key)).to.equal(true);
  });

  // A limit for the size of files does what a full disk does to the first bytes, to some, and to the last.
  for (const bytes of [0, 16, 31]) {
    it(`is not left half written where there is room for ${bytes} bytes of it`, () => {
      const small = join(folder.path, `small-${bytes}.key`);
      const module = join(import.meta.dirname, "../../src/store/key-file.ts");
      const script = `
        const { makeKeyFile } = await import(${JSON.stringify(module)});
        try { makeKeyFile(${JSON.stringify(small)}); } catch ({ code, message }) { console.log(code, message); }
      `;
      const node = [process.execPath, "--input-type=module", "-e", script];
      const words = execFileSync("prlimit", [`--fsize=${bytes}`, ...node], { encoding: "utf8" });
      expect(words).to.match(/^disk-full The disk has no room for the key file .* Free some space/u);
      expect(readdirSync(folder.path).filter((name) => name.startsWith(`small-${bytes}`))).to.deep.equal([]);
      makeKeyFile(small);
      expect(readFileSync(small)).to.have.length(32);
    });
  }
});
