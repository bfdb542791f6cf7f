import { chmodSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { openStore } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

describe("store/protect", () => {
  const folder = tempFolder();
  after(folder.remove);
  const path = join(folder.path, "msn.db");
  const keyFile = join(folder.path, "msn.key");
  const options = { path, keyFile, ...timesOf(new FakeClock()), reserveBytes: 4096 };
  const modeOf = (file: string): number => statSync(file).mode & 0o777;

  it("takes the rights of others away from the database, all beside it, and the key, and says so", () => {
    const first = openStore(options);
    expect(first.repairs).to.deep.equal([]);
    first.close();
    // As a process that was killed leaves it: with its log.
    const killed = new Sqlite(path);
    killed.exec("UPDATE meta SET value = value");
    const files = [path, ...["-wal", "-shm", ".lock", ".reserve"].map((end) => path + end), keyFile];
    for (const file of files) chmodSync(file, 0o664);
    const store = openStore(options);
    expect(files.map(modeOf)).to.deep.equal(files.map(() => 0o600));
    expect(store.repairs).to.have.length(files.length);
    for (const repair of store.repairs) expect(repair).to.match(/mode 664\); its mode is 600 now\.$/u);
    store.close();
    killed.close();
  });

  it("touches nothing that a link beside the database leads to", () => {
    const theirs = join(folder.path, "theirs");
    writeFileSync(theirs, "");
    chmodSync(theirs, 0o644);
    const other = join(folder.path, "other.db");
    symlinkSync(theirs, `${other}.reserve`);
    openStore({ path: other, keyFile, ...timesOf(new FakeClock()) }).close();
    expect(modeOf(theirs)).to.equal(0o644);
  });
});
