import { isStatus, type Account, type SandboxStatus } from "../network/accounts.ts";
import type { SandboxNetwork, SandboxSession } from "../network/network.ts";
import type { SandboxSwitchboard } from "../network/switchboard.ts";
import { LONGEST_MESSAGE, encodeText, isText, parseMessage, type Message } from "../wire/message.ts";
import { Outbox } from "./outbox.ts";
import { toReceivedText, type ReceivedText } from "./received-text.ts";
import { Switchboards } from "./switchboards.ts";

/** An account that is signed in inside the server, without a socket, and does what the demo or a test tells it. */
export class SandboxContact {
  protected readonly network: SandboxNetwork;
  protected readonly account: Account;
  protected readonly switchboards: Switchboards;
  readonly #outboxes = new Map<string, Outbox>();
  #session: (SandboxSession & { status: SandboxStatus }) | undefined;

  /** Texts in the order they arrived. */
  readonly received: ReceivedText[] = [];
  /** Whether each text is answered with the same text, on the same switchboard. */
  echo = false;
  onText?: (text: ReceivedText) => void;

  constructor(network: SandboxNetwork, account: Account) {
    this.network = network;
    this.account = account;
    this.switchboards = new Switchboards(network, account, {
      arrived: (board, passport) => this.#outboxes.get(passport.toLowerCase())?.joined(board),
      message: (board, from, payload) => this.#read(board, from, payload),
      left: (board) => this.hasLeft(board),
    });
  }

  get passport(): string {
    return this.account.passport;
  }

  get name(): string {
    return this.network.profile.text.toPlain(this.account.name);
  }

  /** Any other session of the account is put out. */
  signIn(status = "NLN"): void {
    if (this.#session === undefined) {
      this.#session = this.#createSession();
      this.network.signIn(this.#session);
    }
    this.setStatus(status);
  }

  /** Leaves every switchboard. */
  signOut(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#leaveAll();
    this.network.signOut(session);
  }

  /** @throws Error when signed out, or when there is no such status */
  setStatus(status: string): void {
    if (!isStatus(status) || status === "FLN") throw new Error(`"${status}" is no status one can set`);
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
    this.#session.status = status;
    this.network.statusChanged(this.account);
  }

  rename(name: string): void {
    this.account.name = name === "" ? this.passport : this.network.profile.text.fromPlain(name);
    this.network.profileChanged(this.account);
  }

  /**
   * Says `text` to `to`: on the switchboard they share, else on a new one to which `to` is called. Resolves once it was
   * handed over. Texts arrive in the order of the calls.
   * @throws Error (as a rejection) when signed out, when `to` is offline, when nobody joined within 5 s, or when the text
   * is too long for one message
   */
  async say(to: string, text: string): Promise<void> {
    const payload = encodeText(text);
    if (payload.length > LONGEST_MESSAGE) throw new Error(`a message of ${payload.length} bytes is too long`);
    await this.sendRaw(to, payload);
  }

  /** Sends any payload, as `say` does, without a look at it. */
  async sendRaw(to: string, payload: Buffer): Promise<void> {
    this.mustBeSignedIn();
    await this.#outboxTo(to).send(payload);
  }

  /** @throws Error when signed out */
  protected mustBeSignedIn(): void {
    if (this.#session === undefined) throw new Error(`${this.passport} is signed out`);
  }

  /** Whether a call is answered; when not, it only rings. */
  protected answersCall(): boolean {
    return true;
  }

  /** Told of every payload as it came, and of the message in it if it is one. */
  protected hasHeard(
    _board: SandboxSwitchboard,
    _from: Account,
    _payload: Buffer,
    _message: Message | undefined,
  ): void {}

  /** Told of every switchboard that the contact is no more on. */
  protected hasLeft(_board: SandboxSwitchboard): void {}

  /** Told once the contact is signed out. */
  protected hasSignedOut(): void {}

  #outboxTo(to: string): Outbox {
    const key = to.toLowerCase();
    const outbox = this.#outboxes.get(key) ?? this.#createOutbox(to);
    this.#outboxes.set(key, outbox);
    return outbox;
  }

  #createOutbox(to: string): Outbox {
    return new Outbox({
      clock: this.network.clock,
      to,
      board: () => this.switchboards.with(to)[0],
      open: () => {
        const board = this.switchboards.sitAlone();
        const refusal = board.call(this.account, to);
        if (refusal !== undefined) this.switchboards.leave(board);
        return refusal === undefined ? board : undefined;
      },
      relay: (board, payload) => board.relay(this.account, payload),
      giveUp: (board) => this.switchboards.leave(board),
    });
  }

  #createSession(): SandboxSession & { status: SandboxStatus } {
    return {
      account: this.account,
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

  #answer(board: SandboxSwitchboard): void {
    const isWanted = this.answersCall() && this.#session !== undefined && !this.switchboards.has(board);
    if (isWanted && this.network.boards.has(board)) this.switchboards.sit(board);
  }

  #leaveAll(): void {
    for (const outbox of this.#outboxes.values()) outbox.fail(`${this.passport} signed out`);
    this.hasSignedOut();
    this.switchboards.leaveAll();
  }

  #read(board: SandboxSwitchboard, from: Account, payload: Buffer): void {
    const message = parseMessage(payload);
    this.hasHeard(board, from, payload, message);
    if (message === undefined || !isText(message)) return;
    const text = toReceivedText(from.passport, message, this.network.clock.now());
    this.received.push(text);
    this.onText?.(text);
    // Not at once: the sender has to see the ACK before the answer.
    if (this.echo) setImmediate(() => this.switchboards.say(board, encodeText(text.text)));
  }
}
