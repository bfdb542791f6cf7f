import type { EventEmitter } from "node:events";
import { callListeners, throwOutside } from "../util/listeners.ts";
import type { MsnError } from "./base/errors.ts";
import type { Ring } from "./base/switchboard-ticket.ts";
import type { ChatListener, Conversations } from "./chat/conversations.ts";
import type { MsnEvent, MsnListener } from "./events.ts";
import type { ServerListener } from "./session/session-scope.ts";
import type { Transfers } from "./transfer/transfers.ts";

/**
 * Where all that the parts of a client hear comes together. What is said about files belongs to the transfers, calls to
 * the conversations; everything else is reported, in the order in which it came.
 */
export class ClientEvents implements ServerListener, ChatListener {
  readonly #client: EventEmitter<{ event: [MsnEvent] }>;
  readonly #listener: MsnListener | undefined;
  #conversations: Conversations | undefined;
  #transfers: Transfers | undefined;

  constructor(client: EventEmitter<{ event: [MsnEvent] }>, listener: MsnListener | undefined) {
    this.#client = client;
    this.#listener = listener;
  }

  /** Both need this first. Without `transfers` what contacts say about files is content like any other. */
  connect(conversations: Conversations, transfers: Transfers | undefined): void {
    this.#conversations = conversations;
    this.#transfers = transfers;
  }

  report(event: MsnEvent): void {
    if (event.type === "content" && this.#transfers?.take(event) === true) return;
    this.#tell(event);
    callListeners(this.#client.rawListeners("event"), this.#client, event);
    if (event.type === "presence" && event.status === "FLN") this.#transfers?.wentOffline(event.account);
  }

  onRing(ring: Ring): void {
    this.#conversations?.ring(ring);
  }

  onContactLeft(contact: string, quietly: boolean): void {
    this.#transfers?.left(contact, quietly);
  }

  isTransferring(contact: string): boolean {
    return this.#transfers?.isUnderWay(contact) ?? false;
  }

  onSessionEnd(error: MsnError): void {
    // Boards would go on working, but another client is this account now (docs/msnp.md 3.8).
    if (error.code === "signed-in-elsewhere") void this.#conversations?.leaveAll();
    this.report({ type: "closed", error });
  }

  #tell(event: MsnEvent): void {
    try {
      this.#listener?.onEvent(event);
    } catch (error) {
      throwOutside(error);
    }
  }
}
