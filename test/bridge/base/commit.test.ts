import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { commitWithRetry } from "../../../src/bridge/base/commit.ts";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
import type { Timer } from "../../../src/util/clock.ts";
import { StoreError } from "../../../src/store/errors.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";
import { HurriedClock } from "../../support/hurried-clock.ts";

const BEGIN = /^\s*UPDATE journal SET state = 'sending'/u;
const SETTLE = /^\s*UPDATE journal SET state = :state/u;

/** Ten seconds, after which it is tried again whether the disk takes something, can be made never to end. */
class HoldingClock extends HurriedClock {
  isHeld = false;

  override after(ms: number, run: () => void): Timer {
    return this.isHeld && ms === 10_000 ? { cancel: () => undefined } : super.after(ms, run);
  }
}

describe("a disk that takes nothing for a while", function () {
  this.timeout(60_000);
  let disk: FullDisk;
  let clock: HoldingClock;
  let bridge: TestBridge;
  let nils: ScriptedContact;
  let management: string;
  let room: string;
  beforeEach(async () => {
    disk = new FullDisk();
    bridge = await TestBridge.open();
    clock = new HoldingClock();
    await bridge.start(clock);
    nils = bridge.sandbox.contact(NILS, "Nils");
    management = await bridge.login();
    await nils.say(MIA.passport, "hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
  });
  afterEach(async () => {
    disk.restore();
    clock.isHurried = false;
    await bridge.close();
  });

  /** Full for what matches, until it has failed at several tries. */
  async function fullFor(what: RegExp, work: () => unknown): Promise<void> {
    disk.failures = 0;
    disk.isFull = (sql) => what.test(sql);
    await work();
    await until("several tries", () => disk.failures > 12);
    bridge.fake.forgetTransactionIds();
    disk.isFull = () => false;
    const last = (words: string): number => bridge.captured.lines.findLastIndex((line) => line.includes(words));
    await until(
      "the bridge knows",
      () => last("There is room on the disk") > last("disk with the database is full, so"),
    );
  }

  /** Nils says something as soon as the bridge has signed in again. */
  async function saysAgain(text: string): Promise<void> {
    const say = (): Promise<boolean> =>
      nils.say(MIA.passport, text).then(
        () => true,
        () => false,
      );
    await until("they can be reached again", say);
    await bridge.reads(bridge.alice, room, text);
  }

  const notices = (): string[] =>
    [room, management]
      .flatMap((id) => bridge.alice.messages(id))
      .flatMap(({ body }) => (/deliver|shown/u.test(body) ? [body] : []));

  const moments = [
    ["before a message goes out", BEGIN],
    ["when it has gone out", SETTLE],
    ["at both", new RegExp(`${BEGIN.source}|${SETTLE.source}`, "u")],
  ] as const;
  for (const [moment, statement] of moments) {
    it(`neither doubles nor belies what goes to MSN: ${moment}`, async () => {
      await fullFor(statement, () => {
        for (const text of ["one", "two"]) bridge.alice.say(room, text);
      });
      bridge.alice.say(room, "three");
      await until("three", () => nils.received.some(({ text }) => text === "three"));
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["one", "two", "three"]);
      // Whatever was told about them stands before it.
      await saysAgain("end");
      expect(notices()).to.deep.equal([]);
    });
  }

  const assign = /^\s*UPDATE journal SET portal_id/u;
  for (const [what, statement, texts] of [
    ["one message", assign, ["one"]],
    ["a message of which nothing may change", /^\s*UPDATE journal/u, ["one"]],
    ["several messages", assign, ["one", "and a half", "and more"]],
  ] as const) {
    it(`lets nothing overtake ${what} that the disk did not let be routed`, async () => {
      clock.isHeld = true;
      disk.isFull = (sql) => statement.test(sql);
      for (const text of texts) bridge.alice.say(room, text);
      await until("the disk has failed", () => disk.failures > 0);
      disk.isFull = () => false;
      await until("it has room", () =>
        bridge.captured.lines.some((line) => line.includes("There is room on the disk")),
      );
      // Before it is tried again whether the disk takes the first.
      await until("they are back", () => bridge.sandbox.sessions(MIA.passport) === 1);
      bridge.alice.say(room, "two");
      await until("two", () => nils.received.some(({ text }) => text === "two"));
      expect(nils.received.map(({ text }) => text)).to.deep.equal([...texts, "two"]);
    });
  }

  it("neither doubles nor belies what goes to Matrix, also if the homeserver forgets what it was sent", async () => {
    await fullFor(SETTLE, () => nils.say(MIA.passport, "one"));
    await saysAgain("two");
    const shown = bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
    expect(shown).to.deep.equal(["hello", "one", "two"]);
    expect(notices()).to.deep.equal([]);
  });

  it("doubles nothing that the bot says", async () => {
    await fullFor(/^\s*DELETE FROM notice WHERE/u, () => bridge.alice.say(management, "help"));
    await bridge.reads(bridge.alice, management, "start-chat <");
    await bridge.ask(management, "status", "sign");
    const bodies = bridge.alice.messages(management).map(({ body }) => body);
    expect(bodies).to.deep.equal([...new Set(bodies)]);
  });

  it("tells that a command met it, and not that the bridge is broken", async () => {
    await fullFor(/^\s*INSERT INTO notice \(/u, () => bridge.alice.say(management, "help"));
    const { body } = await bridge.reads(bridge.alice, management, "worked on your command");
    expect(body).to.include("disk of this bridge was full");
  });

  it("says in the end what it is not able to carry", async () => {
    const notice = /^\s*INSERT INTO journal \(id, direction, portal_id/u;
    await fullFor(notice, () => bridge.alice.send(room, "m.room.encrypted", { algorithm: "x", ciphertext: "x" }));
    await bridge.reads(bridge.alice, room, "cannot read encrypted");
  });
});

describe("bridge/base/commit", () => {
  const failures = [
    [new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL"), true],
    [new Sqlite.SqliteError("database is locked", "SQLITE_BUSY"), true],
    [new StoreError("settled", "The row has been settled."), false],
    [new RangeError("Invalid array length"), false],
    [new Sqlite.SqliteError("FOREIGN KEY constraint failed", "SQLITE_CONSTRAINT_FOREIGNKEY"), false],
  ] as const;
  for (const [error, isRetried] of failures) {
    it(`${isRetried ? "does it again" : "does not do again for ever what fails"}: ${error.message}`, async () => {
      const clock = new FakeClock();
      let tries = 0;
      const work = (): void => {
        tries += 1;
        throw error;
      };
      const { signal } = new AbortController();
      commitWithRetry({ store: { batch: (all) => all() }, clock, log: silentLog, signal }, work);
      await clock.advance(60_000);
      expect(tries).to.equal(isRetried ? 7 : 1);
      expect(clock.waiting).to.equal(isRetried ? 1 : 0);
    });
  }
});
