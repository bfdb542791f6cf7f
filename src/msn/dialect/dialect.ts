import type { Address } from "../base/address.ts";
import type { MsnError } from "../base/errors.ts";
import type { Ring, SwitchboardTicket } from "../base/switchboard-ticket.ts";
import type { Command } from "../wire/command.ts";
import type { ListName, Phone, RosterChange } from "./roster-change.ts";
import type { ServerRequest } from "./server-request.ts";
import type { Status } from "../base/status.ts";

/** How a server answers when an account introduces itself. */
export type Introduction =
  | { readonly type: "referral"; readonly address: Address }
  | { readonly type: "challenge"; readonly policy: string }
  /** The server asks for no ticket. The own display name, where the server sends it. */
  | { readonly type: "signed-in"; readonly name: string | undefined };

/** What a command of the notification server says. */
export type ServerSaying =
  | { readonly type: "roster"; readonly change: RosterChange }
  /** The answer to a ping. */
  | { readonly type: "pong" }
  | { readonly type: "challenge"; readonly challenge: string }
  | { readonly type: "ring"; readonly ring: Ring }
  /** A message on this connection: of the server itself, or one that it has kept. `name` as it is shown. */
  | { readonly type: "message"; readonly from: string; readonly name: string; readonly payload: Buffer }
  /** XML for programs, and now and then for people. */
  | { readonly type: "alert"; readonly payload: Buffer }
  /** The status that contacts see was set: by us, by another client of the account, or by an operator. */
  | { readonly type: "own-status"; readonly status: Status }
  /** The name that contacts see, where the server tells it in a command of its own. */
  | { readonly type: "own-name"; readonly name: string }
  /** The session goes on at another server. */
  | { readonly type: "moved"; readonly address: Address }
  | { readonly type: "ended"; readonly error: MsnError }
  /** What should have been one of these and makes no sense. */
  | { readonly type: "malformed"; readonly problem: string }
  /** Servers say more than a client needs (docs/msnp.md 1.2). */
  | { readonly type: "other" };

/** A contact, for a request about them: later dialects name those that have one by the server's id. */
export interface ContactKey {
  readonly account: string;
  readonly id?: string | undefined;
}

/** Who is known already: later dialects say of a contact only the server's id. */
export interface KnownContacts {
  accountOf(id: string): string | undefined;
}

/** A page of the mail service, the URL of the form that opens it, and the id to send with it. */
export interface MailPage {
  readonly page: string;
  readonly formUrl: string;
  readonly id: string;
}

/**
 * A version of the protocol: how everything is written that goes to the notification server, and how everything is read
 * that comes from it. Nothing else looks at a version, or knows the name of a command of that server.
 */
export interface Dialect {
  readonly name: string;
  /** The commands of a server that carry a payload; their last argument is its length. */
  readonly payloadCommands: ReadonlySet<string>;
  /** The commands of which the lists are made, so that their end can be found (docs/msnp.md 3.2). */
  readonly listCommands: ReadonlySet<string>;
  /** The id with which a contact is put into no group; undefined where there is none. */
  readonly noGroup: string | undefined;

  /** What a command says. */
  read(command: Command, known: KnownContacts): ServerSaying;

  // Signing in, in this order; between the two last ones the ticket is got.
  /** Agrees on this dialect. */
  offer(): ServerRequest;
  /** Says what client we are. */
  introduceClient(account: string): ServerRequest;
  introduceAccount(account: string): ServerRequest<Introduction>;
  /** @returns the own display name, where the server sends it */
  authenticate(ticket: string): ServerRequest<string | undefined>;
  /** Asks for the lists, which follow the answer without a mark of their end. */
  loadLists(): ServerRequest;
  /** Shows a status to the contacts; the answer is read by `read`, too. */
  showStatus(status: Status): ServerRequest;

  /** A ping; answered without a transaction. */
  ping(): Command;
  signOut(): Command;
  answerChallenge(challenge: string): ServerRequest;
  requestSwitchboard(): ServerRequest<SwitchboardTicket>;
  /** Asks where a page of the mail service is. */
  mailPage(page: readonly string[]): ServerRequest<MailPage>;

  // Lists, groups and settings. What the answers say of them is read by `read`, too.
  addToList(list: Exclude<ListName, "RL">, contact: ContactKey, group?: string): ServerRequest;
  /** @param group out of this group only */
  removeFromList(list: Exclude<ListName, "RL">, contact: ContactKey, group?: string): ServerRequest;
  /** @returns the id of the new group */
  addGroup(name: string): ServerRequest<string>;
  renameGroup(id: string, name: string): ServerRequest;
  removeGroup(id: string): ServerRequest;
  /** Sets the name that contacts see. */
  rename(account: string, name: string): ServerRequest;
  /** @throws MsnError `rejected` for a number that the server would not take */
  setPhone(phone: Phone, value: string): ServerRequest;
  setPrivacy(privacy: "AL" | "BL"): ServerRequest;
  setAsksOnAdd(asksOnAdd: boolean): ServerRequest;
}
