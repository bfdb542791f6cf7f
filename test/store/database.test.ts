import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { StoreError } from "../../src/store/errors.ts";
import { codeOf } from "./support/code-of.ts";
import { startJournalWriter } from "./support/writer-process.ts";
import { timesOf } from "../support/calendars.ts";

/** Everything in the schema, without regard to how its SQL was laid out. */
function schemaOf(database: Database): string[] {
  const rows = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").raw().all();
  return rows.map((row) => String(row).replaceAll(/\s+/g, " ").replaceAll("( ", "(").replaceAll(" )", ")"));
}

describe("store/database", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  const newPath = (): string => join(folder.path, `${(files += 1)}.db`);

  it("waits for the disk unless told that it need not", () => {
    for (const [isDurable, synchronous] of [
      [undefined, 2],
      [true, 2],
      [false, 0],
    ] as const) {
      const database = openDatabase(newPath(), undefined, isDurable);
      expect(database.pragma("synchronous", { simple: true })).to.equal(synchronous);
      database.close();
    }
  });

  it("is set up to lose nothing and to leave nothing behind", () => {
    const database = openDatabase(newPath());
    const pragma = (name: string): unknown => database.pragma(name, { simple: true });
    expect(pragma("journal_mode")).to.equal("wal");
    expect(pragma("synchronous")).to.equal(2);
    expect(pragma("foreign_keys")).to.equal(1);
    expect(pragma("secure_delete")).to.equal(1);
    expect(pragma("temp_store"), "in memory").to.equal(2);
    expect(pragma("busy_timeout")).to.be.greaterThan(0);
    const tables = database
      .prepare("SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite%'")
      .raw()
      .all();
    expect(tables.map(String).toSorted()).to.deep.equal([
      "gathered,1",
      "gathered_row,1",
      "ghost,1",
      "journal,1",
      "journal_edit,1",
      "journal_event,1",
      "journal_part,1",
      "login,1",
      "management_room,1",
      "meta,1",
      "notice,1",
      "notice_event,1",
      "portal,1",
      "portal_member,1",
      "public_link,1",
      "puppet,1",
      "puppet_room,1",
      "said,1",
      "space,1",
      "space_child,1",
      "transfer,1",
      "wrong_password,1",
    ]);
    database.close();
  });

  it("is made in a new folder, for this user alone", () => {
    const path = join(folder.path, "a", "b", "new.db");
    const database = openDatabase(path);
    const names = readdirSync(join(folder.path, "a", "b"));
    expect(names.toSorted()).to.deep.equal(["new.db", "new.db-shm", "new.db-wal", "new.db.lock"]);
    for (const name of names) {
      expect(statSync(join(folder.path, "a", "b", name)).mode & 0o777, name).to.equal(0o600);
    }
    expect(statSync(join(folder.path, "a")).mode & 0o777).to.equal(0o700);
    database.close();
  });

  it("can be in memory alone", () => {
    const database = openDatabase(":memory:");
    expect(schemaOf(database)).to.not.have.length(0);
    database.close();
    expect(existsSync(":memory:")).to.equal(false);
    expect(existsSync(":memory:.lock")).to.equal(false);
  });

  it("brings the first schema up to date and keeps its rows", () => {
    const path = newPath();
    const old = new Sqlite(path);
    old.exec(readFileSync(new URL("schema-1.sql", import.meta.url), "utf8"));
    old.close();
    const fresh = openDatabase(":memory:");
    const migrated = openDatabase(path);
    expect(schemaOf(migrated)).to.deep.equal(schemaOf(fresh));
    expect(migrated.pragma("user_version", { simple: true })).to.equal(fresh.pragma("user_version", { simple: true }));
    expect(migrated.pragma("foreign_key_check")).to.deep.equal([]);
    migrated.close();
    fresh.close();

    const store = openStore({ path, keyFile: `${path}.key`, ...timesOf(new FakeClock()) });
    const login = { id: 1, server: "one", passport: "Anna@hotmail.com", owner: "@anna:example.org" };
    expect(store.logins.get(1)).to.deep.equal({ ...login, wantedStatus: "NLN" });
    expect(store.ghosts.find("one", "bob@hotmail.com")).to.include({ registered: true, name: "Bob", avatarHash: null });
    expect(store.managementRooms.get("!bot:example.org").owner).to.equal("@anna:example.org");
    expect(store.portals.findByRoom("!bob:example.org")).to.include({
      id: 1,
      loginId: 1,
      kind: "direct",
      creating: null,
    });
    expect(store.journal.listOpen("to-msn")).to.deep.equal([1]);
    expect(store.journal.get(2)).to.include({ txnId: "msn-0123456789ab-2", state: "delivered" });
    expect(store.journal.acceptMessage(1, {}).txnId).to.equal("msn-0123456789ab-3");
    store.close();
  });

  it("gives no number of a journal's row again that an older schema had given", () => {
    const path = newPath();
    const old = new Sqlite(path);
    old.exec(readFileSync(new URL("schema-1.sql", import.meta.url), "utf8"));
    old.exec("UPDATE sqlite_sequence SET seq = 9 WHERE name = 'journal'");
    old.close();
    const store = openStore({ path, keyFile: `${path}.key`, ...timesOf(new FakeClock()) });
    expect(store.journal.listOpen("to-msn")).to.deep.equal([1]);
    expect(store.journal.acceptMessage(1, {}).txnId).to.equal("msn-0123456789ab-10");
    store.close();
  });

  it("says of a room whose told state is damaged that it has been told nothing", () => {
    const path = newPath();
    const open = (): Store => openStore({ path, keyFile: `${path}.key`, ...timesOf(new FakeClock()) });
    const first = open();
    const { id: loginId } = first.logins.save({
      server: "one",
      passport: "anna@hotmail.com",
      owner: "@anna:example.org",
    });
    const { id } = first.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" });
    first.close();
    for (const damaged of ['{"m.room.name ":', "[1]", '{"m.room.name ":1}', ""].map((text) => Buffer.from(text))) {
      const raw = new Sqlite(path);
      raw.prepare("UPDATE portal SET told = ?").run(damaged);
      raw.close();
      const store = open();
      expect(store.portals.told(id), damaged.toString()).to.deep.equal({});
      store.close();
    }
  });

  it("is not opened when a newer version wrote it", () => {
    const path = newPath();
    const newer = openDatabase(path);
    newer.pragma("user_version = 99");
    newer.close();
    expect(codeOf(() => openDatabase(path))).to.equal("newer-schema");
    expect(() => openDatabase(path)).to.throw("was written by a newer version of the bridge (schema 99");
  });

  it("is not opened when it is something else, and is left as it was", () => {
    const text = newPath();
    writeFileSync(text, "This is a letter, not a database. ".repeat(40));
    expect(codeOf(() => openDatabase(text))).to.equal("unreadable");
    expect(() => openDatabase(text)).to.throw(`The database ${text} cannot be opened: the file is not a database.`);
    expect(readFileSync(text, "utf8")).to.equal("This is a letter, not a database. ".repeat(40));

    const other = newPath();
    const theirs = new Sqlite(other);
    theirs.exec("CREATE TABLE events (id INTEGER)");
    theirs.close();
    const before = readFileSync(other);
    expect(codeOf(() => openDatabase(other))).to.equal("unreadable");
    expect(() => openDatabase(other)).to.throw("belongs to another program");
    expect(readFileSync(other).equals(before)).to.equal(true);

    const directory = join(folder.path, "directory");
    mkdirSync(directory);
    expect(codeOf(() => openDatabase(directory))).to.equal("unreadable");
    expect(codeOf(() => openDatabase(join(text, "in-a-file.db")))).to.equal("unreadable");
  });

  it("is not opened in a folder that this user cannot write, and says so", function () {
    // Only root can become another user.
    if (process.getuid?.() !== 0) this.skip();
    chmodSync(folder.path, 0o755);
    const path = newPath();
    const script = `
      const { openDatabase } = await import(${JSON.stringify(new URL("../../src/store/database.ts", import.meta.url).href)});
      process.setuid(65534);
      try { openDatabase(${JSON.stringify(path)}); } catch ({ code, message }) { console.log(code, message); }
    `;
    const words = execFileSync(execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(words).to.match(
      /^unreadable The database .* cannot be opened: EACCES.* in a folder that this user can write\./u,
    );
  });

  it("belongs to one owner in this process", () => {
    const path = newPath();
    const first = openDatabase(path);
    expect(codeOf(() => openDatabase(path))).to.equal("in-use");
    first.close();
    openDatabase(path).close();
  });

  it("belongs to one process", async () => {
    const path = newPath();
    const writer = await startJournalWriter(path);
    expect(() => openDatabase(path))
      .to.throw(StoreError, "most likely by a bridge that is still running: stop that first.")
      .with.property("code", "in-use");
    await writer.kill();
    openDatabase(path).close();
  });

  it("is not taken from a program that keeps it for itself", () => {
    const path = newPath();
    const exclusive = new Sqlite(path);
    exclusive.pragma("locking_mode = EXCLUSIVE");
    exclusive.pragma("journal_mode = WAL");
    exclusive.exec("CREATE TABLE theirs (id INTEGER)");
    expect(codeOf(() => openDatabase(path))).to.equal("in-use");
    exclusive.close();
  });

  it("is not opened without its lock", () => {
    const path = newPath();
    mkdirSync(`${path}.lock`);
    expect(codeOf(() => openDatabase(path))).to.equal("unreadable");
    expect(() => openDatabase(path)).to.throw(`The database ${path} cannot be locked: `);

    const other = newPath();
    writeFileSync(`${other}.lock`, "This is a letter, not a lock. ".repeat(40));
    expect(() => openDatabase(other))
      .to.throw(`Its lock is ${other}.lock`)
      .with.property("code", "unreadable");
    expect(readFileSync(`${other}.lock`, "utf8")).to.equal("This is a letter, not a lock. ".repeat(40));
  });

  it("is not opened with a lock that can only be read, for which SQLite would not mind a second owner", function () {
    // Rights do not hold for root.
    if (process.getuid?.() === 0) this.skip();
    const path = newPath();
    openDatabase(path).close();
    chmodSync(`${path}.lock`, 0o400);
    expect(() => openDatabase(path))
      .to.throw("EACCES")
      .with.property("code", "unreadable");
  });

  it("belongs to one owner, by whichever links it is reached", () => {
    const path = newPath();
    const first = openDatabase(path);
    const linked = newPath();
    symlinkSync(path, linked);
    const folderLink = join(folder.path, "link");
    symlinkSync(folder.path, folderLink);
    expect(codeOf(() => openDatabase(join(folderLink, basename(linked))))).to.equal("in-use");
    first.close();
    // A link to a file that is not there yet.
    const dangling = newPath();
    symlinkSync(`${dangling}.target`, dangling);
    openDatabase(dangling).close();
    expect(existsSync(`${dangling}.target.lock`)).to.equal(true);
  });

  for (const way of ["VACUUM INTO", "backup"] as const) {
    it(`can be copied by another program while it is written: ${way}`, async () => {
      const path = newPath();
      const writer = await startJournalWriter(path);
      const copy = `${path}.copy`;
      const before = writer.lines().length;
      const script = fileURLToPath(new URL("support/backup.ts", import.meta.url));
      await promisify(execFile)(execPath, [script, path, copy, way]);
      await until("more rows", () => writer.lines().length > before + 20);
      await writer.kill();
      const keyFile = `${path}.key`;
      const store = openStore({ path: copy, keyFile, ...timesOf(new FakeClock()) });
      const rows = store.journal.listOpen("to-msn");
      expect(rows.length).to.be.at.least(before);
      for (const id of rows) expect(store.journal.body(id)).to.have.property("count", id);
      store.close();
    });
  }
});
