import { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import { callListeners } from "../../util/listeners.ts";
import { onAbort } from "../../util/on-abort.ts";
import { MsnError } from "../base/errors.ts";
import { addressesOf, refusedBy } from "./address-rules.ts";
import type { TransferContext, TransferSubject } from "./transfer-context.ts";
import { portsForReceiving } from "./transfer-limits.ts";
import { TransferLifecycle } from "./transfer-lifecycle.ts";
import { newAuthCookie, listenForPeer } from "./peer-listener.ts";
import type { CancelCode, FileInvite, Invitation, TransferAddress } from "../wire/invitation.ts";
import type { Link } from "./link.ts";
import { greetSender, closingLineOfReceiver, receiveContent } from "./msnftp-receiver.ts";
import { failed, failure, outcomeOf, type FileProblem, type TransferOutcome } from "./outcome.ts";

export interface FileReceiveEvents {
  /** So many of its bytes have come. */
  progress: [bytes: number];
}

/** A file that a contact offers us: accepted or declined, on its way, over. */
export class FileReceive extends EventEmitter<FileReceiveEvents> implements TransferSubject {
  /** The account of the contact, in lower case. */
  readonly contact: string;
  /** Identifies the transfer between the contact and us. */
  readonly cookie: string;
  /** What the contact calls it: without a path, and safe to use in a folder of ours. */
  readonly name: string;
  /** What the contact says it has, in bytes. Another number of bytes is an error. */
  readonly size: number;
  readonly #context: TransferContext;
  readonly #lifecycle: TransferLifecycle;
  readonly #canListen: boolean;
  #content: Writable | undefined;
  /** Whether the contact has said where they listen, which counts once. */
  #isAddressHeard = false;
  /** Whether we listen, too. */
  #isListening = false;
  /** Aborted once the file comes over a connection; the others are of no use any more. */
  readonly #met = new AbortController();
  /** The connection over which it comes. */
  #link: Link | undefined;

  /** Comes with an event `file`. */
  constructor(context: TransferContext, contact: string, offer: FileInvite) {
    super();
    this.#context = context;
    this.contact = contact;
    this.cookie = offer.cookie;
    this.name = offer.file;
    this.size = offer.size;
    this.#canListen = offer.connectivity !== false;
    this.#lifecycle = new TransferLifecycle(context, this);
    this.#lifecycle.within(context.rules.offerMs, "unanswered");
  }

  /** How it ended. Never rejects. */
  get done(): Promise<TransferOutcome> {
    return this.#lifecycle.outcome;
  }

  /** How many of its bytes have come. */
  get bytes(): number {
    return this.#lifecycle.bytes;
  }

  /**
   * Takes the file. `content` is ended when all of it has come, and destroyed with an MsnError when the transfer ends in
   * any other way. Nobody else has the memory of what is written to it.
   */
  accept(content: Writable): void {
    // An error that nobody listens to would end the program.
    content.on("error", (error) => this.#lifecycle.end(failure("content", error)));
    if (this.#content !== undefined) {
      content.destroy(new MsnError("rejected", "the file was accepted already"));
      return;
    }
    this.#content = content;
    content.on("close", () => {
      if (!content.writableFinished) this.#lifecycle.end(failure("content"));
    });
    this.#lifecycle.onEnd((outcome) => {
      if (outcome.state !== "done") content.destroy(errorOf(outcome));
    });
    this.#lifecycle.run(() => this.#accept());
  }

  /** Refuses the file. */
  decline(code: CancelCode = "REJECT"): void {
    this.#lifecycle.end({ state: this.#content === undefined ? "declined" : "cancelled", by: "us", code });
  }

  /** Gives it up after it was accepted; the contact is told. */
  cancel(code: CancelCode = "OUTBANDCANCEL"): void {
    this.#lifecycle.end({ state: "cancelled", by: "us", code });
  }

  /** The contact has said something about it. */
  hear(invitation: Invitation): void {
    switch (invitation.type) {
      case "accept":
        if (invitation.transfer !== undefined) this.#hearAddress(invitation.transfer);
        return;
      case "cancel":
        this.#lifecycle.end({ state: "cancelled", by: "them", code: invitation.code });
        return;
      case "malformed":
        // They may still connect to us.
        if (this.#isListening && invitation.reason === "address") return this.#lifecycle.blame("address-refused");
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
    if (how === "signed-out" || this.#content !== undefined) this.#lifecycle.contactGone(how);
  }

  async #accept(): Promise<void> {
    const { rules } = this.#context;
    if (this.size > rules.maxSize) throw failed("too-large");
    this.#lifecycle.takePlace(this.contact);
    this.#lifecycle.within(rules.connectMs, "unconnected");
    // Whom nobody can connect to has to connect to us, where that can be done (docs/msnp.md 5.1).
    if (!this.#canListen && rules.publicAddress !== undefined) return this.#listen(rules.publicAddress);
    this.#lifecycle.say({ type: "accept", cookie: this.cookie });
  }

  // Only once, and only after our own yes. Some say where they listen although nobody was to connect to them.
  #hearAddress(transfer: TransferAddress): void {
    const content = this.#content;
    if (content === undefined || this.#isAddressHeard) return;
    this.#isAddressHeard = true;
    this.#lifecycle.run(async () => {
      const problem = await this.#visit(transfer, content);
      if (problem !== undefined) this.#lifecycle.blame(problem);
    });
  }

  /** @returns what went wrong, when the contact may still connect to us; otherwise that is thrown */
  async #visit(transfer: TransferAddress, content: Writable): Promise<FileProblem | undefined> {
    let link: Link | undefined;
    try {
      const addresses = addressesOf(transfer, this.#context.rules);
      if (addresses.length === 0) throw failed("address-refused", refusedBy(transfer, this.#context.rules));
      link = await this.#lifecycle.connect(addresses, this.#met.signal);
      this.#lifecycle.own(link, closingLineOfReceiver);
      onAbort(this.#met.signal, () => link !== this.#link && link?.destroy());
      await this.#greet(link, transfer.authCookie);
    } catch (error) {
      if (!this.#isListening) throw error;
      link?.destroy();
      const outcome = outcomeOf(error);
      return outcome.state === "failed" ? outcome.problem : undefined;
    }
    await this.#receive(link, content);
    return undefined;
  }

  async #listen(address: string): Promise<void> {
    const content = this.#content;
    if (content === undefined) return;
    this.#isListening = true;
    const { clock, rules } = this.#context;
    const authCookie = newAuthCookie();
    const greet = (link: Link): Promise<void> => this.#greet(link, authCookie);
    const signal = AbortSignal.any([this.#lifecycle.signal, this.#met.signal]);
    const listener = await listenForPeer({ ...rules, ports: portsForReceiving(rules.ports), clock, greet, signal });
    const transfer = { address, port: listener.port, authCookie, senderConnect: true };
    this.#lifecycle.say({ type: "accept", cookie: this.cookie, transfer });
    const link = await listener.peer;
    this.#lifecycle.own(link, closingLineOfReceiver);
    await this.#receive(link, content);
  }

  async #greet(link: Link, authCookie: string): Promise<void> {
    await greetSender(link, this.#context.account, authCookie, this.size);
  }

  /** Over the first connection on which the sender was met. */
  async #receive(link: Link, content: Writable): Promise<void> {
    if (this.#met.signal.aborted) return link.destroy();
    this.#link = link;
    this.#met.abort();
    this.#lifecycle.start();
    await receiveContent(link, this.size, content, this.#lifecycle);
    this.#lifecycle.end({ state: "done" });
  }
}

/**
 * Takes a file that a contact offers. `content` is ended when all of it has come, and destroyed in any other case; until
 * then `offer.cancel` ends it, and `offer` reports progress.
 * @returns how it ended; never rejects
 */
export async function receiveFile(offer: FileReceive, content: Writable): Promise<TransferOutcome> {
  offer.accept(content);
  return offer.done;
}

function errorOf(outcome: TransferOutcome): MsnError {
  return outcome.state === "failed"
    ? outcome.error
    : new MsnError("rejected", "the transfer of the file was cancelled");
}
