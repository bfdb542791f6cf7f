import { plainName } from "../../convert/to-matrix.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Conversation, MsnClient } from "../../msn/index.ts";
import type { PortalKind, PortalRow } from "../../store/portals.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { Target } from "../session/target.ts";
import { declinedChat } from "../words/delivery.ts";
import { declinedGroup, listNames } from "../words/groups.ts";
import type { MetGroups } from "./met-groups.ts";

/** Who is on the other side of a portal: one contact, or the people of a group. */
export interface Members extends Target {
  readonly kind: PortalKind;
  /** The one contact of a chat of two. */
  readonly contact: string | undefined;
  /** Makes the room, looks after it, and says what the bridge has to say in it. */
  readonly mainIntent: UserIntent;
  /** What sentences call one of them, or all of them. */
  name(account?: string): string;
  /** What each of them is called. */
  names(): readonly string[];
  /** Acts as one of them, or as the main user if none is named. */
  intentOf(account: string | undefined): UserIntent;
  /** Whose ghosts belong in the room now, beside the main user. */
  current(): readonly string[];
  /** Whose ghosts may be in the room, beside the main user. */
  all(): readonly string[];
  /** Whether one of them is there at this moment. */
  isPresent(account: string): boolean;
  /** Leaves the conversation; it goes on when one of them, or the owner, says something. */
  leave(): void;
  /** Tells the owner that there is something to read in a room that they have declined. */
  declined(): string;
}

/** Who is on the other side of a portal. */
export function membersOf(scope: LoginScope, row: PortalRow, groups: MetGroups): Members {
  return row.kind === "direct" ? new DirectMembers(scope, row.remote) : new GroupMembers(scope, row, groups);
}

/** The user who makes the room of a portal, and looks after it. */
export function mainIntentOf(
  { ghosts, bot, row: { server } }: Pick<LoginScope, "ghosts" | "bot" | "row">,
  { kind, remote }: Pick<PortalRow, "kind" | "remote">,
): UserIntent {
  return kind === "direct" ? ghosts.intent(server, remote) : bot;
}

/** The one contact of a direct portal. */
class DirectMembers implements Members {
  readonly kind = "direct";
  readonly mainIntent: UserIntent;
  readonly contact: string;
  readonly #scope: LoginScope;

  constructor(scope: LoginScope, contact: string) {
    this.#scope = scope;
    this.contact = contact;
    this.mainIntent = mainIntentOf(scope, { kind: this.kind, remote: contact });
  }

  conversationOn(client: MsnClient): Conversation {
    return client.conversation(this.contact);
  }

  name(): string {
    return this.#scope.names.nameOf(this.contact);
  }

  names(): string[] {
    return [this.name()];
  }

  intentOf(): UserIntent {
    return this.mainIntent;
  }

  current(): string[] {
    return [];
  }

  all(): string[] {
    return [];
  }

  isPresent(): boolean {
    return true;
  }

  leave(): void {
    // A chat of two has no conversation that goes on without the owner.
  }

  declined(): string {
    return declinedChat(this.name());
  }
}

/**
 * The people of a group. On MSN a group is nothing but who is on a switchboard; it is found again by the largest set of
 * people that it has had (docs/msnp.md 4.3).
 */
export class GroupMembers implements Members {
  readonly kind = "group";
  readonly contact = undefined;
  readonly mainIntent: UserIntent;
  readonly #scope: LoginScope;
  readonly #row: PortalRow;
  readonly #groups: MetGroups;
  /** The conversation in which it was last met. */
  #id: string | undefined;

  constructor(scope: LoginScope, row: PortalRow, groups: MetGroups) {
    this.#scope = scope;
    this.#row = row;
    this.#groups = groups;
    this.#id = groups.lastOf(row.id);
    this.mainIntent = mainIntentOf(scope, row);
  }

  conversationOn(client: MsnClient): Conversation {
    const live = this.#id === undefined ? undefined : client.group(this.#id);
    const conversation = live ?? client.groupOf(this.#people());
    this.meet(conversation.id);
    return conversation;
  }

  /** The conversation of this id is theirs from now on. */
  meet(id: string): void {
    if (this.#id === id) return;
    this.#id = id;
    this.#groups.met(id, this.#row);
  }

  name(account?: string): string {
    return account === undefined ? "everybody in this chat" : this.#scope.names.nameOf(account);
  }

  names(): string[] {
    return this.#people().map((one) => plainName(this.#scope.names.nameOf(one)) || one);
  }

  intentOf(account: string | undefined): UserIntent {
    return account === undefined ? this.mainIntent : this.#scope.ghosts.intent(this.#scope.row.server, account);
  }

  current(): readonly string[] {
    const present = this.#present();
    return present.size > 0 ? [...present] : this.#people();
  }

  all(): readonly string[] {
    return [...new Set([...this.#people(), ...this.#present()])];
  }

  isPresent(account: string): boolean {
    return this.#present().has(account);
  }

  leave(): void {
    if (this.#id !== undefined) this.#scope.session.group(this.#id)?.leave();
  }

  declined(): string {
    const people = this.#people();
    return declinedGroup(listNames(people.map((one) => this.#scope.names.nameOf(one))), people);
  }

  #people(): string[] {
    return this.#scope.store.portalMembers.list(this.#row.id);
  }

  #present(): ReadonlySet<string> {
    return (this.#id === undefined ? undefined : this.#scope.session.group(this.#id)?.present) ?? new Set();
  }
}
