// A SWITCHBOARD
//
// The problem. One connection carries who is there, calls to others, and messages in both directions. What the server says
// of a message is little, and depends on what was asked for.
//
// Its states:
//
//   connected ──signIn (USR), answer (ANS)──► open ──leave (OUT)──► leaving ──► closed
//                                              │  members: none ◄──► some
//                                              └── the connection ends ──────► closed
//
// The class of a message, and what its answer means:
//
//   A   text       ACK delivered, if a member is still there; NAK failed; silence for 30 s uncertain
//   N   invitation NAK failed; silence for 5 s delivered, if a member is still there
//   U   typing     none is asked for
//   D   data       none is waited for; other clients want their data in this class
//
// Rules
// - Only JOI says that a member is there. The answer to CAL says at most that they are not coming.
// - Who was on the board counts when the ACK is read, not when it is looked at: a BYE before it means that the message met
//   an empty board (docs/msnp.md 4.4).
// - While it leaves it goes on hearing: what others were saying at that moment has been acknowledged to them.
// - Each message is read by the one reader of its type (`content/content-types`); data of other clients are answered by the
//   `P2pResponder`, since their users wait for it.
//
// What must never happen
// - A message is dropped without a word: what cannot be read, or stays incomplete, is reported as that.
// - A server that names people or parts without end fills our memory: both have limits.

import { GatheredWarning } from "../base/gathered-warning.ts";
import type { MsnScope } from "../base/scope.ts";
import { Chunks, type ChunkBudget, type LossListener } from "./chunks.ts";
import type { Content } from "../content/content.ts";
import { lostContent, readContent } from "../content/content-types.ts";
import { MsnError } from "../base/errors.ts";
import type { Connection, ConnectionListener } from "../net/connection.ts";
import type { AckClass, Delivery } from "./delivery.ts";
import { BoardCalls } from "./board-calls.ts";
import { BoardMembers, Witnesses } from "./board-members.ts";
import { P2pResponder, type DataSender } from "../p2p/responder.ts";
import { accountKey } from "../base/account.ts";
import { decodeArgument, type Command } from "../wire/command.ts";
import { parseMime, type MimeMessage } from "../wire/mime.ts";

/** What happens on a switchboard. */
export interface SwitchboardListener {
  onJoin(board: Switchboard, account: string, name: string): void;
  /** @param quietly whether they were removed for being idle, or the board has closed: they did not mean to leave */
  onLeave(board: Switchboard, account: string, quietly: boolean): void;
  onContent(board: Switchboard, from: string, name: string, content: Content): void;
  /** Called once, when the switchboard has closed. */
  onClose(board: Switchboard): void;
}

export interface SwitchboardOptions extends MsnScope {
  readonly connection: Connection;
  readonly listener: SwitchboardListener;
  /** For messages in parts; shared by the switchboards of a client, one of its own if not given. */
  readonly chunkBudget?: ChunkBudget;
}

// docs/msnp.md 4.4.
const ACK_TIMEOUT_MS = 30_000;
// After this time silence means that it arrived.
const NAK_TIMEOUT_MS = 5000;
// Servers close the connection as soon as they have read OUT (docs/msnp.md 4.3).
const LEAVE_TIMEOUT_MS = 2000;

/** What conversations need of a switchboard. */
export type Switchboard = Pick<
  SwitchboardClient,
  "members" | "isClosed" | "isBusy" | "signIn" | "answer" | "invite" | "send" | "post" | "leave" | "hold" | "goOn"
>;

/** Makes the switchboard for a connection; replaced by those who want another kind. */
export type SwitchboardFactory = (options: SwitchboardOptions) => Switchboard;

/** One switchboard: who is on it, calling people to it, messages in both directions. */
export class SwitchboardClient implements ConnectionListener, LossListener, DataSender {
  readonly #options: SwitchboardOptions;
  readonly #connection: Connection;
  readonly #members: BoardMembers;
  readonly #chunks: Chunks;
  readonly #responder: P2pResponder;
  readonly #nameless: GatheredWarning;
  /** How many messages of ours wait to be known to have arrived. */
  #unsettled = 0;
  #isLeaving = false;
  #left: Promise<boolean> | undefined;
  readonly #calls: BoardCalls;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#members = new BoardMembers(options.account);
    this.#calls = new BoardCalls(options.connection, this.#members);
    const { log, connection, chunkBudget } = options;
    this.#chunks = new Chunks({ clock: connection.clock, log }, this, chunkBudget);
    this.#responder = new P2pResponder(options, this);
    this.#nameless = new GatheredWarning(options, "skipped a message that does not say who has sent it");
    this.#connection.listen(this);
  }

  /** The others on the board: lower-case account to display name. */
  get members(): ReadonlyMap<string, string> {
    return this.#members.names;
  }

  /** Whether it is of no use for saying anything more. */
  get isClosed(): boolean {
    return this.#isLeaving || this.#connection.hasEnded;
  }

  /** Whether something would be cut off if it were left: a message of ours or of others, or somebody who was called. */
  get isBusy(): boolean {
    return this.#unsettled > 0 || !this.#chunks.isEmpty || this.#calls.isWaiting;
  }

  /** Takes over a board that we asked for. @throws MsnError */
  async signIn(key: string): Promise<void> {
    const { args } = await this.#authenticate("USR", [this.#options.account, key]);
    if (args[1] !== "OK") throw new MsnError("protocol", "the switchboard answered the key with something unknown");
  }

  /** Follows a call; those who are there already are reported as joining. @throws MsnError */
  async answer(key: string, session: string): Promise<void> {
    await this.#authenticate("ANS", [this.#options.account, key, session]);
  }

  /**
   * Calls a contact and waits until they have joined.
   * @throws MsnError `contact-offline`, `timeout` when their client does not come, or `rejected` when the board is full
   */
  async invite(account: string): Promise<void> {
    await this.#calls.call(account);
  }

  /** Sends a message and finds out what became of it, as far as its class tells (docs/msnp.md 4.4). */
  async send(payload: Buffer, ack: AckClass = "A"): Promise<Delivery> {
    if (this.isClosed)
      return { state: "failed", error: new MsnError("connection-closed", "the switchboard has closed") };
    if (ack === "U") {
      this.post(payload);
      return { state: "delivered" };
    }
    const witnesses = new Witnesses(this.#members);
    const timeout = ack === "A" ? ACK_TIMEOUT_MS : NAK_TIMEOUT_MS;
    const options = { payload, answers: ["ACK", "NAK"], timeout, listener: witnesses };
    this.#unsettled += 1;
    try {
      const answer = await this.#connection.request("MSG", [ack], options);
      if (answer.name === "NAK")
        return { state: "failed", error: new MsnError("rejected", "the server could not deliver it") };
      if (witnesses.count > 0) return { state: "delivered" };
      return { state: "failed", error: new MsnError("contact-offline", "the contact had just left the conversation") };
    } catch (error) {
      if (!(error instanceof MsnError)) throw error;
      // Silence was hoped for. On a board that is empty by now it says nothing.
      if (ack === "N" && error.code === "timeout" && this.members.size > 0) return { state: "delivered" };
      const unanswered = error.code === "timeout" || error.code === "connection-closed" || error.code === "protocol";
      return { state: unanswered ? "uncertain" : "failed", error };
    } finally {
      this.#unsettled -= 1;
    }
  }

  /** Sends a message whose fate nobody asks for. */
  post(payload: Buffer): void {
    this.#connection.post("MSG", ["U"], payload);
  }

  /** Sends data of programs, which have a class of their own (docs/msnp.md 7.1). */
  sendData(payload: Buffer): void {
    this.#connection.post("MSG", ["D"], payload);
  }

  /** Reads nothing more until it goes on, or is left. What waits for an answer waits for longer. */
  hold(): void {
    if (!this.#isLeaving) this.#connection.hold("conversation");
  }

  /** Goes on after `hold`. */
  goOn(): void {
    this.#connection.goOn("conversation");
  }

  /**
   * Leaves the board; what others were saying at that moment is still heard. Resolves once it is closed.
   * @returns false when the others were still speaking then, because the server does not let us go
   */
  async leave(): Promise<boolean> {
    if (!this.isClosed) this.#connection.send({ name: "OUT", args: [] });
    this.#isLeaving = true;
    this.goOn();
    this.#left ??= this.#connection.finish(LEAVE_TIMEOUT_MS);
    return this.#left;
  }

  onCommand(command: Command): void {
    const { name, args } = command;
    switch (name) {
      case "IRO":
        // IRO t index count account name
        this.#join(args[3], args[4]);
        return;
      case "JOI":
        this.#join(args[0], args[1]);
        return;
      case "BYE":
        // BYE account [1]: removed for being idle (docs/msnp.md 4.3).
        this.#leave(args[0], args[1] === "1");
        return;
      case "MSG":
        this.#message(command);
        return;
      default:
        this.#options.log.debug({ command: name }, "skipped a command of the switchboard");
    }
  }

  onClose(error: MsnError): void {
    this.#chunks.clear();
    this.#calls.end(error);
    for (const account of this.members.keys()) this.#leave(account, true);
    this.#options.listener.onClose(this);
  }

  // Its writer believes that it arrived.
  onLoss(account: string, headers: MimeMessage["headers"] | undefined): void {
    const content = lostContent(headers);
    if (content === undefined) return;
    this.#options.listener.onContent(this, account, this.members.get(account) ?? "", content);
  }

  // A switchboard refuses a key with the number that elsewhere means a wrong password (docs/msnp.md 4.1).
  async #authenticate(name: "USR" | "ANS", args: readonly string[]): Promise<Command> {
    try {
      return await this.#connection.request(name, args);
    } catch (error) {
      if (!(error instanceof MsnError && error.code === "bad-credentials")) throw error;
      throw new MsnError("rejected", "the switchboard refused the key", { cause: error });
    }
  }

  #join(account: string | undefined, name = ""): void {
    const joined = account ? this.#members.join(account, decodeArgument(name)) : undefined;
    if (joined === undefined) return;
    if (joined.isNew) this.#options.listener.onJoin(this, joined.key, joined.name);
    this.#calls.joined(joined.key);
  }

  #leave(account: string | undefined, quietly: boolean): void {
    const key = account ? this.#members.leave(account) : undefined;
    if (key !== undefined) this.#options.listener.onLeave(this, key, quietly);
  }

  // MSG account name length
  #message({ args, payload }: Command): void {
    const [from, name = ""] = args;
    if (!from || args.length < 2 || payload === undefined) {
      this.#nameless.add({ arguments: args.length });
      return;
    }
    const account = accountKey(from);
    // What we have said ourselves is not reported.
    if (this.#members.isOwn(account)) return;
    const message = this.#chunks.add(account, parseMime(payload));
    if (message === undefined) return;
    const content = readContent(message, from, this.#responder);
    this.#options.listener.onContent(this, account, decodeArgument(name), content);
  }
}
