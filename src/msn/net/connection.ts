import type { Duplex } from "node:stream";
import type { Clock, Timer } from "../../util/clock.ts";
import { MsnError, serverError } from "../base/errors.ts";
import type { MsnLog } from "../base/log.ts";
import { encodeCommand, type Command } from "../wire/command.ts";
import { CommandReader, parseCount } from "../wire/reader.ts";
import type { ReadingProgress } from "./reading-clock.ts";
import { ReadingTurns } from "./reading-turns.ts";
import { StreamReading, type Hold, type ReadingSink } from "./stream-reading.ts";

export interface ConnectionOptions {
  readonly stream: Duplex;
  /** The commands of the server that carry a payload. */
  readonly payloadCommands: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: MsnLog;
  /** Shared with other connections; turns of its own if not given. */
  readonly turns?: ReadingTurns;
}

export interface CommandOptions {
  readonly payload?: Buffer;
  /** The names of the commands that answer the request; its own name if not given. */
  readonly answers?: readonly string[];
  /** How long to wait for the answer, in milliseconds in which it could be read. */
  readonly timeout?: number;
  /** Hears the answer before any later command is read, which the promise cannot promise. */
  readonly listener?: AnswerListener;
}

export interface AnswerListener {
  /** What it throws ends the connection. */
  onAnswer(answer: Command): void;
}

/** What becomes of the commands of a connection that answer no request, and of its end. */
export interface ConnectionListener {
  onCommand(command: Command): void;
  /** Called once. `error` says why, where the connection did not simply end. */
  onClose(error: MsnError): void;
}

interface Waiter {
  readonly request: string;
  readonly answers: readonly string[];
  readonly listener: AnswerListener | undefined;
  readonly resolve: (answer: Command) => void;
  readonly reject: (error: MsnError) => void;
  readonly timer: Timer;
}

const REQUEST_TIMEOUT_MS = 30_000;
const MAX_TRANSACTION_ID = 2 ** 31 - 1;
// A peer that never reads must not fill our memory with what is meant for it.
const MAX_UNREAD = 1024 * 1024;

/**
 * One connection to a notification server or switchboard: numbers the commands that go out, hands every answer to
 * the caller that asked, everything else to the listener, and ends every waiter when the connection ends.
 */
export class Connection implements ReadingSink {
  readonly #stream: Duplex;
  readonly #reading: StreamReading;
  readonly #systemClock: Clock;
  readonly #log: MsnLog;
  readonly #waiters = new Map<number, Waiter>();
  #listener: ConnectionListener | undefined;
  #lastTransactionId = 0;
  #closed: MsnError | undefined;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: ConnectionOptions) {
    const { stream, payloadCommands, clock, log, turns = new ReadingTurns() } = options;
    this.#stream = stream;
    this.#systemClock = clock;
    this.#log = log;
    this.#reading = new StreamReading(stream, new CommandReader(payloadCommands), turns, clock, this);
  }

  /** For time-outs of what is to be read: it stands still while nothing is. */
  get clock(): Clock {
    return this.#reading.clock;
  }

  /** How far it has been read. */
  get progress(): ReadingProgress {
    return this.#reading;
  }

  /** When the last byte came; a moment of the clock. */
  get lastHeard(): number {
    return this.#reading.lastHeard;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Whether the other side has ended it, though what it said before may not have been read yet. */
  get hasEnded(): boolean {
    return (this.#closed ?? this.#reading.end) !== undefined;
  }

  /** Starts reading. Nothing is read before, so that the listener misses nothing. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#reading.start();
  }

  /** Reads nothing more, also before `listen`. Its time-outs stand still, except that it still ends. */
  hold(reason: Hold): void {
    this.#reading.hold(reason);
  }

  /** Goes on after `hold`, once no other reason is left. */
  goOn(reason: Hold): void {
    this.#reading.goOn(reason);
  }

  /** Sends a command that has no transaction id; does nothing once the connection has ended. */
  send(command: Command): void {
    if (!this.hasEnded) this.#write(command);
  }

  /**
   * Sends a command with the next transaction id and waits for its answer.
   * @throws MsnError: what the server's error number stands for, `timeout`, or `connection-closed`
   */
  async request(name: string, args: readonly string[], options: CommandOptions = {}): Promise<Command> {
    const ended = this.#closed ?? this.#reading.end;
    if (ended !== undefined) throw ended;
    const id = this.#nextTransactionId();
    const command = { name, args: [String(id), ...args], ...(options.payload && { payload: options.payload }) };
    const bytes = encodeCommand(command);
    const { promise, resolve, reject } = Promise.withResolvers<Command>();
    const late = (): MsnError => new MsnError("timeout", `the server did not answer ${name} in time`);
    const timer = this.clock.after(options.timeout ?? REQUEST_TIMEOUT_MS, () => this.#settle(id)?.reject(late()));
    // The waiter stands before the bytes are written: on loopback the answer can come within the same turn.
    const { answers = [name], listener } = options;
    this.#waiters.set(id, { request: name, answers, listener, resolve, reject, timer });
    this.#writeBytes(name, bytes);
    return promise;
  }

  /** Sends a command with the next transaction id that the server does not answer. */
  post(name: string, args: readonly string[], payload?: Buffer): void {
    if (this.hasEnded) return;
    this.#write({ name, args: [String(this.#nextTransactionId()), ...args], ...(payload && { payload }) });
  }

  /**
   * Waits for the other side to end the connection, and hears what it still has to say. It is ended by us after a time.
   * @param patienceMs how long
   * @returns false when it was ended by us though the other side was still speaking
   */
  async finish(patienceMs: number): Promise<boolean> {
    if (this.#closed !== undefined) return true;
    const { bytes } = this.#reading;
    let isCutOff = false;
    const timer = this.clock.after(patienceMs, () => {
      isCutOff = this.#reading.isBehind || this.#reading.bytes > bytes;
      this.close();
    });
    await this.#ended.promise;
    timer.cancel();
    return !isCutOff;
  }

  /** Ends the connection; every waiter is rejected with `reason`. Calling it again does nothing. */
  close(reason = new MsnError("connection-closed", "the connection was closed")): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#reading.stop();
    // `end` lets a last OUT go out; the timer makes sure that a peer who never reads cannot hold the socket.
    this.#stream.end();
    const timer = this.#systemClock.after(1000, () => this.#stream.destroy());
    this.#stream.once("close", () => timer.cancel());
    for (const id of this.#waiters.keys()) this.#settle(id)?.reject(reason);
    this.#listener?.onClose(reason);
    this.#ended.resolve();
  }

  /** Everything that came has been read. */
  onEnd(reason: MsnError): void {
    this.close(reason);
  }

  /** A command has come: the answer to a request, or one for the listener. */
  take(command: Command): void {
    if (this.#closed !== undefined) return;
    this.#log.trace({ name: command.name, count: command.args.length }, "received");
    const id = parseCount(command.args[0]);
    const waiter = this.#waiters.get(id);
    const number = /^\d{3}$/u.test(command.name) ? Number(command.name) : undefined;
    if (waiter !== undefined && number !== undefined) {
      this.#settle(id)?.reject(serverError(number, waiter.request));
    } else if (waiter?.answers.includes(command.name) === true) {
      // It still waits meanwhile: when this throws, the connection ends, and the caller is told why.
      waiter.listener?.onAnswer(command);
      this.#settle(id)?.resolve(command);
    } else {
      this.#listener?.onCommand(command);
    }
  }

  #settle(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    waiter?.timer.cancel();
    return waiter;
  }

  #nextTransactionId(): number {
    this.#lastTransactionId = this.#lastTransactionId >= MAX_TRANSACTION_ID ? 1 : this.#lastTransactionId + 1;
    return this.#lastTransactionId;
  }

  #write(command: Command): void {
    this.#writeBytes(command.name, encodeCommand(command));
  }

  #writeBytes(name: string, bytes: Buffer): void {
    this.#log.trace({ name, bytes: bytes.length }, "sent");
    this.#stream.write(bytes);
    if (this.#stream.writableLength > MAX_UNREAD) {
      this.close(new MsnError("connection-closed", "the server does not read what is sent to it"));
    }
  }
}
