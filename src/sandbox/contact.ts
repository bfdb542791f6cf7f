import type { Account, Status } from "./accounts.ts";
import { isStatus } from "./accounts.ts";
import type { Board } from "./board.ts";
import { ContactFiles, type ReceivedFile } from "./files/contact-files.ts";
import type { OfferedFile } from "./files/invitation.ts";
import type { ReceiveOutcome, SendOutcome } from "./files/outcome.ts";
import type { OfferAnswer } from "./files/receive-file.ts";
import type { FileToSend } from "./files/send-file.ts";
import { LONGEST_MESSAGE, NUDGE, encodeText, encodeTyping, isText, parseMessage } from "./message.ts";
import type { Network, Session } from "./network.ts";
import { Outbox } from "./outbox.ts";
import { toReceivedText, type ReceivedText } from "./received-text.ts";
import { Seats } from "./seats.ts";

/** Somebody signed in inside the server, without a socket, who does what a test or the demo tells her. */
export class ScriptedContact {
  readonly #network: Network;
  readonly #account: Account;
  readonly #seats: Seats;
  readonly #outboxes = new Map<string, Outbox>();
  readonly #files: ContactFiles;
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
  /** Sees every payload as it came. */
  onPayload?: (payload: Buffer) => void;
  /** What she says to a file that is offered to her; without it, nothing. */
  onOffer?: (offer: OfferedFile) => OfferAnswer | Promise<OfferAnswer>;

  constructor(network: Network, account: Account) {
    this.#network = network;
    this.#account = account;
    this.#seats = new Seats(network, account, {
      arrived: (board, passport) => this.#outboxes.get(passport.toLowerCase())?.joined(board),
      message: (board, from, payload) => this.#read(board, from, payload),
      left: (board) => this.#files.boardClosed(board),
    });
    this.#files = new ContactFiles({
      passport: account.passport,
      clock: network.clock,
      log: network.log,
      boardWith: async (to) => this.#seats.forTwo(to),
      relay: (board, payload) => this.#seats.say(board, payload),
      decide: (offer) => this.onOffer?.(offer) ?? "ignore",
    });
  }

  /** The files that she has received whole. */
  get files(): readonly ReceivedFile[] {
    return this.#files.received;
  }

  /** Every offer made to her that is over, and how it ended. */
  get fileOutcomes(): readonly { offer: OfferedFile; outcome: ReceiveOutcome }[] {
    return this.#files.answered;
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
   * Offers a file to `to`, on a board with nobody else, and sends it if it is wanted. Resolves once it is over, whatever
   * came of it.
   * @throws Error (as a rejection) when signed out, when `to` cannot be called or does not come, or when the offer is too
   * long for one message
   */
  async offerFile(to: string, file: FileToSend): Promise<SendOutcome> {
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
    return this.#files.offer(to, file);
  }

  /**
   * Opens a board and calls several people to it. Resolves once all are there.
   * @throws Error (as a rejection) when signed out, or when somebody cannot be called or does not come within 5 s
   */
  async gather(...others: readonly string[]): Promise<void> {
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
    await this.#seats.open(others);
  }

  /** The passports of the others on the board with the most people. @throws Error when on none */
  get company(): string[] {
    return this.#seats
      .largest()
      .others(this.#account)
      .map(({ passport }) => passport);
  }

  /** Calls one more to the board with the most people. @throws Error as `gather` does */
  async call(to: string): Promise<void> {
    await this.#seats.call(this.#seats.largest(), to);
  }

  /** Says `text` on the board with the most people. @throws Error when on none */
  sayToAll(text: string): void {
    this.#seats.largest().relay(this.#account, encodeText(text));
  }

  sayTypingToAll(): void {
    this.#seats.largest().relay(this.#account, encodeTyping(this.passport));
  }

  /** Leaves every board. */
  leaveAll(): void {
    this.#seats.leaveAll();
  }

  /** Leaves the boards shared with `to`. */
  leave(to: string): void {
    for (const board of this.#seats.with(to)) this.#seats.leave(board);
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
      board: () => this.#seats.with(to)[0],
      open: () => {
        const board = this.#seats.sitAlone();
        const refusal = board.call(this.#account, to);
        if (refusal !== undefined) this.#seats.leave(board);
        return refusal === undefined ? board : undefined;
      },
      relay: (board, payload) => board.relay(this.#account, payload),
      giveUp: (board) => this.#seats.leave(board),
    });
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
    if (isWanted && this.#network.boards.has(board)) this.#seats.sit(board);
  }

  #leaveAll(): void {
    for (const outbox of this.#outboxes.values()) outbox.fail(`${this.passport} signed out`);
    this.#files.signedOut();
    this.leaveAll();
  }

  #read(board: Board, from: Account, payload: Buffer): void {
    this.onPayload?.(payload);
    const message = parseMessage(payload);
    if (message?.header("TypingUser") !== undefined) this.typing.push(from.passport);
    if (message !== undefined) this.#files.read(board, from.passport, message);
    if (message === undefined || !isText(message)) return;
    const text = toReceivedText(from.passport, message, this.#network.clock.now());
    this.received.push(text);
    this.onText?.(text);
    // Not at once: the sender has to see her ACK before the answer.
    if (this.echo) setImmediate(() => this.#seats.say(board, encodeText(text.text)));
  }
}
