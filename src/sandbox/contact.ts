import type { Account, Status } from "./accounts.ts";
import { isStatus } from "./accounts.ts";
import { Board, type Member } from "./board.ts";
import { LONGEST_MESSAGE, NUDGE, encodeText, encodeTyping, isText, parseMessage } from "./message.ts";
import type { Network, Session } from "./network.ts";
import { Outbox } from "./outbox.ts";

const TIME_TO_JOIN = 5000;

export interface ReceivedText {
  /** The passport of the sender. */
  from: string;
  /** Line ends are `\n`. */
  text: string;
  /** The value of X-MMS-IM-Format. */
  format?: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Somebody signed in inside the server, without a socket, who does what a test or the demo tells her. */
export class ScriptedContact {
  readonly #network: Network;
  readonly #account: Account;
  readonly #seats = new Map<Board, Member>();
  readonly #outboxes = new Map<string, Outbox>();
  readonly #awaited = new Set<{ board: Board; to: string; here: PromiseWithResolvers<void> }>();
  #session: (Session & { status: Status }) | undefined;

  /** Texts in the order they arrived. */
  readonly received: ReceivedText[] = [];
  /** The passports of those who were seen typing, one entry for each time. */
  readonly typing: string[] = [];
  /** Whether each text is answered with the same text, on the same board. */
  echo = false;
  /** When false, calls ring but are not answered. */
  answersCalls = true;
  onText?: (text: ReceivedText) => void;

  constructor(network: Network, account: Account) {
    this.#network = network;
    this.#account = account;
  }

  get passport(): string {
    return this.#account.passport;
  }

  get name(): string {
    return this.#network.mood.text.toPlain(this.#account.name);
  }

  /** Any other session of the account is put out. */
  signIn(status = "NLN"): void {
    if (this.#session === undefined) {
      this.#session = this.#createSession();
      this.#network.signIn(this.#session);
    }
    this.setStatus(status);
  }

  /** Leaves every board. */
  signOut(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#leaveAll();
    this.#network.signOut(session);
  }

  /** @throws Error when signed out, or when there is no such status */
  setStatus(status: string): void {
    if (!isStatus(status) || status === "FLN") throw new Error(`"${status}" is no status one can set`);
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
    this.#session.status = status;
    this.#network.statusChanged(this.#account);
  }

  rename(name: string): void {
    this.#account.name = name === "" ? this.passport : this.#network.mood.text.fromPlain(name);
    this.#network.profileChanged(this.#account);
  }

  /**
   * Says `text` to `to`: on the board they share, else on a new one to which `to` is called. Resolves once it was handed
   * over. Texts arrive in the order of the calls.
   * @throws Error (as a rejection) when signed out, when `to` is offline, when nobody joined within 5 s, or when the text
   * is too long for one message
   */
  async say(to: string, text: string): Promise<void> {
    const payload = encodeText(text);
    if (payload.length > LONGEST_MESSAGE) throw new Error(`a message of ${payload.length} bytes is too long`);
    await this.sendRaw(to, payload);
  }

  async sayTyping(to: string): Promise<void> {
    await this.sendRaw(to, encodeTyping(this.passport));
  }

  async nudge(to: string): Promise<void> {
    await this.sendRaw(to, NUDGE);
  }

  /** Sends any payload, as `say` does, without a look at it. */
  async sendRaw(to: string, payload: Buffer): Promise<void> {
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
    await this.#outboxTo(to).send(payload);
  }

  /**
   * Opens a board and calls several people to it. Resolves once all are there.
   * @throws Error (as a rejection) when signed out, or when somebody cannot be called or does not come within 5 s
   */
  async gather(...others: readonly string[]): Promise<void> {
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
    const board = new Board(this.#network);
    this.#sit(board);
    try {
      await Promise.all(others.map(async (to) => this.#call(board, to)));
    } catch (error) {
      this.#leave(board);
      throw error;
    }
  }

  /** Calls one more to the board with the most people. @throws Error as `gather` does */
  async call(to: string): Promise<void> {
    await this.#call(this.#largestBoard(), to);
  }

  /** Says `text` on the board with the most people. @throws Error when on none */
  sayToAll(text: string): void {
    this.#largestBoard().relay(this.#account, encodeText(text));
  }

  sayTypingToAll(): void {
    this.#largestBoard().relay(this.#account, encodeTyping(this.passport));
  }

  /** Leaves every board. */
  leaveAll(): void {
    for (const board of this.#seats.keys()) this.#leave(board);
  }

  /** Leaves the boards shared with `to`. */
  leave(to: string): void {
    const other = this.#network.accounts.find(to);
    for (const board of this.#seats.keys()) if (other !== undefined && board.has(other)) this.#leave(board);
  }

  #outboxTo(to: string): Outbox {
    const key = to.toLowerCase();
    const outbox = this.#outboxes.get(key) ?? this.#createOutbox(to);
    this.#outboxes.set(key, outbox);
    return outbox;
  }

  #createOutbox(to: string): Outbox {
    return new Outbox({
      clock: this.#network.clock,
      to,
      board: () => this.#sharedBoard(to),
      open: () => {
        const board = new Board(this.#network);
        this.#sit(board);
        const refusal = board.call(this.#account, to);
        if (refusal !== undefined) this.#leave(board);
        return refusal === undefined ? board : undefined;
      },
      relay: (board, payload) => board.relay(this.#account, payload),
      giveUp: (board) => this.#leave(board),
    });
  }

  /** The board with the fewest people on it, so that a chat of two comes before a group. */
  #sharedBoard(to: string): Board | undefined {
    const other = this.#network.accounts.find(to);
    if (other === undefined) return undefined;
    const shared = [...this.#seats.keys()].filter((board) => board.has(other));
    return shared.toSorted((a, b) => a.members.length - b.members.length)[0];
  }

  #largestBoard(): Board {
    const [largest] = [...this.#seats.keys()].toSorted((a, b) => b.members.length - a.members.length);
    if (largest === undefined) throw new Error(`${this.passport} is on no board`);
    return largest;
  }

  async #call(board: Board, to: string): Promise<void> {
    const refusal = board.call(this.#account, to);
    if (refusal !== undefined) throw new Error(`${to} cannot be called: ${refusal}`);
    const arrival = { board, to: to.toLowerCase(), here: Promise.withResolvers<void>() };
    this.#awaited.add(arrival);
    const late = (): void => arrival.here.reject(new Error(`${to} did not answer the call`));
    const timer = this.#network.clock.after(TIME_TO_JOIN, late);
    try {
      await arrival.here.promise;
    } finally {
      timer.cancel();
      this.#awaited.delete(arrival);
    }
  }

  #arrived(board: Board, passport: string): void {
    const key = passport.toLowerCase();
    this.#outboxes.get(key)?.joined(board);
    for (const awaited of this.#awaited) if (awaited.board === board && awaited.to === key) awaited.here.resolve();
  }

  #createSession(): Session & { status: Status } {
    return {
      account: this.#account,
      status: "FLN",
      capabilities: "0",
      presenceChanged: () => undefined,
      phoneChanged: () => undefined,
      addedBy: () => undefined,
      removedBy: () => undefined,
      // Not at once: the caller has to see RINGING before JOI.
      ring: (board) => void setImmediate(() => this.#answer(board)),
      signedInElsewhere: () => {
        this.#session = undefined;
        this.#leaveAll();
      },
    };
  }

  #answer(board: Board): void {
    const isWanted = this.answersCalls && this.#session !== undefined && !this.#seats.has(board);
    if (isWanted && this.#network.boards.has(board)) this.#sit(board);
  }

  #sit(board: Board): void {
    const member: Member = {
      account: this.#account,
      // Not at once: she has to see the end of her ANS before the first message.
      joined: (other) => void setImmediate(() => this.#arrived(board, other.passport)),
      left: () => {
        if (board.others(this.#account).length === 0) this.#leave(board);
      },
      message: (from, payload) => this.#read(board, from, payload),
      dismissed: () => void this.#seats.delete(board),
    };
    this.#seats.set(board, member);
    board.join(member);
  }

  #leave(board: Board): void {
    const member = this.#seats.get(board);
    this.#seats.delete(board);
    if (member !== undefined) board.leave(member);
  }

  #leaveAll(): void {
    for (const outbox of this.#outboxes.values()) outbox.fail(`${this.passport} signed out`);
    this.leaveAll();
  }

  #read(board: Board, from: Account, payload: Buffer): void {
    const message = parseMessage(payload);
    if (message?.header("TypingUser") !== undefined) this.typing.push(from.passport);
    if (message === undefined || !isText(message)) return;
    const format = message.header("X-MMS-IM-Format");
    const text: ReceivedText = {
      from: from.passport,
      text: message.body.toString().replaceAll("\r\n", "\n"),
      ...(format === undefined ? {} : { format }),
      at: this.#network.clock.now(),
    };
    this.received.push(text);
    this.onText?.(text);
    // Not at once: the sender has to see her ACK before the answer.
    if (this.echo) setImmediate(() => this.#echoOn(board, text.text));
  }

  #echoOn(board: Board, text: string): void {
    if (this.#seats.has(board)) board.relay(this.#account, encodeText(text));
  }
}
