import { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { callListeners } from "../../util/listeners.ts";
import { addressesOf, refusedBy } from "./address-rules.ts";
import type { TransferContext, TransferSubject } from "./transfer-context.ts";
import { TransferLifecycle } from "./transfer-lifecycle.ts";
import { newAuthCookie, listenForPeer } from "./peer-listener.ts";
import { cleanFileName } from "../wire/file-name.ts";
import type { CancelCode, Invitation, TransferAddress } from "../wire/invitation.ts";
import type { Link } from "./link.ts";
import { greetReceiver, closingLineOfSender, sendContent } from "./msnftp-sender.ts";
import { failed, failure, type TransferOutcome } from "./outcome.ts";

/** A file that is offered to a contact. */
export interface FileSource {
  readonly name: string;
  /** Bytes; the content has to hold exactly as many. */
  readonly size: number;
  /** Its bytes. A function is asked for them when they are needed; a stream that is not needed is destroyed. */
  readonly content: Readable | (() => Readable);
  /** Whether nobody else has the memory of its pieces. It is given back as soon as they are on their way. */
  readonly ownsPieces?: boolean;
}

export interface FileSendEvents {
  /** The contact wants it. */
  accepted: [];
  /** So many of its bytes have gone out. */
  progress: [bytes: number];
}

/** A file that we send: offered, wanted, on its way, over. */
export class FileSend extends EventEmitter<FileSendEvents> implements TransferSubject {
  /** The account of the contact, in lower case. */
  readonly contact: string;
  /** Identifies the transfer between the contact and us. */
  readonly cookie: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly #context: TransferContext;
  readonly #lifecycle: TransferLifecycle;
  readonly #source: FileSource;
  #isAccepted = false;

  /** Made by `MsnClient.sendFile`. */
  constructor(context: TransferContext, contact: string, cookie: string, file: FileSource) {
    super();
    this.#context = context;
    this.contact = contact;
    this.cookie = cookie;
    this.name = cleanFileName(file.name) || "file";
    this.size = file.size;
    this.#source = file;
    this.#lifecycle = new TransferLifecycle(context, this);
    if (typeof file.content !== "function") this.#lookAfter(file.content);
    this.#lifecycle.run(() => this.#offer());
  }

  /** How it ended. Never rejects. */
  get done(): Promise<TransferOutcome> {
    return this.#lifecycle.outcome;
  }

  /** How many of its bytes have gone out. */
  get bytes(): number {
    return this.#lifecycle.bytes;
  }

  /** Gives it up; the contact is told. */
  cancel(code: CancelCode = "OUTBANDCANCEL"): void {
    this.#lifecycle.end({ state: "cancelled", by: "us", code });
  }

  /** The contact has said something about it. */
  hear(invitation: Invitation): void {
    switch (invitation.type) {
      case "accept":
        // Some say it twice; what counts is the first.
        if (!this.#isAccepted) this.#lifecycle.run(() => this.#accepted(invitation.transfer));
        return;
      case "cancel":
        this.#lifecycle.end({
          state: this.#isAccepted ? "cancelled" : "declined",
          by: "them",
          code: invitation.code,
        });
        return;
      case "malformed":
        this.#lifecycle.end(failure(invitation.reason === "address" ? "address-refused" : "protocol"));
        return;
      case "file-invite":
      case "foreign":
    }
  }

  /** Called by the transfer itself. */
  reportProgress(bytes: number): void {
    if (this.listenerCount("progress") > 0) callListeners(this.rawListeners("progress"), this, bytes);
  }

  /** The contact has signed out, or left the switchboard. */
  contactGone(how: "signed-out" | "left"): void {
    if (how === "signed-out" || this.#isAccepted) this.#lifecycle.contactGone(how);
  }

  #offer(): void {
    const { rules } = this.#context;
    if (this.size > rules.maxSize) throw failed("too-large");
    this.#lifecycle.takePlace();
    this.#lifecycle.within(rules.offerMs, "unanswered");
    this.#lifecycle.say({
      type: "file-invite",
      cookie: this.cookie,
      file: this.name,
      size: this.size,
      ...(rules.publicAddress === undefined && { connectivity: false }),
    });
  }

  async #accepted(transfer: TransferAddress | undefined): Promise<void> {
    const { rules } = this.#context;
    this.#isAccepted = true;
    callListeners(this.rawListeners("accepted"), this);
    this.#lifecycle.within(rules.connectMs, "unconnected");
    const link = await this.#reach(transfer);
    this.#lifecycle.start();
    const { size, ownsPieces = false } = this.#source;
    await sendContent(link, { size, content: this.#open(), ownsPieces }, this.#lifecycle);
    this.#lifecycle.end({ state: "done" });
  }

  // The receiver may prefer to listen; where we cannot, they have to (docs/msnp.md 5.1).
  async #reach(transfer: TransferAddress | undefined): Promise<Link> {
    const { publicAddress } = this.#context.rules;
    if (transfer !== undefined && (transfer.senderConnect || publicAddress === undefined)) return this.#visit(transfer);
    if (publicAddress === undefined) throw failed("no-address");
    return this.#receive(publicAddress);
  }

  async #visit(transfer: TransferAddress): Promise<Link> {
    const addresses = addressesOf(transfer, this.#context.rules);
    if (addresses.length === 0) throw failed("address-refused", refusedBy(transfer, this.#context.rules));
    const link = await this.#lifecycle.connect(addresses);
    this.#lifecycle.own(link, closingLineOfSender);
    await greetReceiver(link, transfer.authCookie);
    return link;
  }

  async #receive(address: string): Promise<Link> {
    const { clock, rules } = this.#context;
    const authCookie = newAuthCookie();
    const greet = (link: Link): Promise<void> => greetReceiver(link, authCookie);
    const listener = await listenForPeer({ ...rules, clock, greet, signal: this.#lifecycle.signal });
    const transfer = { address, port: listener.port, authCookie, senderConnect: false };
    this.#lifecycle.say({ type: "accept", cookie: this.cookie, transfer });
    const link = await listener.peer;
    this.#lifecycle.own(link, closingLineOfSender);
    return link;
  }

  #open(): Readable {
    const { content: given } = this.#source;
    if (typeof given !== "function") return given;
    try {
      const content = given();
      this.#lookAfter(content);
      return content;
    } catch (error) {
      throw failed("content", error);
    }
  }

  // An error that nobody listens to would end the program.
  #lookAfter(content: Readable): void {
    content.on("error", (error) => this.#lifecycle.end(failure("content", error)));
    this.#lifecycle.onEnd(() => content.destroy());
  }
}
