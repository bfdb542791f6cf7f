import { randomInt } from "node:crypto";
import type { EventSink } from "../base/event-sink.ts";
import { GatheredWarning } from "../base/gathered-warning.ts";
import type { MsnScope } from "../base/scope.ts";
import type { Dial } from "../net/dial.ts";
import { MsnError } from "../base/errors.ts";
import type { ChatEvent } from "../chat/events.ts";
import { accountKey } from "../base/account.ts";
import type { Acquaintances } from "../base/acquaintances.ts";
import { rulesOf, type FileOptions } from "./file-options.ts";
import { FileReceive } from "./file-receive.ts";
import { FileSend, type FileSource } from "./file-send.ts";
import { OfferLimits, Places } from "./transfer-limits.ts";
import type { TransferChannel, TransferContext } from "./transfer-context.ts";

/** What is reported of files. */
export type FileEvent =
  /** A contact offers us a file, in a conversation of two; only where `files` is among the client's options. */
  { readonly type: "file"; readonly account: string; readonly name: string; readonly offer: FileReceive };

/** What is known of contacts, and whether they are online. */
export interface ContactPresence extends Acquaintances {
  presenceOf(contact: string): "online" | "offline" | "unknown";
}

/** The conversations in which transfers are agreed. */
export interface TransferConversations extends TransferChannel {
  /** Whether a contact is on a switchboard with us. */
  isWith(contact: string): boolean;
}

const MAX_COOKIE = 2 ** 31;

type Transfer = FileSend | FileReceive;

/** The transfers of an account. */
export class Transfers {
  readonly #context: TransferContext;
  readonly #conversations: TransferConversations;
  readonly #presence: ContactPresence;
  readonly #events: EventSink<FileEvent>;
  readonly #refused: GatheredWarning;
  readonly #limits: OfferLimits;
  /** By contact and cookie, so that nobody can end what is another's. */
  readonly #live = new Map<string, Transfer>();

  constructor(
    scope: MsnScope & { readonly dial: Dial },
    files: FileOptions,
    conversations: TransferConversations,
    presence: ContactPresence,
    events: EventSink<FileEvent>,
  ) {
    const rules = rulesOf(files);
    this.#context = { ...scope, rules, channel: conversations, places: new Places(rules.maxTransfers, presence) };
    this.#limits = new OfferLimits(scope.clock, presence);
    this.#conversations = conversations;
    this.#presence = presence;
    this.#events = events;
    this.#refused = new GatheredWarning(scope, "the offer of a file was refused, because too many wait, or have come");
  }

  /**
   * Offers a file to a contact.
   * @throws MsnError `rejected` for a size that is none
   */
  offer(contact: string, file: FileSource): FileSend {
    if (!Number.isSafeInteger(file.size) || file.size < 0)
      throw new MsnError("rejected", "the size of a file is a whole number of bytes");
    const account = accountKey(contact);
    let cookie = newCookie();
    while (this.#live.has(keyOf(account, cookie))) cookie = newCookie();
    return this.#keep(new FileSend(this.#context, account, cookie, file));
  }

  /**
   * Takes what belongs to a transfer, and reports the offer of a new one. Files are not carried in groups, where all
   * would hear the answers.
   * @returns false for what has to do with no transfer, and for an offer that was refused because too many wait: the
   * application may want to tell the user that there was one
   */
  take(event: ChatEvent): boolean {
    if (event.type !== "content" || event.content.type !== "invitation") return false;
    const { account, name, group, content } = event;
    const { invitation } = content;
    const live = invitation.cookie === undefined ? undefined : this.#live.get(keyOf(account, invitation.cookie));
    if (live !== undefined && invitation.type !== "foreign") {
      live.hear(invitation);
      return true;
    }
    if (invitation.type !== "file-invite" || group !== undefined) return false;
    if (!this.#limits.take(account, this.#offered())) {
      this.#refuse(account, invitation.cookie);
      return false;
    }
    const offer = this.#keep(new FileReceive(this.#context, account, invitation));
    this.#events.report({ type: "file", account, name, offer });
    return true;
  }

  /** The server says that a contact is offline. Those who only appear so are still on the switchboard. */
  wentOffline(contact: string): void {
    if (!this.#conversations.isWith(contact)) this.#gone(contact, "signed-out");
  }

  /** A contact has left a switchboard; quietly when that was the server's doing. */
  left(contact: string, quietly: boolean): void {
    if (this.#conversations.isWith(contact)) return;
    const presence = this.#presence.presenceOf(contact);
    if (presence === "offline") this.#gone(contact, "signed-out");
    else if (presence === "unknown" && !quietly) this.#gone(contact, "left");
  }

  /** Whether a file is offered, or under way, between a contact and us. */
  isUnderWay(contact: string): boolean {
    return [...this.#live.values()].some((transfer) => transfer.contact === contact);
  }

  /** Gives up every transfer. */
  cancelAll(): void {
    for (const transfer of this.#live.values()) transfer.cancel();
  }

  #gone(contact: string, how: "signed-out" | "left"): void {
    for (const transfer of this.#live.values()) if (transfer.contact === contact) transfer.contactGone(how);
  }

  /** By whom something is offered to us. */
  #offered(): string[] {
    return [...this.#live.values()].flatMap((transfer) => (transfer instanceof FileReceive ? [transfer.contact] : []));
  }

  #refuse(contact: string, cookie: string): void {
    this.#refused.add();
    this.#conversations.mention(contact, { type: "cancel", cookie, code: "REJECT" });
  }

  #keep<T extends Transfer>(transfer: T): T {
    const key = keyOf(transfer.contact, transfer.cookie);
    this.#live.set(key, transfer);
    void transfer.done.then(() => this.#live.delete(key));
    return transfer;
  }
}

// Some clients read cookies as numbers.
function newCookie(): string {
  return String(randomInt(1, MAX_COOKIE));
}

function keyOf(contact: string, cookie: string): string {
  return `${contact} ${cookie}`;
}
