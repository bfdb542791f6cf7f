import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { Disk, type DiskState } from "../../src/store/disk.ts";
import { StoreError } from "../../src/store/errors.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("store/watched-files", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  let path: string;
  let disk: Disk;
  let database: Database;
  let states: DiskState[];
  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    disk = new Disk(path);
    database = openDatabase(path, disk);
    database.exec("CREATE TABLE text (text TEXT)");
    states = [];
    disk.onChange(() => states.push(disk.state));
  });
  afterEach(() => database.close());

  it("are the same while the database is written, backed up into a file, and its log emptied", () => {
    const insert = database.prepare("INSERT INTO text VALUES (?)");
    for (let row = 0; row < 50; row += 1) insert.run("x".repeat(2000));
    database.emptyLog();
    database.exec(`VACUUM INTO '${path}.copy'`);
    insert.run("after");
    disk.look();
    expect(states).to.deep.equal([]);
  });

  for (const [what, lose] of [
    ["deleted", () => rmSync(path)],
    [
      "replaced by a copy",
      () => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
    ["robbed of its log", () => rmSync(`${path}-wal`)],
    ["deleted with all that lies beside it", () => ["", "-wal", "-shm"].forEach((end) => rmSync(path + end))],
  ] as const) {
    it(`are noticed when the database is ${what}: nothing is written any more, and a sentence says why`, () => {
      lose();
      disk.look();
      disk.look();
      expect(states).to.deep.equal(["broken"]);
      expect(disk.failure?.message).to.match(
        /has been deleted or replaced while the bridge ran .*\. Put the right database/u,
      );
      expect(() => database.exec("INSERT INTO text VALUES ('void')"))
        .to.throw(StoreError, "has been deleted or replaced")
        .with.property("code", "disk-broken");
    });
  }
});
