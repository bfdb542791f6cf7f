import fs, { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { expect } from "chai";
import { makeKeyFile } from "../../src/store/key-file.ts";
import { rotateKey } from "../../src/store/rotate-key.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { timesOf } from "../support/calendars.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { expectWhole, formats, tamper } from "./support/sealed-values.ts";
import { makeOlderDatabase } from "./support/older-database.ts";

describe("store/rotate-key", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  let uri: string;
  let key_file: string;
  const open = (keyFile = key_file): Store => openStore({ path: uri, keyFile, ...timesOf(new FakeClock()) });

  beforeEach(() => {
    uri = join(folder.path, `${(files += 1)}.db`);
    key_file = `${uri}.key`;
    makeOlderDatabase(uri, key_file);
  });

  it("seals everything with a new key, and the old one opens nothing any more", () => {
    open().close();
    const old = `${uri}.old`;
    writeFileSync(old, readFileSync(key_file), { mode: 0o600 });
    expect(rotateKey({ uri, key_file })).to.match(
      /^There is a new key in .* Delete those copies, and the old key, .*\.$/u,
    );
    expect(readFileSync(key_file).equals(readFileSync(old))).to.equal(false);
    expect(statSync(key_file).mode & 0o777).to.equal(0o600);
    expect(existsSync(`${key_file}.next`)).to.equal(false);
    const store = open();
    expectWhole(store);
    store.close();
    expect(codeOf(() => open(old))).to.equal("wrong-key");
  });

  it("does so with a database of an older version too", () => {
    rotateKey({ uri, key_file });
    const store = open();
    expectWhole(store);
    store.close();
    expect([...formats(uri)]).to.deep.equal(["02"]);
  });

  it("leaves a damaged value as it is, and says so", () => {
    open().close();
    tamper(uri, "UPDATE puppet SET token = x'01020304'");
    expect(rotateKey({ uri, key_file })).to.match(/ were left as they are: 1\.$/u);
    const store = open();
    expect(store.logins.password(1)).to.equal("swordfish");
    store.close();
  });

  it("is not begun where the key file is mounted by itself, so that no other can take its name", () => {
    open().close();
    const before = readFileSync(key_file);
    const { linkSync, renameSync } = fs;
    const fail = (code: string) => (): never => {
      throw Object.assign(new Error(code), { code });
    };
    // What Linux says of such a file.
    Object.assign(fs, {
      linkSync: fail("EXDEV"),
      renameSync: (from: string, to: string) => {
        if (to === key_file) fail("EBUSY")();
        renameSync(from, to);
      },
    });
    syncBuiltinESMExports();
    try {
      expect(() => rotateKey({ uri, key_file })).to.throw("is mounted by itself");
    } finally {
      Object.assign(fs, { linkSync, renameSync });
      syncBuiltinESMExports();
    }
    expect(existsSync(`${key_file}.next`)).to.equal(false);
    expect(readFileSync(key_file).equals(before)).to.equal(true);
    const store = open();
    expectWhole(store);
    store.close();
  });

  it("is finished, or called off, by the next start, whichever key the database has by then", () => {
    open().close();
    const before = readFileSync(key_file);
    makeKeyFile(`${key_file}.next`);
    open().close();
    expect(existsSync(`${key_file}.next`), "called off").to.equal(false);
    expect(readFileSync(key_file).equals(before)).to.equal(true);

    rotateKey({ uri, key_file });
    const after = readFileSync(key_file);
    writeFileSync(`${key_file}.next`, after);
    writeFileSync(key_file, before);
    const store = open();
    expectWhole(store);
    store.close();
    expect(existsSync(`${key_file}.next`), "finished").to.equal(false);
    expect(readFileSync(key_file).equals(after)).to.equal(true);
  });

  it("deletes neither key where neither is the right one", () => {
    open().close();
    writeFileSync(key_file, Buffer.alloc(32, 1));
    makeKeyFile(`${key_file}.next`);
    expect(codeOf(open)).to.equal("wrong-key");
    expect([existsSync(key_file), existsSync(`${key_file}.next`)]).to.deep.equal([true, true]);
  });

  it("is refused without a database, and while a bridge runs", () => {
    expect(() => rotateKey({ uri: `${uri}.none`, key_file })).to.throw("so there is no key to be changed.");
    expect(existsSync(`${uri}.none`)).to.equal(false);
    const running = open();
    expect(codeOf(() => rotateKey({ uri, key_file }))).to.equal("in-use");
    running.close();
  });
});
