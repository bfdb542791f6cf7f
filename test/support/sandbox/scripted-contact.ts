import type { Account } from "../../../src/sandbox/network/accounts.ts";
import type { SandboxNetwork } from "../../../src/sandbox/network/network.ts";
import type { SandboxSwitchboard } from "../../../src/sandbox/network/switchboard.ts";
import { SandboxContact } from "../../../src/sandbox/contact/sandbox-contact.ts";
import { encodeText, type Message } from "../../../src/sandbox/wire/message.ts";
import { ContactFiles, type ReceivedFile } from "./files/contact-files.ts";
import type { OfferedFile } from "./files/invitation.ts";
import type { ReceiveOutcome, SendOutcome } from "./files/outcome.ts";
import type { OfferAnswer } from "./files/receive-file.ts";
import type { FileToSend } from "./files/send-file.ts";

const NUDGE: Buffer = Buffer.from("MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n");

function encodeTyping(passport: string): Buffer {
  return Buffer.from(`MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: ${passport}\r\n\r\n\r\n`);
}

/** A contact that a test can have do everything that people do: files, groups, nudges, typing. */
export class ScriptedContact extends SandboxContact {
  readonly #files: ContactFiles;

  /** The passports of those who were seen typing, one entry for each time. */
  readonly typing: string[] = [];
  /** When false, calls ring but are not answered. */
  answersCalls = true;
  /** Sees every payload as it came. */
  onPayload?: (payload: Buffer) => void;
  /** The answer to a file that is offered; without it, none. */
  onOffer?: (offer: OfferedFile) => OfferAnswer | Promise<OfferAnswer>;

  constructor(network: SandboxNetwork, account: Account) {
    super(network, account);
    this.#files = new ContactFiles({
      passport: account.passport,
      clock: network.clock,
      log: network.log,
      boardWith: async (to) => this.switchboards.forTwo(to),
      relay: (board, payload) => this.switchboards.say(board, payload),
      decide: (offer) => this.onOffer?.(offer) ?? "ignore",
    });
  }

  /** The files that were received whole. */
  get files(): readonly ReceivedFile[] {
    return this.#files.received;
  }

  /** Every offer made to the contact that is over, and how it ended. */
  get fileOutcomes(): readonly { offer: OfferedFile; outcome: ReceiveOutcome }[] {
    return this.#files.answered;
  }

  async sayTyping(to: string): Promise<void> {
    await this.sendRaw(to, encodeTyping(this.passport));
  }

  async nudge(to: string): Promise<void> {
    await this.sendRaw(to, NUDGE);
  }

  /**
   * Offers a file to `to`, on a switchboard with nobody else, and sends it if it is wanted. Resolves once it is over,
   * whatever came of it.
   * @throws Error (as a rejection) when signed out, when `to` cannot be called or does not come, or when the offer is too
   * long for one message
   */
  async offerFile(to: string, file: FileToSend): Promise<SendOutcome> {
    this.mustBeSignedIn();
    return this.#files.offer(to, file);
  }

  /**
   * Opens a switchboard and calls several people to it. Resolves once all are there.
   * @throws Error (as a rejection) when signed out, or when one of them cannot be called or does not come within 5 s
   */
  async gather(...others: readonly string[]): Promise<void> {
    this.mustBeSignedIn();
    await this.switchboards.open(others);
  }

  /** The passports of the others on the switchboard with the most people. @throws Error when on none */
  get others(): string[] {
    return this.switchboards
      .largest()
      .others(this.account)
      .map(({ passport }) => passport);
  }

  /** Calls one more to the switchboard with the most people. @throws Error as `gather` does */
  async call(to: string): Promise<void> {
    await this.switchboards.call(this.switchboards.largest(), to);
  }

  /** Says `text` on the switchboard with the most people. @throws Error when on none */
  sayToAll(text: string): void {
    this.switchboards.largest().relay(this.account, encodeText(text));
  }

  sayTypingToAll(): void {
    this.switchboards.largest().relay(this.account, encodeTyping(this.passport));
  }

  /** Leaves every switchboard. */
  leaveAll(): void {
    this.switchboards.leaveAll();
  }

  /** Leaves the switchboards shared with `to`. */
  leave(to: string): void {
    for (const board of this.switchboards.with(to)) this.switchboards.leave(board);
  }

  protected override answersCall(): boolean {
    return this.answersCalls;
  }

  protected override hasHeard(board: SandboxSwitchboard, from: Account, payload: Buffer, message?: Message): void {
    this.onPayload?.(payload);
    if (message?.header("TypingUser") !== undefined) this.typing.push(from.passport);
    if (message !== undefined) this.#files.read(board, from.passport, message);
  }

  protected override hasLeft(board: SandboxSwitchboard): void {
    this.#files.boardClosed(board);
  }

  protected override hasSignedOut(): void {
    this.#files.signedOut();
  }
}
