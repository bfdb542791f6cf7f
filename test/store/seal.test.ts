import Sqlite from "better-sqlite3";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { StoreError } from "../../src/store/errors.ts";
import { makeKeyFile } from "../../src/store/key-file.ts";
import { Seal } from "../../src/store/seal.ts";
import { openStore } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { sealUnbound } from "./support/older-database.ts";
import { anyText } from "../support/any-text.ts";
import { timesOf } from "../support/calendars.ts";

const KEY = Buffer.alloc(32, 7);
const seal = new Seal(KEY);
const PLACE = ["a.b", 1] as const;

describe("store/seal", () => {
  it("opens what it sealed, in whatever place", () => {
    const places = fc.array(fc.oneof(anyText(), fc.integer(), fc.constant(null)));
    fc.assert(
      fc.property(anyText(), places, (text, row) => {
        expect(seal.open(seal.seal(text, ["a.b", ...row]), ["a.b", ...row])).to.equal(text);
      }),
    );
  });

  it("opens nothing in another place: of another column, row or owner, or where the same words are cut differently", () => {
    const sealed = seal.seal("secret", ["login.password", 1, "@anna:example.org", "one"]);
    for (const other of [
      ["puppet.token", 1, "@anna:example.org", "one"],
      ["login.password", 2, "@anna:example.org", "one"],
      ["login.password", "1", "@anna:example.org", "one"],
      ["login.password", 1, "@mallory:example.org", "one"],
      ["login.password", 1, "@anna:example.org", "two"],
      ["login.password", 1, '@anna:example.org","one'],
      ["login.password", 1, "@anna:example.org", "one", null],
      ["login.password"],
    ] as const) {
      expect(
        codeOf(() => seal.open(sealed, other)),
        other.join(),
      ).to.equal("damaged");
    }
  });

  it("hides the text, and that two texts are the same", () => {
    const one = seal.seal("correct horse battery staple", PLACE);
    expect(one.includes("horse")).to.equal(false);
    expect(one.equals(seal.seal("correct horse battery staple", PLACE))).to.equal(false);
  });

  it("notices every changed bit and every cut", () => {
    const sealed = seal.seal("twelve", PLACE);
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Buffer.from(sealed);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(codeOf(() => seal.open(changed, PLACE))).to.equal("damaged");
      }),
    );
    for (let length = 0; length < sealed.length; length += 1) {
      expect(codeOf(() => seal.open(sealed.subarray(0, length), PLACE))).to.equal("damaged");
    }
  });

  it("takes nothing that was sealed for a place for what was sealed for none, nor the other way round", () => {
    const bound = seal.seal("secret", PLACE);
    expect(codeOf(() => seal.openUnbound(bound))).to.equal("damaged");
    expect(codeOf(() => seal.openUnbound(Buffer.concat([Buffer.of(1), bound.subarray(1)])))).to.equal("damaged");
    const unbound = sealUnbound(KEY, "secret");
    expect(seal.openUnbound(unbound)).to.equal("secret");
    expect(codeOf(() => seal.open(unbound, PLACE))).to.equal("damaged");
    expect(codeOf(() => seal.open(Buffer.concat([Buffer.of(2), unbound.subarray(1)]), PLACE))).to.equal("damaged");
  });

  it("opens nothing with another key", () => {
    const other = new Seal(Buffer.alloc(32, 8));
    expect(codeOf(() => other.open(seal.seal("secret", PLACE), PLACE))).to.equal("damaged");
    expect(codeOf(() => new Seal(Buffer.alloc(16)))).to.equal("bad-key");
  });
});

describe("the key of a store", () => {
  const folder = tempFolder();
  after(folder.remove);
  const clock = new FakeClock();
  const path = join(folder.path, "msn.db");
  const keyFile = join(folder.path, "msn.key");

  it("opens the database again, and no other one does", () => {
    const login = { server: "one", passport: "anna@hotmail.com", owner: "@anna:example.org" };
    const store = openStore({ path, keyFile, ...timesOf(clock) });
    const { id } = store.logins.save(login);
    store.logins.setCredentials(id, login.passport, "swordfish");
    store.close();

    const again = openStore({ path, keyFile, ...timesOf(clock) });
    expect(again.logins.password(id)).to.equal("swordfish");
    again.close();

    const other = join(folder.path, "other.key");
    makeKeyFile(other);
    expect(codeOf(() => openStore({ path, keyFile: other, ...timesOf(clock) }))).to.equal("wrong-key");
    expect(() => openStore({ path, keyFile: other, ...timesOf(clock) })).to.throw(
      StoreError,
      "does not belong to this database",
    );

    // A failed opening leaves no lock behind.
    openStore({ path, keyFile, ...timesOf(clock) }).close();
  });

  it("opens the database also where the secret of links was changed, which ends the links", () => {
    const changed = join(folder.path, "changed.db");
    const store = openStore({ path: changed, keyFile, ...timesOf(clock) });
    const secret = store.linkSecret;
    store.close();
    const writer = new Sqlite(changed);
    writer.exec("UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'key_check') WHERE key = 'link_secret'");
    writer.close();
    const again = openStore({ path: changed, keyFile, ...timesOf(clock) });
    expect(again.linkSecret)
      .to.match(/^[0-9a-f]{64}$/u)
      .and.not.equal(secret);
    again.close();
  });

  it("that is there while the database is not is told to the admin", () => {
    const lost = join(folder.path, "lost.db");
    const first = openStore({ path: lost, keyFile: `${lost}.key`, ...timesOf(clock) });
    expect(first.repairs).to.deep.equal([]);
    first.close();
    rmSync(lost);
    const again = openStore({ path: lost, keyFile: `${lost}.key`, ...timesOf(clock) });
    expect(again.repairs.join()).to.include(`There was no database ${lost}`);
    again.close();
    const third = openStore({ path: lost, keyFile: `${lost}.key`, ...timesOf(clock) });
    expect(third.repairs).to.deep.equal([]);
    third.close();
  });

  it("is never replaced by a new one", () => {
    const missing = join(folder.path, "missing.key");
    expect(codeOf(() => openStore({ path, keyFile: missing, ...timesOf(clock) }))).to.equal("no-key");
    expect(() => openStore({ path, keyFile: missing, ...timesOf(clock) })).to.throw(`There is no key file ${missing}`);
    expect(readdirSync(folder.path)).to.not.include("missing.key");
  });

  it("may be there before the database", () => {
    openStore({ path: join(folder.path, "second.db"), keyFile, ...timesOf(clock) }).close();
    openStore({ path: join(folder.path, "second.db"), keyFile, ...timesOf(clock) }).close();
  });
});
