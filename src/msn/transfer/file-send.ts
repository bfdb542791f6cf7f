import { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { callListeners } from "../../util/listeners.ts";
import { addressesOf } from "./address-rules.ts";
import { TransferLifecycle, type TransferContext } from "./transfer-lifecycle.ts";
import { newAuthCookie, listenForPeer } from "./peer-listener.ts";
import { cleanFileName, type CancelCode, type Invitation, type TransferAddress } from "../wire/invitation.ts";
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
}

export interface FileSendEvents {
  /** The contact wants it. */
  accepted: [];
  /** So many of its bytes have gone out. */
  progress: [bytes: number];
}

/** A file that we send: offered, wanted, on its way, over. */
export class FileSend extends EventEmitter<FileSendEvents> {
  /** The account of the contact, in lower case. */
  readonly contact: string;
  /** Identifies the transfer between the contact and us. */
  readonly cookie: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly #surroundings: TransferContext;
  readonly #course: TransferLifecycle;
  readonly #content: FileSource["content"];
  #isAccepted = false;

  /** Made by `MsnClient.sendFile`. */
  constructor(surroundings: TransferContext, contact: string, cookie: string, file: FileSource) {
    super();
    this.#surroundings = surroundings;
    this.contact = contact;
    this.cookie = cookie;
    this.name = cleanFileName(file.name) || "file";
    this.size = file.size;
    this.#content = file.content;
    this.#course = new TransferLifecycle(surroundings, this, (bytes) =>
      callListeners(this.rawListeners("progress"), this, bytes),
    );
    if (typeof file.content !== "function") this.#lookAfter(file.content);
    this.#course.run(() => this.#offer());
  }

  /** How it ended. Never rejects. */
  get done(): Promise<TransferOutcome> {
    return this.#course.outcome;
  }

  /** How many of its bytes have gone out. */
  get bytes(): number {
    return this.#course.bytes;
  }

  /** Gives it up; the contact is told. */
  cancel(code: CancelCode = "OUTBANDCANCEL"): void {
    this.#course.end({ state: "cancelled", by: "us", code });
  }

  /** The contact has said something about it. */
  hear(invitation: Invitation): void {
    switch (invitation.type) {
      case "accept":
        // Some say it twice; what counts is the first.
        if (!this.#isAccepted) this.#course.run(() => this.#accepted(invitation.transfer));
        return;
      case "cancel":
        this.#course.end({
          state: this.#isAccepted ? "cancelled" : "declined",
          by: "them",
          code: invitation.code,
        });
        return;
      case "malformed":
        this.#course.end(failure(invitation.reason === "address" ? "address-refused" : "protocol"));
        return;
      case "file-invite":
      case "foreign":
    }
  }

  /** The contact has signed out, or left the switchboard. */
  contactGone(how: "signed-out" | "left"): void {
    if (how === "signed-out" || this.#isAccepted) this.#course.contactGone(how);
  }

  #offer(): void {
    const { rules } = this.#surroundings;
    if (this.size > rules.maxSize) throw failed("too-large");
    this.#course.takePlace();
    this.#course.within(rules.offerMs, "unanswered");
    this.#course.say({
      type: "file-invite",
      cookie: this.cookie,
      file: this.name,
      size: this.size,
      ...(rules.publicAddress === undefined && { connectivity: false }),
    });
  }

  async #accepted(transfer: TransferAddress | undefined): Promise<void> {
    const { rules } = this.#surroundings;
    this.#isAccepted = true;
    callListeners(this.rawListeners("accepted"), this);
    this.#course.within(rules.connectMs, "unconnected");
    const link = await this.#reach(transfer);
    this.#course.start();
    await sendContent(link, this.size, this.#open(), this.#course);
    this.#course.end({ state: "done" });
  }

  // The receiver may prefer to listen; where we cannot, she has to (docs/msnp.md 5.1).
  async #reach(transfer: TransferAddress | undefined): Promise<Link> {
    const { publicAddress } = this.#surroundings.rules;
    if (transfer !== undefined && (transfer.senderConnect || publicAddress === undefined)) return this.#visit(transfer);
    if (publicAddress === undefined) throw failed("no-address");
    return this.#receive(publicAddress);
  }

  async #visit(transfer: TransferAddress): Promise<Link> {
    const addresses = addressesOf(transfer, this.#surroundings.rules);
    if (addresses.length === 0) throw failed("address-refused");
    const link = await this.#course.connect(addresses);
    this.#course.own(link, closingLineOfSender);
    await greetReceiver(link, transfer.authCookie);
    return link;
  }

  async #receive(address: string): Promise<Link> {
    const { clock, rules } = this.#surroundings;
    const authCookie = newAuthCookie();
    const greet = (link: Link): Promise<void> => greetReceiver(link, authCookie);
    const door = await listenForPeer({ ...rules, clock, greet, signal: this.#course.signal });
    const transfer = { address, port: door.port, authCookie, senderConnect: false };
    this.#course.say({ type: "accept", cookie: this.cookie, transfer });
    const link = await door.visitor;
    this.#course.own(link, closingLineOfSender);
    return link;
  }

  #open(): Readable {
    if (typeof this.#content !== "function") return this.#content;
    try {
      const content = this.#content();
      this.#lookAfter(content);
      return content;
    } catch (error) {
      throw failed("content", error);
    }
  }

  // An error that nobody listens to would end the program.
  #lookAfter(content: Readable): void {
    content.on("error", (error) => this.#course.end(failure("content", error)));
    this.#course.onEnd(() => content.destroy());
  }
}
