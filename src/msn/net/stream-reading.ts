import type { Duplex } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import { MsnError } from "../base/errors.ts";
import type { CommandReader, CommandSink } from "../wire/reader.ts";
import { ReadingClock, type ReadingProgress } from "./reading-clock.ts";
import type { ReadingTurns, TurnTaker } from "./reading-turns.ts";

/** Gets what is read. */
export interface ReadingSink extends CommandSink {
  /** Called once: nothing more will come, and all that came before was read, up to what makes no sense. */
  onEnd(reason: MsnError): void;
}

// How many commands are read between two looks at the time.
const COMMANDS_A_LOOK = 4;

/** Why nothing is read: everything of a client is held, or one conversation. */
export type Hold = "client" | "conversation";

/**
 * Reads the commands of a stream: a share in each turn of the loop, in order, and its end only after all that came before
 * it. What waits is bounded, because the stream is paused meanwhile: what more the other side sends stays in the buffers of
 * the network.
 */
export class StreamReading implements TurnTaker, ReadingProgress {
  /** Stands still while reading is held. */
  readonly clock: Clock;
  readonly #systemClock: Clock;
  readonly #readingClock: ReadingClock;
  readonly #stream: Duplex;
  readonly #reader: CommandReader;
  readonly #turns: ReadingTurns;
  readonly #sink: ReadingSink;
  readonly #holds = new Set<Hold>();
  /** What has come and waits, oldest first. */
  #kept: Buffer[] = [];
  /** Where to go on in the first of them. */
  #at = 0;
  #turn = -1;
  /** What may still be read in this turn. */
  #commandsLeft = 0;
  #bytesLeft = 0;
  #isStarted = false;
  #isReading = false;
  #isPaused = false;
  /** Why nothing more will come. */
  #end: MsnError | undefined;
  #isOver = false;
  #bytes = 0;
  #lastHeard: number;

  constructor(stream: Duplex, reader: CommandReader, turns: ReadingTurns, clock: Clock, sink: ReadingSink) {
    this.#stream = stream;
    this.#reader = reader;
    this.#turns = turns;
    this.#systemClock = clock;
    this.#sink = sink;
    this.#lastHeard = clock.now();
    this.clock = this.#readingClock = new ReadingClock(clock, this);
    // From the first moment: an error that nobody listens to would end the program.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.#ended(new MsnError("connection-closed", `the connection broke: ${error.code ?? error.message}`));
    });
    stream.on("close", () => this.#ended(new MsnError("connection-closed", "the server closed the connection")));
  }

  /** When the last byte came; a moment of the clock. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isBehind(): boolean {
    return !this.#isOver && this.#holds.size === 0 && (this.#kept.length > 0 || this.#stream.readableLength > 0);
  }

  /** Why the stream has ended, though not everything that came before may have been read; undefined while it goes on. */
  get end(): MsnError | undefined {
    return this.#end;
  }

  /** Nothing is read before. */
  start(): void {
    this.#isStarted = true;
    this.#stream.on("data", this.#receive);
    this.#stream.on("end", () => this.#ended(new MsnError("connection-closed", "the server closed the connection")));
    if (this.#holds.size === 0) this.#resume();
    // It may have broken before, with something in it.
    if (this.#end !== undefined) this.#ended(this.#end);
  }

  /** Reads nothing more, also before `start`, until there is no reason left to hold it. */
  hold(reason: Hold): void {
    this.#holds.add(reason);
    this.#reader.stop();
    this.#readingClock.hold();
    this.#pause();
  }

  /** Goes on after `hold`. */
  goOn(reason: Hold): void {
    if (!this.#holds.delete(reason) || this.#holds.size > 0) return;
    this.#readingClock.goOn();
    if (this.#isStarted) this.#turns.ready(this);
  }

  /** Nothing more is to be reported. */
  stop(): void {
    this.#isOver = true;
    this.#kept = [];
    this.#reader.stop();
    this.#turns.leave(this);
    // Otherwise the end of the stream would not be seen.
    if (this.#isStarted) this.#resume();
  }

  readOn(turn: number): boolean {
    if (this.#isOver || this.#isReading || this.#holds.size > 0) return false;
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#commandsLeft = this.#turns.share.commands;
      this.#bytesLeft = this.#turns.share.bytes;
    }
    this.#isReading = true;
    this.#readKept();
    this.#isReading = false;
    return this.#next();
  }

  /** Whether there is more to do in the next turn. */
  #next(): boolean {
    if (this.#isOver || this.#holds.size > 0) return false;
    const isEmpty = this.#kept.length === 0;
    if (isEmpty && this.#end !== undefined) {
      this.#finish(this.#end);
      return false;
    }
    if (isEmpty && this.#isInShare()) {
      this.#resume();
      return false;
    }
    this.#pause();
    return true;
  }

  #readKept(): void {
    try {
      for (let [chunk] = this.#kept; chunk !== undefined && this.#mayRead(); [chunk] = this.#kept) this.#read(chunk);
    } catch (error) {
      this.#finish(error instanceof MsnError ? error : new MsnError("protocol", String(error), { cause: error }));
    }
  }

  #read(chunk: Buffer): void {
    const from = this.#at;
    // Cut in the middle of a command it is read as well; it only costs a copy.
    const isWhole = chunk.length - from <= this.#bytesLeft;
    const piece = isWhole ? chunk : chunk.subarray(0, from + this.#bytesLeft);
    const most = Math.min(this.#commandsLeft, COMMANDS_A_LOOK);
    const at = this.#reader.push(piece, this.#sink, from, most);
    this.#commandsLeft -= most - this.#reader.left;
    if (this.#turns.isOver) this.#commandsLeft = 0;
    this.#bytesLeft -= at - from;
    this.#at = at;
    if (this.#isOver || at < chunk.length) return;
    this.#kept.shift();
    this.#at = 0;
  }

  #mayRead(): boolean {
    return !this.#isOver && this.#holds.size === 0 && this.#isInShare();
  }

  #isInShare(): boolean {
    return this.#commandsLeft > 0 && this.#bytesLeft > 0;
  }

  readonly #receive = (chunk: Buffer): void => {
    if (this.#isOver) return;
    this.#keep(chunk);
    if (this.#holds.size === 0) this.#turns.ready(this);
  };

  #keep(chunk: Buffer): void {
    this.#lastHeard = this.#systemClock.now();
    this.#bytes += chunk.length;
    if (chunk.length > 0) this.#kept.push(chunk);
  }

  #ended(reason: MsnError): void {
    if (this.#isOver) return;
    this.#end ??= reason;
    // A stream that broke says nothing more, but has kept what came before.
    if (this.#isStarted && this.#stream.destroyed) this.#drain();
    if (this.#kept.length > 0 && this.#isStarted) this.#turns.ready(this);
    else if (this.#isStarted || this.#stream.readableLength === 0) this.#finish(this.#end);
  }

  #drain(): void {
    this.#stream.off("data", this.#receive);
    for (let chunk: unknown = this.#stream.read(); chunk instanceof Buffer; chunk = this.#stream.read())
      this.#keep(chunk);
  }

  #finish(reason: MsnError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#kept = [];
    this.#sink.onEnd(reason);
  }

  #pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#stream.resume();
  }
}
