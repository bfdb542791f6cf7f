import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { Disk } from "../../src/store/disk.ts";
import { isDiskFull } from "../../src/store/errors.ts";
import { Reserve } from "../../src/store/reserve.ts";
import { rejection } from "../support/rejection.ts";
import { onSqliteCall } from "../support/sqlite-calls.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { GROUPS, startWriter } from "./support/writer-process.ts";

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("store/transactions", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  let path: string;
  let database: Database;
  let insert: Sqlite.Statement;
  let commits: number;
  let stopCounting: () => void;

  const use = (disk?: Disk): void => {
    database = openDatabase(path, disk);
    database.exec("CREATE TABLE word (word TEXT NOT NULL UNIQUE)");
    insert = database.prepare("INSERT INTO word VALUES (?)");
    commits = 0;
  };
  const words = (): unknown[] => database.prepare("SELECT word FROM word ORDER BY rowid").pluck().all();
  const commit = async (word: string): Promise<string> =>
    database.commit(() => {
      insert.run(word);
      return word;
    });

  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    stopCounting = onSqliteCall(({ committed }) => {
      if (committed) commits += 1;
    });
    use();
  });
  afterEach(() => {
    stopCounting();
    database.close();
  });

  describe("works that may wait", () => {
    const later = async (word: string, withinMs: number): Promise<string> =>
      database.commit(() => {
        insert.run(word);
        return word;
      }, withinMs);

    it("are part of the next commit, before what came after them", async () => {
      const waiting = later("a", 60_000);
      await turn();
      await turn();
      expect([words(), commits]).to.deep.equal([[], 0]);
      const urgent = commit("b");
      expect(await Promise.all([waiting, urgent])).to.deep.equal(["a", "b"]);
      expect([words(), commits]).to.deep.equal([["a", "b"], 1]);
    });

    it("are committed with what is written at once", async () => {
      const waiting = later("a", 60_000);
      insert.run("b");
      expect([words(), commits]).to.deep.equal([["a", "b"], 1]);
      expect(await waiting).to.equal("a");
    });

    it("make a commit together once the first has waited long enough", async () => {
      await Promise.all([later("a", 1), later("b", 60_000)]);
      expect([words(), commits]).to.deep.equal([["a", "b"], 1]);
    });

    it("are written when the database is closed", async () => {
      const waiting = later("a", 60_000);
      database.close();
      expect(await waiting).to.equal("a");
    });
  });

  describe("the works of a turn", () => {
    it("are one commit, in order, and are heard of only after it", async () => {
      const heard: string[] = [];
      const works = ["a", "b", "c"].map(async (word) => {
        const inserted = await commit(word);
        expect(commits).to.equal(1);
        heard.push(inserted);
      });
      expect(words()).to.deep.equal([]);
      await Promise.all(works);
      expect(heard).to.deep.equal(["a", "b", "c"]);
      expect(words()).to.deep.equal(["a", "b", "c"]);
      await Promise.all(["d", "e"].map(commit));
      expect(commits).to.equal(2);
    });

    it("see what those before them wrote, and nobody else does", async () => {
      const first = commit("a");
      expect(words()).to.deep.equal([]);
      const seen = database.commit(words);
      expect(await seen).to.deep.equal(["a"]);
      await first;
    });

    it("are undone one at a time where one throws, still in one commit", async () => {
      const results = await Promise.allSettled([
        commit("a"),
        database.commit(() => {
          insert.run("half");
          throw new TypeError("no");
        }),
        commit("a"),
        commit("b"),
      ]);
      expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "rejected", "fulfilled"]);
      expect(results[1]).to.have.property("reason").that.is.instanceOf(TypeError);
      expect(words()).to.deep.equal(["a", "b"]);
      expect(commits).to.equal(1);
    });

    it("are not undone because a part of one was that the work itself caught", async () => {
      await database.commit(() => {
        insert.run("a");
        expect(() =>
          database.transaction(() => {
            insert.run("b");
            throw new TypeError("no");
          }),
        ).to.throw(TypeError);
        database.transaction(() => insert.run("c"));
      });
      expect(words()).to.deep.equal(["a", "c"]);
    });

    it("are tried one by one where COMMIT fails", async () => {
      database.exec("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
      database.exec("CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
      const orphan = database.prepare("INSERT INTO child VALUES (1)");
      const results = await Promise.allSettled([commit("a"), database.commit(() => orphan.run()), commit("b")]);
      expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(results[1]).to.have.nested.property("reason.code", "SQLITE_CONSTRAINT_FOREIGNKEY");
      expect(words()).to.deep.equal(["a", "b"]);
    });

    it("are more than one commit where there are very many, and the loop runs between", async () => {
      const seen: number[] = [];
      const all = Array.from({ length: 1200 }, (_, index) => `${index}`);
      const works = Promise.all(all.map(commit));
      for (let seenNow = 0; seenNow < all.length; seen.push(seenNow)) {
        await turn();
        seenNow = words().length;
      }
      await works;
      expect(commits).to.be.at.least(3);
      expect(seen.length).to.be.at.least(3);
      expect(words()).to.deep.equal(all);
    });

    it("fail together, after one wait, where another program does not let go of the database", async () => {
      database.close();
      path = `${path}.busy`;
      const disk = new Disk(path);
      use(disk);
      const run = disk.run.bind(disk);
      let tries = 0;
      disk.run = (on, work) => {
        tries += 1;
        return run(on, work);
      };
      const other = new Sqlite(path);
      other.exec("BEGIN IMMEDIATE");
      const results = await Promise.allSettled(["a", "b", "c"].map(commit));
      for (const result of results) expect(result).to.have.nested.property("reason.code", "SQLITE_BUSY");
      expect(tries).to.equal(1);
      other.close();
      await commit("a");
      expect(words()).to.deep.equal(["a"]);
    });

    it("cannot hand over another work", async () => {
      let inner: Promise<string> | undefined;
      await database.commit(() => {
        inner = commit("a");
        inner.catch(() => undefined);
      });
      expect(await rejection(inner ?? Promise.resolve())).to.be.instanceOf(Error);
      expect(words()).to.deep.equal([]);
    });
  });

  describe("what is written at once", () => {
    it("takes along what waits, in one commit", async () => {
      const heard: string[] = [];
      const waiting = commit("a").then((word) => heard.push(word));
      expect(database.transaction(() => insert.run("b").changes)).to.equal(1);
      expect(words()).to.deep.equal(["a", "b"]);
      expect(heard).to.deep.equal([]);
      await waiting;
      await turn();
      expect(commits).to.equal(1);
    });

    it("does not overtake what waits, as a statement of its own either", async () => {
      const waiting = commit("a");
      const remove = database.prepare("DELETE FROM word WHERE word = ? RETURNING word").pluck();
      expect(remove.get("a")).to.equal("a");
      await waiting;
      expect(words()).to.deep.equal([]);
      expect(commits).to.equal(1);
    });

    it("throws what it throws itself, and what waited is written all the same", async () => {
      const waiting = commit("a");
      const failing = (): void =>
        database.transaction(() => {
          insert.run("b");
          throw new TypeError("no");
        });
      expect(failing).to.throw(TypeError);
      expect(words()).to.deep.equal(["a"]);
      await waiting;
      const other = rejection(database.commit(failing));
      expect(insert.run("c").changes).to.equal(1);
      expect(await other).to.be.instanceOf(TypeError);
      expect(words()).to.deep.equal(["a", "c"]);
    });

    it("is behind all that waits, also where that is more than one commit", async () => {
      const all = Array.from({ length: 700 }, (_, index) => `${index}`);
      const waiting = Promise.all(all.map(commit));
      insert.run("last");
      expect(words()).to.deep.equal([...all, "last"]);
      await waiting;
    });
  });

  describe("on a full disk", () => {
    const large = "x".repeat(20_000);

    function fill(): void {
      database.pragma(`max_page_count = ${Number(database.pragma("page_count", { simple: true }))}`);
    }

    it("gives up the reserve and does all of it again, in one commit", async () => {
      database.close();
      const reserve = new Reserve(`${path}.reserve`, 1024 * 1024);
      const giveUp = reserve.giveUp.bind(reserve);
      reserve.giveUp = () => {
        giveUp();
        database.pragma("max_page_count = 100000");
      };
      path = `${path}.full`;
      const disk = new Disk(path, reserve);
      use(disk);
      expect(disk.recover()).to.equal(true);
      fill();
      await Promise.all(["a", large, "b"].map(commit));
      expect(disk.state).to.equal("full");
      expect(words()).to.deep.equal(["a", large, "b"]);
    });

    it("refuses only those that do not fit", async () => {
      fill();
      const results = await Promise.allSettled(["a", large, "b"].map(commit));
      expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(results[1]).to.have.property("reason").that.satisfies(isDiskFull);
      expect(words()).to.deep.equal(["a", "b"]);
    });
  });

  describe("on a disk that fails", () => {
    const fail = (): never => {
      throw new Sqlite.SqliteError("it failed", "SQLITE_IOERR_FSYNC");
    };
    let restore: () => void;
    beforeEach(() => void (restore = () => undefined));
    afterEach(() => restore());

    /** From now on every COMMIT fails. @returns how often one was tried */
    function failCommits(): () => number {
      const statements: unknown = Object.getPrototypeOf(new Sqlite(":memory:").prepare("SELECT 1"));
      if (typeof statements !== "object" || statements === null) throw new Error("there are no statements");
      const original: unknown = Reflect.get(statements, "run");
      if (typeof original !== "function") throw new Error("there is no run()");
      let tries = 0;
      Reflect.set(statements, "run", function run(this: object, ...args: unknown[]): unknown {
        if (Reflect.get(this, "source") === "COMMIT") {
          tries += 1;
          fail();
        }
        const result: unknown = Reflect.apply(original, this, args);
        return result;
      });
      restore = () => void Reflect.set(statements, "run", original);
      return () => tries;
    }

    for (const where of ["a work", "COMMIT"]) {
      it(`nothing more is committed, and each is told: ${where}`, async () => {
        const works = [commit("a"), database.commit(() => (where === "a work" ? fail() : undefined)), commit("b")];
        const tries = where === "COMMIT" ? failCommits() : () => 1;
        const results = await Promise.allSettled(works);
        for (const result of results) expect(result).to.have.nested.property("reason.code", "disk-broken");
        // What a second one says of what the first has written is not to be trusted.
        expect(tries()).to.equal(1);
        restore();
        expect(await rejection(commit("c"))).to.have.property("code", "disk-broken");
        expect(() => database.transaction(() => undefined))
          .to.throw()
          .with.property("code", "disk-broken");
        database.close();
        const plain = new Sqlite(path);
        expect(plain.prepare("SELECT word FROM word").pluck().all()).to.deep.equal([]);
        plain.close();
      });
    }
  });

  it("writes what waits before it closes, and nothing afterwards", async () => {
    const waiting = commit("a");
    database.close();
    await waiting;
    const plain = new Sqlite(path);
    expect(plain.prepare("SELECT word FROM word").pluck().all()).to.deep.equal(["a"]);
    plain.close();
    expect(await rejection(commit("b"))).to.be.instanceOf(TypeError);
  });

  describe("in a process that is killed", () => {
    /** Runs until it has begun a group, and then is killed. @returns the numbers of the groups it said were done */
    async function run(file: string, until: number, stopIn = 0): Promise<number[]> {
      const writer = await startWriter(file, GROUPS, `begun ${until}`, stopIn);
      return (await writer.kill()).flatMap((line) => /^done (\d+)$/u.exec(line)?.[1] ?? []).map(Number);
    }

    function groupsOf(file: string): Map<number, number> {
      const plain = new Sqlite(file);
      const rows = plain.prepare("SELECT of_group, count(*) FROM part GROUP BY of_group").raw().all();
      plain.close();
      return new Map(rows.map((row) => (Array.isArray(row) ? [Number(row[0]), Number(row[1])] : [0, 0])));
    }

    it("between the first row of a group and its commit: nothing of it is there, and all that was told is", async () => {
      const file = join(folder.path, "inside.db");
      const done = await run(file, 5, 5);
      expect(done).to.deep.equal([1, 2, 3, 4]);
      expect([...groupsOf(file)]).to.deep.equal(done.map((group) => [group, 3]));
    });

    it("at any time: each group is there as a whole or not at all, and all that was told is", async () => {
      const file = join(folder.path, "anywhere.db");
      const done = await run(file, 50);
      const groups = groupsOf(file);
      expect([...groups.values()].every((parts) => parts === 3)).to.equal(true);
      expect(done.filter((group) => !groups.has(group))).to.deep.equal([]);
    });
  });
});
