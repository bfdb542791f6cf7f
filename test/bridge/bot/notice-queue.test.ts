import { expect } from "chai";
import { ManagementRooms } from "../../../src/bridge/bot/management-rooms.ts";
import { NoticeQueue } from "../../../src/bridge/bot/notice-queue.ts";
import type { CoreScope } from "../../../src/bridge/base/scope.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { NoticeRow } from "../../../src/store/notices.ts";
import { captureLog, type CapturedLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { coreScope, intentOf, memoryStore } from "../../support/scopes.ts";

const [BOT, ALICE] = ["@msnbot:localhost", "@alice:localhost"];
const AWAY = new MatrixError("unreachable", "away");
const FORBIDDEN = new MatrixError("forbidden", "no");
const TOO_LARGE = new MatrixError("too-large", "no");
const HOUR = 60 * 60_000;

/** Says everything in one room, or in the notice's own. */
class OneRoom extends ManagementRooms {
  room = "!bot";
  deletions = 0;

  override roomFor({ roomId }: NoticeRow): Promise<string> {
    return Promise.resolve(roomId ?? this.room);
  }
  override deleteNewest(): void {
    this.deletions += 1;
  }
}

interface Sent {
  readonly room: string;
  readonly type: string;
  readonly txnId: string;
  readonly content: Record<string, unknown>;
}

/** What the homeserver gives back of what the bot has said. */
function given(content: object, txnId: string): object {
  const event = { event_id: "$1", room_id: "!bot", sender: BOT, origin_server_ts: 1, type: "m.room.message" };
  return { ...event, content, unsigned: { transaction_id: txnId } };
}

describe("bridge/bot/notice-queue", () => {
  let disk: FullDisk;
  let clock: FakeClock;
  let captured: CapturedLog;
  let stopping: AbortController;
  let scope: CoreScope;
  let rooms: OneRoom;
  let queue: NoticeQueue;
  /** What the homeserver has taken. */
  let sent: Sent[];
  /** What happens before, and after, it takes something. */
  let before: (event: Sent) => Promise<void> | void;
  let after: (event: Sent) => void;
  /** The events of the room that may be looked at, newest first; more than that are not to be had. */
  let timeline: object[];
  let isEndless: boolean;
  let looks: number;

  beforeEach(() => {
    [disk, clock, captured, stopping] = [new FullDisk(), new FakeClock(), captureLog(), new AbortController()];
    [sent, timeline, isEndless, looks] = [[], [], false, 0];
    [before, after] = [() => undefined, () => undefined];
    const bot = intentOf(BOT, async (_method, path, options) => {
      const [room = "", deed = "", type = "", txnId = ""] = decodeURIComponent(path).split("/").slice(5);
      if (deed === "messages") {
        looks += 1;
        return { chunk: timeline, ...(isEndless && { end: String(looks) }) };
      }
      const event = { room, type, txnId, content: Object.fromEntries(Object.entries(options?.body ?? {})) };
      await before(event);
      sent.push(event);
      after(event);
      return { event_id: `$${sent.length}` };
    });
    scope = coreScope({ store: memoryStore(clock), clock, bot, log: captured.log, signal: stopping.signal });
    rooms = new OneRoom(scope);
    queue = new NoticeQueue(scope, rooms, ALICE, false);
  });
  afterEach(async () => {
    stopping.abort();
    await queue.stop();
    scope.store.close();
    disk.restore();
  });

  function add(body: string, more: Partial<NoticeRow> = {}): void {
    const nothing = { owner: ALICE, roomId: null, replyTo: null, about: null, isLast: false, answers: [] };
    scope.store.notices.add({ ...nothing, body, ...more });
  }

  /** Lets it say what it can at this moment. */
  async function speak(ms = 0): Promise<void> {
    queue.wake();
    await clock.advance(ms);
  }

  const said = (): unknown[] => sent.flatMap(({ type, content }) => (type === "m.room.message" ? content["body"] : []));
  const waiting = (): number => scope.store.notices.count();

  it("says everything to its user in order, and nothing to others", async () => {
    for (const body of ["one", "two", "three"]) add(body);
    add("hello", { owner: "@bob:localhost" });
    await speak();
    expect([said(), waiting()]).to.deep.equal([["one", "two", "three"], 1]);
    expect(new Set(sent.map(({ txnId }) => txnId))).to.have.property("size", 3);
    expect(looks).to.equal(0);
  });

  it("answers what was asked, but only in the room in which that was", async () => {
    add("one", { roomId: "!own", replyTo: "$question" });
    add("two", { replyTo: "$question" });
    await speak();
    const replies = sent.map(({ room, content }) => [room, content["m.relates_to"]]);
    expect(replies).to.deep.equal([
      ["!own", { "m.in_reply_to": { event_id: "$question" } }],
      ["!bot", undefined],
    ]);
  });

  describe("about the same", () => {
    const about = (body: string, more: Partial<NoticeRow> = {}): void => add(body, { about: "it", ...more });
    const edited = (): string[] => sent.map(({ content }) => JSON.stringify(content["m.relates_to"] ?? ""));

    it("edits what it has said, until that is over", async () => {
      about("broken");
      about("still broken");
      about("fixed", { isLast: true });
      about("broken again");
      await speak();
      const edit = '{"rel_type":"m.replace","event_id":"$1"}';
      expect(edited()).to.deep.equal(['""', edit, edit, '""']);
    });

    it("begins again where the room is another by now", async () => {
      about("broken");
      await speak();
      rooms.room = "!other";
      about("fixed");
      await speak();
      expect(edited()).to.deep.equal(['""', '""']);
    });

    it("offers its answers once, and knows what they stand for before it does", async () => {
      const answers: NoticeRow["answers"] = [
        ["✅", "accept"],
        ["❌", "decline"],
      ];
      before = ({ type }) => {
        if (type === "m.reaction") expect(scope.store.noticeEvents.findByEvent("$1")?.answers).to.deep.equal(answers);
      };
      about("Nils?", { answers });
      about("Nils, again?", { answers });
      await speak();
      const keys = sent.filter(({ type }) => type === "m.reaction").map(({ content }) => content["m.relates_to"]);
      expect(keys).to.deep.equal(answers.map(([key]) => ({ rel_type: "m.annotation", event_id: "$1", key })));
    });

    it("goes on where the homeserver refuses the answers, which can be typed as well", async () => {
      before = ({ type }) => {
        if (type === "m.reaction") throw FORBIDDEN;
      };
      about("Nils?", { answers: [["✅", "accept"]] });
      add("next");
      await speak();
      expect([said(), waiting()]).to.deep.equal([["Nils?", "next"], 0]);
    });
  });

  describe("while the homeserver is away", () => {
    it("waits, and says it once, in order", async () => {
      let isAway = true;
      before = () => {
        if (isAway) throw AWAY;
      };
      for (const body of ["one", "two"]) add(body);
      await speak(10_000);
      expect([said(), waiting()]).to.deep.equal([[], 2]);
      isAway = false;
      await clock.advance(60_000);
      expect([said(), waiting()]).to.deep.equal([["one", "two"], 0]);
    });

    it("does not say again what has arrived though the answer was lost", async () => {
      after = ({ content, txnId }) => {
        if (timeline.length > 0) return;
        timeline = [given(content, txnId)];
        throw AWAY;
      };
      add("one");
      await speak(10_000);
      expect([said(), waiting()]).to.deep.equal([["one"], 0]);
    });
  });

  describe("what an earlier run may have said", () => {
    beforeEach(() => void (queue = new NoticeQueue(scope, rooms, ALICE, true)));

    it("is looked for, the oldest alone, and said if it is not there", async () => {
      for (const body of ["one", "two"]) add(body);
      await speak();
      expect([said(), looks]).to.deep.equal([["one", "two"], 1]);
    });

    it("is said as what may be read already where that cannot be known", async () => {
      isEndless = true;
      add("one");
      await speak();
      expect(said()).to.have.length(1);
      expect(said()[0]).to.match(/^You may have read this already.*one$/u);
      expect(waiting()).to.equal(0);
    });
  });

  describe("where the homeserver refuses it", () => {
    it("says it in another room than its own", async () => {
      before = ({ room }) => {
        if (room === "!own") throw FORBIDDEN;
      };
      add("one", { roomId: "!own" });
      await speak(60_000);
      expect(sent.map(({ room }) => room)).to.deep.equal(["!bot"]);
    });

    it("gives up rooms that are closed, then the notice, and goes on with the next", async () => {
      before = ({ content }) => {
        if (content["body"] === "one") throw FORBIDDEN;
      };
      for (const body of ["one", "two"]) add(body);
      await speak(10 * 60_000);
      expect([said(), waiting(), rooms.deletions]).to.deep.equal([["two"], 0, 3]);
      expect(captured.messages("error")).to.deep.equal(["a user could not be told something"]);
    });

    it("does not give up the room for what no room would take", async () => {
      before = ({ content }) => {
        if (content["body"] === "one") throw TOO_LARGE;
      };
      add("one");
      await speak(10 * 60_000);
      expect([waiting(), rooms.deletions]).to.deep.equal([0, 0]);
    });

    it("tries once only what comes within an hour, and makes no rooms for it", async () => {
      let tries = 0;
      before = () => {
        tries += 1;
        throw FORBIDDEN;
      };
      add("one");
      await speak(10 * 60_000);
      expect([tries, rooms.deletions]).to.deep.equal([4, 3]);
      add("two");
      await speak(10 * 60_000);
      expect([tries, rooms.deletions, waiting()]).to.deep.equal([5, 3, 0]);
      await clock.advance(HOUR);
      add("three");
      await speak(10 * 60_000);
      expect([tries, rooms.deletions]).to.deep.equal([9, 6]);
    });

    it("tries again as often as ever once something could be said", async () => {
      let tries = 0;
      before = ({ content }) => {
        tries += 1;
        if (content["body"] !== "two") throw FORBIDDEN;
      };
      for (const body of ["one", "two", "three"]) add(body);
      await speak(30 * 60_000);
      expect([tries, said()]).to.deep.equal([4 + 1 + 4, ["two"]]);
    });

    it("tries the admins' room once, and says there elsewhere nothing", async () => {
      queue = new NoticeQueue(scope, rooms, BOT, false);
      let tries = 0;
      before = () => {
        tries += 1;
        throw FORBIDDEN;
      };
      add("alert", { owner: BOT, roomId: "!admins" });
      await speak(10 * 60_000);
      expect([tries, waiting(), rooms.deletions]).to.deep.equal([1, 0, 0]);
    });
  });

  it("says nothing twice where the disk does not take that it was said", async () => {
    disk.isFull = (sql) => sql.startsWith("DELETE FROM notice ");
    add("one");
    after = ({ content, txnId }) => {
      timeline = [given(content, txnId)];
    };
    await speak();
    expect([said(), waiting()]).to.deep.equal([["one"], 1]);
    disk.isFull = () => false;
    await clock.advance(10_000);
    expect([said(), waiting()]).to.deep.equal([["one"], 0]);
  });

  it("ends what is under way when the bridge stops, and leaves the rest to the next run", async () => {
    const held = Promise.withResolvers<void>();
    before = () => held.promise;
    for (const body of ["one", "two"]) add(body);
    await speak();
    stopping.abort();
    let isStopped = false;
    const stop = queue.stop().then(() => (isStopped = true));
    await clock.advance(0);
    expect(isStopped).to.equal(false);
    held.resolve();
    await stop;
    await clock.advance(60_000);
    expect([said(), waiting()]).to.deep.equal([["one"], 1]);
  });
});
