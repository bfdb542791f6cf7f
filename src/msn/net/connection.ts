import type { Duplex } from "node:stream";
import type { Clock, Timer } from "../../util/clock.ts";
import { MsnError, serverError } from "../base/errors.ts";
import type { MsnLog } from "../base/log.ts";
import { encodeCommand, type Command } from "../wire/command.ts";
import { CommandReader, parseCount, type CommandSink } from "../wire/reader.ts";

export interface ConnectionOptions {
  readonly stream: Duplex;
  /** The commands of the server that carry a payload. */
  readonly payloadCommands: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: MsnLog;
}

export interface CommandOptions {
  readonly payload?: Buffer;
  /** The names of the commands that answer the request; its own name if not given. */
  readonly answers?: readonly string[];
  /** How long to wait for the answer, in milliseconds. */
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
export class Connection implements CommandSink {
  readonly #stream: Duplex;
  readonly #reader: CommandReader;
  readonly #clock: Clock;
  readonly #log: MsnLog;
  readonly #waiters = new Map<number, Waiter>();
  #listener: ConnectionListener | undefined;
  #lastTransactionId = 0;
  #closed: MsnError | undefined;
  #lastHeard: number;
  /** Whether anything came since the last command of ours that only the end can answer. */
  #isHeard = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: ConnectionOptions) {
    this.#stream = options.stream;
    this.#reader = new CommandReader(options.payloadCommands);
    this.#clock = options.clock;
    this.#log = options.log;
    this.#lastHeard = options.clock.now();
    // From the first moment: an error that nobody listens to would end the program.
    this.#stream.on("error", (error: NodeJS.ErrnoException) => {
      this.close(new MsnError("connection-closed", `the connection broke: ${error.code ?? error.message}`));
    });
  }

  /** When the last byte came, in milliseconds since the epoch. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Starts reading. Nothing is read before, so that the listener misses nothing. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    const ended = (): void => this.close(new MsnError("connection-closed", "the server closed the connection"));
    this.#stream.on("end", ended);
    this.#stream.on("close", ended);
  }

  /** Reads nothing more, also before `listen`; commands that have come with the last bytes are still reported. */
  pause(): void {
    this.#stream.pause();
  }

  /** Goes on after `pause`. */
  resume(): void {
    if (this.#listener !== undefined) this.#stream.resume();
  }

  /** Sends a command that has no transaction id; does nothing once the connection is closed. */
  send(command: Command): void {
    if (this.#closed === undefined) this.#write(command);
  }

  /**
   * Sends a command with the next transaction id and waits for its answer.
   * @throws MsnError: what the server's error number stands for, `timeout`, or `connection-closed`
   */
  async request(name: string, args: readonly string[], options: CommandOptions = {}): Promise<Command> {
    if (this.#closed !== undefined) throw this.#closed;
    const id = this.#nextTransactionId();
    const command = { name, args: [String(id), ...args], ...(options.payload && { payload: options.payload }) };
    const bytes = encodeCommand(command);
    const { promise, resolve, reject } = Promise.withResolvers<Command>();
    const late = new MsnError("timeout", `the server did not answer ${name} in time`);
    const timer = this.#clock.after(options.timeout ?? REQUEST_TIMEOUT_MS, () => this.#settle(id)?.reject(late));
    // The waiter stands before the bytes are written: on loopback the answer can come within the same turn.
    const { answers = [name], listener } = options;
    this.#waiters.set(id, { request: name, answers, listener, resolve, reject, timer });
    this.#writeBytes(name, bytes);
    return promise;
  }

  /** Sends a command with the next transaction id that the server does not answer. */
  post(name: string, args: readonly string[], payload?: Buffer): void {
    if (this.#closed !== undefined) return;
    this.#write({ name, args: [String(this.#nextTransactionId()), ...args], ...(payload && { payload }) });
  }

  /**
   * Waits for the other side to end the connection, and hears what it still has to say. It is ended by us after a time.
   * @param patienceMs how long
   * @returns false when it was ended by us though the other side was still speaking
   */
  async finish(patienceMs: number): Promise<boolean> {
    if (this.#closed !== undefined) return true;
    this.#isHeard = false;
    let isCutOff = false;
    const timer = this.#clock.after(patienceMs, () => {
      isCutOff = this.#isHeard;
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
    // `end` lets a last OUT go out; the timer makes sure that a peer who never reads cannot hold the socket.
    this.#stream.end();
    const timer = this.#clock.after(1000, () => this.#stream.destroy());
    this.#stream.once("close", () => timer.cancel());
    for (const id of this.#waiters.keys()) this.#settle(id)?.reject(reason);
    this.#listener?.onClose(reason);
    this.#ended.resolve();
  }

  #receive(chunk: Buffer): void {
    this.#lastHeard = this.#clock.now();
    this.#isHeard = true;
    try {
      this.#reader.push(chunk, this);
    } catch (error) {
      this.close(error instanceof MsnError ? error : new MsnError("protocol", String(error), { cause: error }));
    }
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
