import { expect } from "chai";
import type { Permissions } from "../../../src/bridge/base/permissions.ts";
import type { CommandRequest } from "../../../src/bridge/from-matrix/command-request.ts";
import { Inbox } from "../../../src/bridge/from-matrix/inbox.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { JournalRow } from "../../../src/store/journal-row.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { rejection } from "../../support/rejection.ts";
import { inboundScope, intentOf, testNetwork, ToldNotices } from "../../support/scopes.ts";
import { BOT } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const ALICE = "@alice:localhost";
const EVE = "@eve:localhost";
const GHOST = "@msn_one_nils=40example.com:localhost";
const [BOT_ROOM, CHAT] = ["!bot:localhost", "!chat:localhost"];
const ADDRESS = { userId: BOT, name: "MSN bridge", prefix: "!msn" };

type Fields = Record<string, unknown>;

describe("bridge/from-matrix/inbox", () => {
  let clock: FakeClock;
  let scope: InboundScope;
  let notices: ToldNotices;
  let stopping: AbortController;
  let disk: FullDisk;
  let portal: PortalRow;
  let inbox: Inbox;
  /** What the homeserver says about events, by their ids. */
  const known = new Map<string, unknown>();
  let ran: CommandRequest[];
  let count: number;

  beforeEach(async () => {
    clock = new FakeClock();
    disk = new FullDisk();
    stopping = new AbortController();
    notices = new ToldNotices();
    known.clear();
    [ran, count] = [[], 0];
    const permissions: Permissions = {
      levelOf: (userId) => (userId === EVE ? "block" : "user"),
      isAllowed: (userId) => userId !== EVE,
    };
    const bot = intentOf(BOT, (_, path) => {
      const found = known.get(decodeURIComponent(path.split("/").at(-1) ?? ""));
      const { signal } = stopping;
      if (found === undefined) throw notFound();
      return signal.aborted ? Promise.reject(new Error("stopped")) : Promise.resolve(found);
    });
    const parts = { clock, notices, permissions, bot, signal: stopping.signal };
    scope = inboundScope(parts);
    const { store } = scope;
    const login = store.logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });
    portal = store.portals.save({ loginId: login.id, kind: "direct", remote: "nils@example.com" });
    store.portals.setRoom(portal.id, CHAT);
    store.managementRooms.save({ roomId: BOT_ROOM, owner: ALICE });
    scope = { ...scope, logins: new Logins(scope, [testNetwork()]) };
    inbox = newInbox();
    await inbox.open();
  });
  afterEach(() => {
    stopping.abort();
    disk.restore();
    scope.store.close();
  });

  function newInbox(): Inbox {
    return new Inbox(scope, ADDRESS, { run: (request) => Promise.resolve(void ran.push(request)) });
  }

  function event(fields: Fields): Fields & { event_id: string } {
    count += 1;
    const envelope = { event_id: `$${count}`, room_id: BOT_ROOM, sender: ALICE, origin_server_ts: count };
    return { ...envelope, type: "m.room.message", content: {}, ...fields };
  }

  function text(body: string, fields: Fields = {}): Fields & { event_id: string } {
    return event({ content: { msgtype: "m.text", body }, ...fields });
  }

  function edit(target: string, body: string): Fields & { event_id: string } {
    const content = { msgtype: "m.text", body: `* ${body}`, "m.new_content": { msgtype: "m.text", body } };
    return event({ content: { ...content, "m.relates_to": { rel_type: "m.replace", event_id: target } } });
  }

  function row({ event_id: id }: { event_id: string }): JournalRow | undefined {
    return scope.store.journal.findByEventId(id);
  }

  /** Accepts an event and waits for what becomes of it. */
  async function settled(one: Fields & { event_id: string }): Promise<[state: string, reason: string | null]> {
    await inbox.accept([one]);
    await until("its end", () => !["accepted", "sending", undefined].includes(row(one)?.state));
    return [row(one)?.state ?? "", row(one)?.reason ?? null];
  }

  function makeRoom(): void {
    disk.isFull = () => false;
    expect(scope.store.disk.recover()).to.equal(true);
  }

  const commands = (): string[] => ran.map(({ text: said }) => said);

  it("hands the words of an owner to their chat in the commit that keeps them", async () => {
    const [words, ours] = [text("hello", { room_id: CHAT }), text("me too", { room_id: CHAT, sender: GHOST })];
    await inbox.accept([words, ours]);
    expect(row(words)).to.include({ state: "accepted", portalId: portal.id });
    expect(row(ours), "what comes back of our own").to.equal(undefined);
  });

  it("runs commands in their order, each once, whatever comes again", async () => {
    const said = [text("one"), text("!msn two"), text("MSN bridge: three"), text("!msn four", { room_id: CHAT })];
    await inbox.accept(said);
    await inbox.accept(said);
    await until("all", () => said.every((one) => row(one)?.state === "delivered"));
    expect(commands()).to.deep.equal(["one", "two", "three", "four"]);
    expect(ran.map(({ room }) => room.roomId)).to.deep.equal([BOT_ROOM, BOT_ROOM, BOT_ROOM, CHAT]);
  });

  it("routes nothing before it is open, and then what came before, with what an earlier run had begun", async () => {
    inbox = newInbox();
    const [begun, fresh] = [text("begun"), text("fresh")];
    await inbox.accept([begun, fresh]);
    expect([row(begun)?.state, row(fresh)?.state]).to.deep.equal(["accepted", "accepted"]);
    scope.store.journal.markSending(row(begun)?.id ?? 0);
    await inbox.open();
    await until("both", () => row(begun)?.state === "uncertain" && row(fresh)?.state === "delivered");
    expect(ran.map(({ text: said, isInterrupted }) => [said, isInterrupted])).to.deep.equal([
      ["begun", true],
      ["fresh", false],
    ]);
  });

  it("takes a long transaction in slices, in order, and nothing overtakes it", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => text(`${index}`));
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    let isDone = false;
    turn();
    const [last] = [text("last")];
    await Promise.all([inbox.accept(many), inbox.accept([last]).then(() => (isDone = true))]);
    expect(turns).to.be.at.least(10);
    await until("all", () => commands().length === 1001);
    expect(commands()).to.deep.equal([...many.keys().map(String), "last"]);
  });

  it("opens in slices too, and routes what comes meanwhile after what was left", async () => {
    inbox = newInbox();
    const many = Array.from({ length: 250 }, (_, index) => text(`${index}`));
    await inbox.accept(many);
    const opening = inbox.open();
    await inbox.accept([text("late")]);
    await opening;
    await until("all", () => commands().length === 251);
    expect(commands()).to.deep.equal([...many.keys().map(String), "late"]);
  });

  const NOWHERE: Array<[what: string, fields: Fields, reason: string]> = [
    ["an event without a sender", { sender: 1 }, "unreadable"],
    ["words in a room of nobody", { room_id: "!other:localhost", content: { body: "x" } }, "no room of ours"],
    ["another's words to the bot", { sender: "@bob:localhost", content: { body: "x" } }, "no room of ours"],
    ["another's words in a chat", { sender: "@bob:localhost", room_id: CHAT, content: { body: "x" } }, "not the owner"],
    ["a stranger's words", { sender: EVE, room_id: "!other:localhost", content: { body: "x" } }, "blocked"],
    ["what says nothing to the bot", { type: "m.sticker", content: { body: "cat" } }, "no command"],
    ["state that is nobody's business", { type: "m.room.topic", state_key: "", content: { topic: "x" } }, "a change"],
  ];
  for (const [what, fields, reason] of NOWHERE) {
    it(`skips ${what}`, async () => {
      const one = event(fields);
      await inbox.accept([one]);
      expect(row(one)).to.include({ state: "skipped", reason });
    });
  }

  it("says in the log what it cannot read, and keeps no row of it where it comes again and again", async () => {
    const captured = captureLog();
    scope = { ...scope, log: captured.log };
    inbox = newInbox();
    await inbox.open();
    const odd = [
      { type: "m.room.message" },
      null,
      { ...text("deep"), content: JSON.parse("[".repeat(500) + "]".repeat(500)) as unknown },
    ];
    const before = text("before");
    for (let at = 0; at < 3; at += 1) await inbox.accept([...odd, before]);
    const after = text("after");
    await inbox.accept([after]);
    // The deep one has an id.
    expect((row(after)?.id ?? 0) - (row(before)?.id ?? 0)).to.be.at.most(2);
    expect(captured.lines.join("")).to.contain("none that can be read");
  });

  it("says once in a room why nothing of it crosses any more", async () => {
    const own = scope.store.managementRooms;
    own.save({ roomId: "!eve:localhost", owner: EVE });
    for (const body of ["one", "two"]) await inbox.accept([text(body, { sender: EVE, room_id: "!eve:localhost" })]);
    expect(notices.told.map(({ owner }) => owner)).to.deep.equal([EVE]);
    expect(commands()).to.deep.equal([]);
  });

  it("takes nothing while the disk does not, so that the homeserver sends it again", async () => {
    disk.isFull = (sql) => sql.includes("UPDATE journal");
    const one = text("one");
    await rejection(inbox.accept([one]));
    expect(row(one), "the row goes with its routing").to.equal(undefined);
    expect((await rejection(inbox.accept([]))).message).to.contain("is full");
    makeRoom();
    expect(await settled(one)).to.deep.equal(["delivered", null]);
    expect(commands()).to.deep.equal(["one"]);
  });

  it("lets nothing overtake what the disk did not let be routed", async () => {
    inbox = newInbox();
    await inbox.accept([text("one")]);
    disk.isFull = (sql) => sql.includes("UPDATE journal");
    await inbox.open();
    await rejection(inbox.accept([text("two")]));
    makeRoom();
    const three = text("three");
    expect(await settled(three)).to.deep.equal(["delivered", null]);
    await clock.advance(10_000);
    expect(commands()).to.deep.equal(["one", "three"]);
  });

  it("keeps what is said in a room that is being made, in order, until it is one of ours", async () => {
    const next = "!next:localhost";
    scope.store.portals.setRoom(portal.id, null);
    scope.store.portals.markCreating(portal.id);
    const [one, two] = [text("one", { room_id: next }), text("two", { room_id: next })];
    await inbox.accept([one, two]);
    await inbox.accept([text("three", { room_id: next })]);
    await clock.advance(500);
    expect(row(one)).to.include({ state: "accepted", portalId: null });
    scope.store.portals.setRoom(portal.id, next);
    await clock.advance(500);
    expect([row(one)?.portalId, row(two)?.portalId]).to.deep.equal([portal.id, portal.id]);
  });

  it("takes note that a user has left a room before it was known to be theirs, and of nothing else out of order", async () => {
    const next = "!next:localhost";
    scope.store.portals.setRoom(portal.id, null);
    scope.store.portals.markCreating(portal.id);
    const member = (userId: string, membership: string): Fields & { event_id: string } =>
      event({ room_id: next, type: "m.room.member", state_key: userId, content: { membership } });
    const [came, left] = [member(ALICE, "join"), member(ALICE, "leave")];
    await inbox.accept([came, left]);
    expect([row(came)?.state, row(left)?.state], "nobody who comes changes anything").to.deep.equal([
      "skipped",
      "accepted",
    ]);
    scope.store.portals.setRoom(portal.id, next);
    // At once, and before the words that come after it.
    const words = text("still there?", { room_id: next });
    await inbox.accept([words]);
    expect(row(left)).to.include({ state: "skipped", reason: "a change" });
    expect(scope.store.portals.get(portal.id).roomId, "it is lost").to.equal(null);
    expect(row(words)).to.include({ state: "skipped", reason: "no room of ours" });
  });

  it("answers an invitation of the bot although a room is being made", async () => {
    scope.store.portals.setRoom(portal.id, null);
    scope.store.portals.markCreating(portal.id);
    const fields = { room_id: "!new:localhost", type: "m.room.member", content: { membership: "invite" } };
    const [bot, ghost] = [event({ ...fields, state_key: BOT }), event({ ...fields, state_key: GHOST })];
    bot["room_id"] = "!other:localhost";
    await inbox.accept([ghost, bot]);
    await until("an answer", () => row(bot)?.state === "failed");
    expect(row(ghost)?.state).to.equal("accepted");
  });

  it("looks again at a reaction that comes before what it is about is known", async () => {
    const reacting = event({ type: "m.reaction", content: { "m.relates_to": { event_id: "$notice", key: "👍" } } });
    let isSpeaking = true;
    Object.defineProperty(scope.management.notices, "isSpeaking", { value: () => isSpeaking });
    await inbox.accept([reacting]);
    await clock.advance(500);
    expect(row(reacting)?.state).to.equal("accepted");
    isSpeaking = false;
    await clock.advance(500);
    expect(row(reacting)).to.include({ state: "skipped", reason: "no command" });
  });

  describe("an edited command", () => {
    const EDITS: Array<[what: string, original: Fields | undefined, isRun: boolean]> = [
      ["of one's own", { content: { msgtype: "m.text", body: "hlep" } }, true],
      ["of one's own that was removed, as secrets are", {}, true],
      ["of another's", { sender: BOT, content: { msgtype: "m.notice", body: "hi" } }, false],
      ["of another type", { type: "m.sticker", content: { body: "cat" } }, false],
      ["of state", { type: "m.room.topic", state_key: "", content: { topic: "x" } }, false],
      ["of nothing", undefined, false],
    ];
    for (const [what, original, isRun] of EDITS) {
      it(`${isRun ? "is run where it is" : "is none where it is"} ${what}`, async () => {
        const before = event(original ?? {});
        if (original !== undefined) known.set(before.event_id, before);
        const outcome = await settled(edit(before.event_id, "help"));
        expect(outcome).to.deep.equal(isRun ? ["delivered", null] : ["skipped", "not an edit"]);
        expect(commands()).to.deep.equal(isRun ? ["help"] : []);
      });
    }

    it("is none where it is of an edit", async () => {
      const before = edit("$first", "x");
      known.set(before.event_id, before);
      expect(await settled(edit(before.event_id, "help"))).to.deep.equal(["skipped", "not an edit"]);
    });
  });
});

function notFound(): MatrixError {
  return new MatrixError("rejected", "not found", { errcode: "M_NOT_FOUND", status: 404 });
}
