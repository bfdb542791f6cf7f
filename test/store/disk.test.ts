import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { Disk, type DiskState } from "../../src/store/disk.ts";
import { isDiskError, isDiskFull, StoreError } from "../../src/store/errors.ts";
import { Reserve } from "../../src/store/reserve.ts";
import { tempFolder } from "../support/temp-folder.ts";

const failure = (code: string): Error => new Sqlite.SqliteError("it failed", code);

describe("store/disk", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  const newPath = (): string => join(folder.path, `${(files += 1)}.db`);

  /** A database that holds no more than it does now, as on a disk that is full. */
  function full(path: string, reserve?: Reserve): { disk: Disk; database: Database; write: (text: string) => void } {
    const disk = new Disk(path, reserve);
    const database = openDatabase(path, disk);
    database.exec("CREATE TABLE text (text TEXT)");
    const insert = database.prepare("INSERT INTO text VALUES (?)");
    const pages = Number(database.pragma("page_count", { simple: true }));
    database.pragma(`max_page_count = ${pages}`);
    return { disk, database, write: (text) => void insert.run(text) };
  }

  /** Takes the page limit away as soon as the reserve has gone. */
  function onReserve(path: string, database: () => Database): Reserve {
    const reserve = new Reserve(`${path}.reserve`, 1024 * 1024);
    const giveUp = reserve.giveUp.bind(reserve);
    reserve.giveUp = () => {
      giveUp();
      database().pragma("max_page_count = 100000");
    };
    return reserve;
  }

  describe("when it is full", () => {
    const large = "x".repeat(20_000);

    it("gives up the reserve, and does what failed again: a statement, a transaction, what is inside one", () => {
      const ways: Array<(database: Database, write: (text: string) => void) => void> = [
        (_, write) => write(large),
        (database, write) => database.transaction(() => write(large)),
        (database, write) =>
          database.transaction(() => {
            write("small");
            database.transaction(() => write(large));
          }),
      ];
      for (const way of ways) {
        const path = newPath();
        const reserve: Reserve = onReserve(path, () => database);
        const { disk, database, write } = full(path, reserve);
        expect(disk.recover()).to.equal(true);
        expect(statSync(`${path}.reserve`).size).to.equal(1024 * 1024);
        const states: DiskState[] = [];
        disk.onChange(() => states.push(disk.state));
        way(database, write);
        expect(states).to.deep.equal(["full"]);
        expect(existsSync(`${path}.reserve`)).to.equal(false);
        const kept = database.prepare("SELECT text FROM text").pluck().all();
        expect(kept.filter((text) => text === large)).to.have.length(1);
        database.close();
      }
    });

    it("says so when not even that helps, undoes all of it, and is fine again once there is room", () => {
      const { disk, database, write } = full(newPath());
      const both = (): void =>
        database.transaction(() => {
          write("first");
          write(large);
        });
      expect(both).to.throw("full").that.satisfies(isDiskFull);
      expect(disk.state).to.equal("full");
      expect(database.prepare("SELECT count(*) FROM text").pluck().get()).to.equal(0);
      database.pragma("max_page_count = 100000");
      expect(disk.recover()).to.equal(true);
      expect(disk.state).to.equal("fine");
      both();
      expect(database.prepare("SELECT count(*) FROM text").pluck().get()).to.equal(2);
      database.close();
    });

    // The other one says so of the index of the log.
    for (const code of ["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"])
      it(`empties its own log first, and that alone is no reason to stop anything: ${code}`, () => {
        const path = newPath();
        const disk = new Disk(path);
        const database = openDatabase(path, disk);
        database.exec("CREATE TABLE text (text TEXT)");
        expect(statSync(`${path}-wal`).size).to.be.greaterThan(0);
        const sizes: number[] = [];
        disk.run(database, () => {
          sizes.push(statSync(`${path}-wal`).size);
          if (sizes.length === 1) throw failure(code);
        });
        expect(sizes).to.have.length(2);
        expect(sizes[1]).to.equal(0);
        expect(disk.state).to.equal("fine");
        database.close();
      });
  });

  it("does not wait for another program that reads the database when it empties the log", () => {
    const path = newPath();
    const disk = new Disk(path);
    const database = openDatabase(path, disk);
    const reader = new Sqlite(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM meta").get();
    database.exec("CREATE TABLE text (text TEXT)");
    const patience: unknown[] = [];
    const pragma = database.pragma.bind(database);
    database.pragma = (source, options) => {
      if (source.startsWith("wal_checkpoint")) patience.push(pragma("busy_timeout", { simple: true }));
      return pragma(source, options);
    };
    let tries = 0;
    disk.run(database, () => {
      tries += 1;
      if (tries === 1) throw failure("SQLITE_FULL");
    });
    expect(tries).to.equal(2);
    expect(patience).to.deep.equal([0]);
    expect(pragma("busy_timeout", { simple: true })).to.equal(1000);
    reader.close();
    database.close();
  });

  describe("when it fails", () => {
    const codes = [
      ["SQLITE_IOERR_FSYNC", "failed"],
      ["SQLITE_IOERR_WRITE", "failed"],
      ["SQLITE_CORRUPT", "damaged"],
      ["SQLITE_READONLY_DBMOVED", "failed"],
    ] as const;
    for (const [code, word] of codes) {
      it(`is never used again: ${code}`, () => {
        const path = newPath();
        const disk = new Disk(path);
        const database = openDatabase(path, disk);
        const states: DiskState[] = [];
        disk.onChange(() => states.push(disk.state));
        let tries = 0;
        const work = (): void => {
          tries += 1;
          throw failure(code);
        };
        // Also when somebody inside a transaction catches it.
        database.transaction(() => {
          try {
            disk.run(database, work);
          } catch {
            // As if nothing had happened.
          }
        });
        expect(tries).to.equal(1);
        expect(states).to.deep.equal(["broken"]);
        for (const use of [
          () => database.prepare("SELECT 1").get(),
          () => database.transaction(() => undefined),
          work,
        ]) {
          expect(() => disk.run(database, use))
            .to.throw(StoreError, word)
            .that.satisfies(isDiskError)
            .and.has.property("code", "disk-broken");
        }
        expect(tries).to.equal(1);
        expect(disk.recover()).to.equal(false);
        database.close();
      });
    }

    it("lets other errors be", () => {
      const path = newPath();
      const disk = new Disk(path);
      const database = openDatabase(path, disk);
      for (const error of [failure("SQLITE_CONSTRAINT"), failure("SQLITE_BUSY"), new TypeError("no")]) {
        expect(() =>
          disk.run(database, () => {
            throw error;
          }),
        ).to.throw(error.message);
        expect(disk.state).to.equal("fine");
      }
      database.close();
    });
  });

  describe("the reserve", () => {
    it("takes real room, is kept over restarts, and is made anew when it is not whole", () => {
      const path = newPath();
      const bytes = 256 * 1024;
      expect(new Reserve(path, bytes).make()).to.equal(true);
      const first = readFileSync(path);
      expect(first).to.have.length(bytes);
      expect(statSync(path).blocks * 512).to.be.at.least(bytes);
      expect(new Reserve(path, bytes).make()).to.equal(true);
      expect(readFileSync(path).equals(first)).to.equal(true);
      expect(new Reserve(path, 2 * bytes).make()).to.equal(true);
      expect(statSync(path).size).to.equal(2 * bytes);
      rmSync(path);
    });

    // Root may write into every folder, so no rights are taken away here.
    const OBSTACLES: Readonly<Record<string, (path: string) => void>> = {
      "a folder of its name": (path) => void mkdirSync(join(path, "full"), { recursive: true }),
      "a link in a circle": (path) => symlinkSync(path, path),
      "a link to a folder that is not there": (path) => symlinkSync(join(folder.path, "nowhere", "file"), path),
      "a file that belongs to something else": (path) => writeFileSync(path, "other words"),
    };
    for (const [what, putThere] of Object.entries(OBSTACLES)) {
      it(`does not make a disk with room a full one: ${what}`, () => {
        const path = newPath();
        putThere(`${path}.reserve`);
        const { disk, database, write } = full(path, new Reserve(`${path}.reserve`, 1024));
        expect(disk.recover()).to.equal(true);
        expect(disk.state).to.equal("fine");
        // And what fails for want of room fails with that.
        expect(() => write("x".repeat(20_000)))
          .to.throw()
          .that.satisfies(isDiskFull);
        expect(disk.state).to.equal("full");
        database.pragma("max_page_count = 100000");
        expect(disk.recover()).to.equal(true);
        write("x".repeat(20_000));
        if (what.startsWith("a folder")) expect(disk.reserveProblem).to.include(`${path}.reserve`);
        else expect(disk.reserveProblem).to.equal(undefined);
        database.close();
      });
    }

    it("leaves nothing behind where it cannot be made, and says why", () => {
      const reserve = new Reserve(join(folder.path, "nowhere", "file"), 1024);
      expect(reserve.make()).to.equal(true);
      expect(reserve.problem).to.include("cannot be made").and.include("ENOENT");
      expect(existsSync(join(folder.path, "nowhere"))).to.equal(false);
    });
  });
});
