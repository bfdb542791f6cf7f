import { expect } from "chai";
import type { CommandRequest } from "../../../src/bridge/from-matrix/command-request.ts";
import { CommandRuns } from "../../../src/bridge/from-matrix/command-runs.ts";
import type { Arrival } from "../../../src/bridge/from-matrix/routing.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import type { MatrixEvent } from "../../../src/convert/matrix-event.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { captureLog, type CapturedLog } from "../../support/captured-log.ts";
import { MemoryRoom } from "../../support/command-bench.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { inboundScope } from "../../support/scopes.ts";

const [ALICE, BOB] = ["@alice:localhost", "@bob:localhost"];

/** A room that knows what was said there, while the homeserver is there. */
class KnowingRoom extends MemoryRoom {
  original: MatrixEvent | undefined;
  error: Error | undefined;
  asked = 0;

  override event(): Promise<MatrixEvent | undefined> {
    this.asked += 1;
    return this.error === undefined ? Promise.resolve(this.original) : Promise.reject(this.error);
  }
}

describe("bridge/from-matrix/command-runs", () => {
  let disk: FullDisk;
  let clock: FakeClock;
  let captured: CapturedLog;
  let stopping: AbortController;
  let scope: InboundScope;
  let room: KnowingRoom;
  let runs: CommandRuns;
  /** What was run. */
  let ran: string[];
  /** What running a command does. */
  let run: (request: CommandRequest) => Promise<void>;

  beforeEach(() => {
    [disk, clock, captured, stopping] = [new FullDisk(), new FakeClock(), captureLog(), new AbortController()];
    scope = inboundScope({ clock, log: captured.log, signal: stopping.signal });
    [room, ran, run] = [new KnowingRoom(), [], () => Promise.resolve()];
    runs = new CommandRuns(scope, {
      run: async (request) => {
        ran.push(request.text);
        return run(request);
      },
    });
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
    disk.restore();
  });

  function accepted(text = "help", fields: object = {}, isInterrupted = false): Arrival {
    const event = { event_id: `$${text}`, room_id: room.roomId, sender: ALICE, type: "m.room.message", ...fields };
    const full = { origin_server_ts: 1, content: { msgtype: "m.text", body: text }, ...event };
    const [row] = scope.store.journal.accept([full]);
    if (row === undefined) throw new Error("it is known");
    return { rowId: row.id, event: matrixEvent(full), acceptedAt: clock.now(), isInterrupted };
  }

  /** Begins a command. @returns its row */
  function begin(arrival: Arrival): number {
    const task = runs.prepare(arrival, { text: arrival.event.id.slice(1), isChosen: false, room });
    if (task.type !== "command") throw new Error("it is no command");
    runs.begin(task.arrival, task.request);
    return arrival.rowId;
  }

  function end(rowId: number): string {
    const { state, reason } = scope.store.journal.get(rowId);
    return reason === null ? state : `${state}: ${reason}`;
  }

  it("note that a command is begun before it is, and settle it once it has ended", async () => {
    const rowId = begin(accepted());
    // The homeserver is answered first.
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    expect([end(rowId), ran]).to.deep.equal(["sending", []]);
    await runs.stop();
    expect([end(rowId), ran, room.said]).to.deep.equal(["delivered", ["help"], []]);
  });

  it("hand over who said what, when it began, and where", async () => {
    const requests: CommandRequest[] = [];
    run = (request) => Promise.resolve(void requests.push(request));
    begin(accepted());
    await runs.stop();
    expect(requests).to.deep.equal([
      { text: "help", isChosen: false, room, sender: ALICE, now: clock.now(), isInterrupted: false },
    ]);
  });

  it("leave it open whether one of an earlier run was done", async () => {
    const arrival = accepted("login", {}, true);
    scope.store.journal.markSending(arrival.rowId);
    let isInterrupted = false;
    run = (request) => Promise.resolve(void ({ isInterrupted } = request));
    const rowId = begin(arrival);
    await runs.stop();
    expect([end(rowId), isInterrupted]).to.deep.equal(["uncertain", true]);
  });

  it("go on beside one another, since some end others", async () => {
    const held = Promise.withResolvers<void>();
    run = async ({ text }) => (text === "login" ? held.promise : held.resolve());
    const rows = [begin(accepted("login")), begin(accepted("cancel"))];
    await runs.stop();
    expect([ran, rows.map(end)]).to.deep.equal([
      ["login", "cancel"],
      ["delivered", "delivered"],
    ]);
  });

  it("say that a command broke, and never run it again", async () => {
    run = () => Promise.reject(new Error("oops"));
    const rowId = begin(accepted());
    await runs.stop();
    expect([end(rowId), room.said.length, captured.messages("error")]).to.deep.equal([
      "delivered",
      1,
      ["a command broke"],
    ]);
    expect(room.said[0]).to.include("broke");
  });

  it("say that the disk was full, so that it can be said again", async () => {
    disk.isFull = (sql) => sql.includes("login");
    run = () =>
      Promise.resolve(void scope.store.logins.save({ server: "one", passport: "x@example.com", owner: ALICE }));
    begin(accepted());
    await runs.stop();
    expect(room.said.join("\n")).to.match(/disk.*full.*Say it again/u);
  });

  it("answer and settle once the disk has room", async () => {
    run = () => Promise.reject(new Error("oops"));
    const rowId = begin(accepted());
    disk.isFull = (sql) => sql.includes("journal");
    await runs.stop();
    expect(end(rowId)).to.equal("sending");
    disk.isFull = () => false;
    await clock.advance(10_000);
    expect(end(rowId)).to.equal("delivered");
  });

  it("are waited for when the bridge stops, and what breaks by that is for the next run to tell", async () => {
    const held = Promise.withResolvers<void>();
    run = () => held.promise;
    const rowId = begin(accepted());
    stopping.abort();
    let isStopped = false;
    const stop = runs.stop().then(() => (isStopped = true));
    await clock.advance(0);
    expect(isStopped).to.equal(false);
    held.reject(new Error("stopped"));
    await stop;
    expect([end(rowId), room.said]).to.deep.equal(["sending", []]);
  });

  describe("of what was said before by an edit", () => {
    const edit = {
      "m.new_content": { msgtype: "m.text", body: "help" },
      "m.relates_to": { rel_type: "m.replace", event_id: "$typo" },
    };
    const corrected = (): Arrival => accepted("help", { content: { msgtype: "m.text", body: "* help", ...edit } });
    const said = (sender: string): MatrixEvent =>
      matrixEvent({ event_id: "$typo", room_id: room.roomId, sender, content: { msgtype: "m.text", body: "hlep" } });

    const ORIGINALS: Array<[what: string, sender: string | undefined, end: string]> = [
      ["runs what its sender corrects", ALICE, "delivered"],
      ["is none where another has said that", BOB, "skipped: not an edit"],
      ["is none of what cannot be seen", undefined, "skipped: not an edit"],
    ];
    for (const [what, sender, wanted] of ORIGINALS) {
      it(what, async () => {
        room.original = sender === undefined ? undefined : said(sender);
        const rowId = begin(corrected());
        await runs.stop();
        expect([end(rowId), ran.length]).to.deep.equal([wanted, wanted === "delivered" ? 1 : 0]);
      });
    }

    it("waits for a homeserver that is away", async () => {
      [room.original, room.error] = [said(ALICE), new MatrixError("unreachable", "away")];
      const rowId = begin(corrected());
      await clock.advance(2000);
      expect(ran).to.deep.equal([]);
      room.error = undefined;
      await clock.advance(60_000);
      expect([end(rowId), ran]).to.deep.equal(["delivered", ["help"]]);
    });

    it("is given up where it stays away, and its sender is told", async () => {
      room.error = new MatrixError("unreachable", "away");
      const rowId = begin(corrected());
      await clock.advance(3_600_000);
      expect([room.asked, ran, room.said.length, end(rowId)]).to.deep.equal([8, [], 1, "delivered"]);
    });
  });
});
