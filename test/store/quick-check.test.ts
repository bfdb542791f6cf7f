import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { StoreError } from "../../src/store/errors.ts";
import { checkDatabase } from "../../src/store/quick-check.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { timesOf } from "../support/calendars.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { rejection } from "../support/rejection.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { startJournalWriter } from "./support/writer-process.ts";

describe("store/quick-check", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  let path: string;
  const open = (): Store => openStore({ path, keyFile: `${path}.key`, ...timesOf(new FakeClock()) });
  beforeEach(() => void (path = join(folder.path, `${(files += 1)}.db`)));

  /** Makes a database with some hundred rows. */
  function fill(): void {
    const store = open();
    const [registered, avatarHash] = [true, null];
    store.batch(() => {
      for (let row = 0; row < 800; row += 1) {
        const [passport, name] = [`${row}@hotmail.com`, "x".repeat(200)];
        store.ghosts.save({ server: "one", passport, userId: `@msn_${row}:example.org`, registered, name, avatarHash });
      }
    });
    store.close();
  }

  it("is wanted where the run before was cut off, and nowhere else", async () => {
    const first = open();
    expect(first.isSuspect, "a new one").to.equal(false);
    first.close();
    const ended = open();
    expect(ended.isSuspect, "after a proper end").to.equal(false);
    ended.run.alive(new Date());
    ended.close();
    const late = open();
    expect(late.isSuspect, "after one that had not told its end").to.equal(true);
    late.run.end();
    late.close();
    const writer = await startJournalWriter(path);
    await writer.kill();
    const killed = open();
    expect(killed.isSuspect, "after a kill").to.equal(true);
    await checkDatabase(path);
    killed.close();
  });

  it("finds a page in the middle that is not what it was, and says what to do", async () => {
    fill();
    const bytes = readFileSync(path);
    bytes.fill(0xaa, bytes.length / 2, bytes.length / 2 + 4096);
    writeFileSync(path, bytes);
    const store = open();
    const error = await rejection(checkDatabase(path));
    store.close();
    expect(error).to.be.instanceOf(StoreError).with.property("code", "disk-broken");
    expect(error)
      .to.have.property("message")
      .that.matches(/^The database .* is damaged \(.*\)\. .* Restore a backup of the database/u);
  });

  it("is not needed where the file was cut: it is not opened", () => {
    fill();
    truncateSync(path, Math.floor(statSync(path).size / 2048) * 1024);
    expect(codeOf(open)).to.equal("disk-broken");
    truncateSync(path, 50);
    expect(open).to.throw(StoreError, "Restore a backup").with.property("code", "disk-broken");
  });

  it("is not needed where nothing is left: with its key there, an empty database is none", () => {
    fill();
    truncateSync(path, 0);
    expect(open).to.throw(StoreError, "is empty, though there is a key for it").with.property("code", "unreadable");
    expect(statSync(path).size, "it is left as it was").to.equal(0);
    // As a first start leaves it that is cut off.
    const fresh = `${path}.fresh`;
    writeFileSync(fresh, "");
    openStore({ path: fresh, keyFile: `${fresh}.key`, ...timesOf(new FakeClock()) }).close();
    expect(existsSync(`${fresh}.key`)).to.equal(true);
  });
});
