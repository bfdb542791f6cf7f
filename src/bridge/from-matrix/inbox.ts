import { readMatrixEvent, type MatrixEvent } from "../../convert/matrix-event.ts";
import type { TransactionReceiver } from "../../matrix/listener/listener.ts";
import { later } from "../../util/clock.ts";
import { nextTurn } from "../../util/next-turn.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import { acceptedEvent } from "../base/accepted-event.ts";
import type { BotAddress } from "./bot-address.ts";
import type { CommandRunner } from "./command-request.ts";
import { CommandRuns } from "./command-runs.ts";
import { Echoes } from "./echoes.ts";
import { Ephemeral } from "./ephemeral.ts";
import { RoomChanges } from "./room-changes.ts";
import { RoomWork } from "./room-work.ts";
import { Router } from "./router.ts";
import { Routing, type Arrival, type Intake, type Task } from "./routing.ts";
import { isOurs, type InboundScope } from "./scope.ts";
import { UnknownRooms } from "./unknown-rooms.ts";

// How many events are read and routed in one turn of the loop: a transaction may have any number.
const SLICE = 100;
// What may wait for its turn: transactions that the homeserver has given up waiting for, and rooms to be looked at.
const TURNS_WAITING = 10_000;
// When it is looked again whether a room has become one of ours, or what a reaction is about.
const LOOK_MS = 500;
const RETRY_MS = 10_000;
const UNREADABLE = "The homeserver has sent what is no event, or none that can be read. It is left out.";

/**
 * Takes what the homeserver gives us. It sends a transaction again until it is answered, may give an event twice or late,
 * and forgets what was answered, so an event must be safe before the answer and count once.
 *
 * Each event is read once, its row written, and the router asked whom it is for, all in one commit:
 *
 * | the event                                 | its row                | then                                       |
 * | ----------------------------------------- | ---------------------- | ------------------------------------------ |
 * | is our own that comes back                | none                   | the portal hears of it, in order           |
 * | is known                                  | the old one            | nothing                                    |
 * | is for a portal                           | the portal's           | the portal works it off                    |
 * | is a command                              | `sending`              | it runs, once                              |
 * | is a change of a room                     | accepted               | `RoomWork` does what follows, and settles  |
 * | is of a room that may be ours in a moment | accepted               | it is held, and all of that room behind it |
 * | is a reaction to what is being said       | accepted               | it is looked at again                      |
 * | is for nobody                             | settled, with a reason | nothing                                    |
 *
 * What follows begins once the commit is on disk, which it shares with whatever else this turn of the loop writes. If it
 * fails, nothing has been accepted and the homeserver sends it all again. A long transaction is taken in slices, each with a
 * commit, one after the other; nothing else is routed meanwhile. Before `open`, and once the bridge stops, events are only
 * written; the next `open` routes them. Never may an event be answered for before it is on disk or be routed twice, nor may
 * messages of a room overtake one another.
 */
export class Inbox implements TransactionReceiver, Intake {
  readonly ephemeral: Ephemeral;
  readonly #scope: InboundScope;
  readonly #router: Router;
  readonly #work: RoomWork;
  readonly #commands: CommandRuns;
  readonly #unknownRooms: UnknownRooms;
  readonly #echoes: Echoes;
  /** What the disk did not let be routed, oldest first. What comes later does not overtake it. */
  #waiting: readonly Arrival[] = [];
  #isOpen = false;
  /** One thing is routed after the other, and begun before the next is routed. */
  readonly #turns = new SerialQueue(TURNS_WAITING);
  #isRetrying = false;

  constructor(scope: InboundScope, address: BotAddress, commands: CommandRunner) {
    this.#scope = scope;
    this.ephemeral = new Ephemeral(scope);
    this.#work = new RoomWork(scope);
    this.#commands = new CommandRuns(scope, commands);
    this.#echoes = new Echoes(scope);
    this.#unknownRooms = new UnknownRooms(scope, this.#work);
    this.#router = new Router(scope, address, {
      changes: new RoomChanges(scope),
      commands: this.#commands,
      unknownRooms: this.#unknownRooms,
    });
  }

  /**
   * Takes the events of a transaction of the homeserver. Once this resolves they are safe.
   * @throws what the disk throws; the homeserver sends them again then, and those that were taken are known
   */
  async accept(events: readonly unknown[]): Promise<void> {
    this.#scope.store.disk.throwIfFull();
    return this.#turns.add(async () => {
      for (let at = 0; at < events.length; at += SLICE) {
        // The commit of a slice need not have waited for the end of the turn.
        if (at > 0) await nextTurn();
        await this.#accept(events.slice(at, at + SLICE));
      }
    });
  }

  hear(ephemeral: readonly unknown[]): void {
    this.ephemeral.take(ephemeral);
  }

  /** Routes what an earlier run left, and from now on what comes. What belongs to a portal already is worked off by it. */
  async open(): Promise<void> {
    return this.#turns.add(async () => {
      const { store, signal } = this.#scope;
      for (let after = 0; !signal.aborted;) {
        const ids = store.journal.listUnrouted(after, SLICE);
        const newest = ids.at(-1);
        if (newest === undefined) break;
        after = newest;
        await this.#route(ids.flatMap((id) => this.#left(id) ?? []));
        await nextTurn();
      }
      this.#isOpen = true;
    });
  }

  /** Waits for the commands that run, and for what is being done for rooms. */
  async stop(): Promise<void> {
    await Promise.all([this.#commands.stop(), this.#work.stop()]);
  }

  get #routes(): boolean {
    return this.#isOpen && !this.#scope.signal.aborted;
  }

  async #accept(events: readonly unknown[]): Promise<void> {
    const { store, log } = this.#scope;
    const read = new Map(events.map((event) => [event, readMatrixEvent(event)]));
    const others = [...read.keys()].filter((event) => !isOurs(this.#scope, read.get(event)?.sender ?? ""));
    if (this.#routes)
      for (const roomId of this.#unknownRooms.known()) await this.#route(this.#unknownRooms.release(roomId));
    const echoes = this.#echoes.among([...read.values()].flatMap((event) => event ?? []));
    if (this.#routes && this.#waiting.length === 0) this.#echoes.hear(echoes.early);
    if (others.length > 0) {
      let skipped: string[] = [];
      await this.#commit(() => {
        skipped = [];
        const rows = store.journal.accept(others, skipped);
        const fresh = rows.flatMap(({ id, event }) => this.#arrival(id, read.get(event)) ?? []);
        // What comes before we can answer people is found by `open`, and by that alone.
        return this.#routes ? fresh : undefined;
      });
      if (skipped.length > 0) log.warn({ events: skipped.length, why: skipped[0] }, UNREADABLE);
    }
    if (this.#routes && this.#waiting.length === 0) this.#echoes.hear(echoes.late);
  }

  #arrival(rowId: number, event: MatrixEvent | undefined): Arrival | undefined {
    const { store, clock } = this.#scope;
    if (event !== undefined) return { rowId, event, acceptedAt: clock.now(), isInterrupted: false };
    store.journal.settle(rowId, "skipped", "unreadable");
    return undefined;
  }

  #left(rowId: number): Arrival | undefined {
    const { store, log, calendar } = this.#scope;
    const { portalId, created, state } = store.journal.get(rowId);
    if (portalId !== null) return undefined;
    try {
      const accepted = acceptedEvent(store.journal, rowId);
      return { ...accepted, acceptedAt: calendar.momentOf(created), isInterrupted: state === "sending" };
    } catch (error) {
      log.error({ error, row: rowId }, "an event of an earlier run cannot be read");
      return undefined;
    }
  }

  /** Routes events once more, or for the first time, oldest first. */
  async #route(arrivals: readonly Arrival[]): Promise<void> {
    try {
      await this.#commit(() => arrivals);
    } catch (error) {
      // The disk is full, or gone for a moment. Nothing of it has been done, and the rows are still there.
      this.#scope.log.fatal({ error }, "The bridge cannot write to its database, so what people write waits.");
      this.#waiting = [...this.#waiting, ...arrivals];
      this.#retryLater();
    }
  }

  /**
   * Routes events in one commit, behind those that wait, and goes on with what follows from that.
   * @param take undefined: nothing is routed
   */
  async #commit(take: () => readonly Arrival[] | undefined): Promise<void> {
    const { store } = this.#scope;
    const routing = await store.commit(() => {
      const arrivals = take();
      if (arrivals === undefined) return undefined;
      // What is decided here counts once it is on disk: until then it may be decided once more.
      const decided = new Routing();
      for (const arrival of [...this.#waiting, ...arrivals]) this.#router.route(arrival, decided);
      for (const [portal, next] of decided.next) portal.prepare(next);
      return decided;
    });
    if (routing === undefined) return;
    this.#waiting = [];
    // Only now is it certain that none of it will be routed again.
    for (const task of routing.tasks) this.#begin(task);
    for (const arrival of routing.held) {
      const { roomId } = arrival.event;
      if (this.#unknownRooms.hold(arrival)) this.#look(() => this.#unknownRooms.release(roomId));
    }
    for (const arrival of routing.early) this.#look(() => [arrival]);
  }

  #begin(task: Task): void {
    if (task.type === "command") this.#commands.begin(task.arrival, task.request);
    else void this.#work.do(task.arrival, task.step, this);
  }

  /** Routes events in a moment, unless the bridge stops before. */
  #look(release: () => readonly Arrival[], waitMs = LOOK_MS): void {
    const { clock, signal, log } = this.#scope;
    later(clock, waitMs, signal, () => {
      this.#turns
        .add(() => this.#route(release()))
        .catch((error: unknown) => log.fatal({ error }, "What people have written waits for the next start."));
    });
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#look(() => {
      this.#isRetrying = false;
      return [];
    }, RETRY_MS);
  }
}
