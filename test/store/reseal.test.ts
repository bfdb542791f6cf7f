import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";
import { codeOf } from "./support/code-of.ts";
import { makeOlderDatabase, WORDS } from "./support/older-database.ts";
import { expectWhole, formats, tamper } from "./support/sealed-values.ts";
import { startWriter } from "./support/writer-process.ts";

const ANNA = "@anna:example.org";
const SLOWLY = new URL("support/open-slowly.ts", import.meta.url);

describe("sealed values", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;

  function older(): { path: string; open: () => Store } {
    const path = join(folder.path, `${(files += 1)}.db`);
    makeOlderDatabase(path, `${path}.key`);
    return { path, open: () => openStore({ path, keyFile: `${path}.key`, ...timesOf(new FakeClock()) }) };
  }

  it("of an older database are bound to their places when it is opened, and what people wrote is sealed", () => {
    const { path, open } = older();
    for (const word of WORDS) expect(readFileSync(path).includes(word), word).to.equal(true);
    const store = open();
    expectWhole(store);
    const left = ["", "-wal"].flatMap((end) => WORDS.filter((word) => readFileSync(path + end).includes(word)));
    expect(left, "in clear while it runs").to.deep.equal([]);
    store.close();
    expect(WORDS.filter((word) => readFileSync(path).includes(word))).to.deep.equal([]);
    expect([...formats(path)]).to.deep.equal(["02"]);
    const again = open();
    expectWhole(again);
    // What is numbered from now on comes after what was.
    expect(again.journal.acceptMessage(1, {}).id).to.equal(8);
    expect(again.transfers.add({ portalId: 1, rowId: null, name: "more.pdf" })).to.equal(5);
    again.close();
  });

  for (const stopAt of [1, 5, 13]) {
    it(`are as they were where that is killed at the ${stopAt}th of them, and are bound at the next start`, async () => {
      const { path, open } = older();
      const process = await startWriter(path, SLOWLY, `at ${stopAt}`, stopAt);
      await process.kill();
      expect(existsSync(`${path}-wal`)).to.equal(true);
      const store = open();
      expectWhole(store);
      store.close();
      expect([...formats(path)]).to.deep.equal(["02"]);
    });
  }

  it("that did not open before, one of them, keep nothing else from being bound", () => {
    const { path, open } = older();
    tamper(path, "UPDATE puppet SET token = x'01020304'");
    const store = open();
    expect(codeOf(() => store.puppets.token(ANNA))).to.equal("damaged");
    expect(store.logins.password(1)).to.equal("swordfish");
    store.close();
  });

  // Each as somebody would do it who can write to the database, or to a backup that is restored.
  const attacks: ReadonlyArray<readonly [what: string, sql: string, use: (store: Store) => unknown]> = [
    [
      "the password of another login",
      "INSERT INTO login (id, server, passport, passport_key, owner, password) " +
        "SELECT 2, server, passport, passport_key, '@mallory:example.org', password FROM login",
      (store) => store.logins.password(2),
    ],
    [
      "a login given to another user",
      "UPDATE login SET owner = '@mallory:example.org'",
      (store) => store.logins.password(1),
    ],
    ["a login led to another server", "UPDATE login SET server = 'two'", (store) => store.logins.password(1)],
    [
      "a login under another account",
      "UPDATE login SET passport_key = 'm', passport = 'm'",
      (store) => store.logins.password(1),
    ],
    [
      "a password as a token",
      "UPDATE puppet SET token = (SELECT password FROM login)",
      (store) => store.puppets.token(ANNA),
    ],
    [
      "a token of another user",
      "INSERT INTO puppet (owner, token) SELECT '@mallory:example.org', token FROM puppet",
      (store) => store.puppets.token("@mallory:example.org"),
    ],
    ["a message in another portal", "UPDATE journal SET portal_id = 2 WHERE id = 5", (store) => store.journal.body(5)],
    [
      "a message in another portal, as it is sent",
      "UPDATE journal SET portal_id = 2 WHERE id = 5",
      (store) => store.journal.next("to-matrix", 2)?.body(),
    ],
    [
      "an event in another room",
      "UPDATE journal SET room_id = '!other:example.org' WHERE id = 3",
      (store) => store.journal.body(3),
    ],
    [
      "the words of another row",
      "UPDATE journal SET body = (SELECT body FROM journal WHERE id = 5) WHERE id = 3",
      (store) => store.journal.body(3),
    ],
    [
      "a title of another chat",
      "UPDATE portal SET title = (SELECT title FROM portal WHERE id = 1)",
      (store) => store.portals.title(2),
    ],
    [
      "a notice for another user",
      "UPDATE notice SET owner = '@mallory:example.org'",
      (store) => store.notices.next("@mallory:example.org"),
    ],
    [
      "a command behind another reaction",
      "UPDATE notice_event SET event_id = '$other'",
      (store) => store.noticeEvents.find("a request"),
    ],
    [
      "a command of another notice",
      "UPDATE notice_event SET answers = (SELECT answers FROM notice)",
      (store) => store.noticeEvents.find("a request"),
    ],
    [
      "a notice as a file's name",
      "UPDATE transfer SET name = (SELECT body FROM notice)",
      (store) => store.transfers.list(1),
    ],
    ["a space's name of another group", "UPDATE space SET contact_group = '1'", (store) => store.spaces.find(1, "1")],
  ];
  for (const [what, sql, use] of attacks) {
    it(`do not open elsewhere: ${what}`, () => {
      const { path, open } = older();
      open().close();
      tamper(path, sql);
      const store = open();
      expect(codeOf(() => use(store))).to.equal("damaged");
      store.close();
    });
  }

  it("do not open elsewhere: the secret of links as the proof of the key, and what a room was told of another", () => {
    const { path, open } = older();
    open().close();
    tamper(path, "UPDATE portal SET told = (SELECT told FROM portal WHERE id = 1)");
    const store = open();
    expect(store.portals.told(2), "it is told again").to.deep.equal({});
    store.close();
    tamper(path, "UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'link_secret') WHERE key = 'key_check'");
    expect(codeOf(open)).to.equal("wrong-key");
  });
});
