import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalMemberTable } from "../../store/portal-members.ts";
import type { PortalKind, PortalRow, PortalTable } from "../../store/portals.ts";
import { declinedGroup, listNames } from "../words/groups.ts";
import { declinedChat } from "../words/delivery.ts";
import type { Session } from "../session/session.ts";
import type { Target } from "../session/target.ts";
import { plainName } from "../../convert/to-matrix.ts";

/** Who is on the other side of a portal: one contact, or the people of a group. */
export interface Members {
  readonly kind: PortalKind;
  /** Makes the room, looks after it, and says what the bridge has to say in it. */
  readonly mainIntent: UserIntent;
  /** Where what the owner says goes. */
  readonly target: Target;
  /** What sentences call somebody, or all of them. */
  name(account?: string): string;
  /** The room's name; undefined where clients find one themselves. */
  roomName(): string | undefined;
  /** Acts as one of them, or as the keeper if nobody is named. */
  intentOf(account: string | undefined): UserIntent;
  /** Whose ghosts belong in the room now, beside the keeper. */
  current(): readonly string[];
  /** Whose ghosts may be in the room, beside the keeper. */
  all(): readonly string[];
  /** Whether somebody is there at this moment. */
  isPresent(account: string): boolean;
  /** Leaves the conversation; it goes on when one of them, or the owner, says something. */
  leave(): void;
  /** Tells the owner that there is something to read in a room that she has declined. */
  declined(): string;
}

export interface MembersOptions {
  readonly row: PortalRow;
  readonly session: Session;
  readonly portals: PortalTable;
  readonly portalMembers: PortalMemberTable;
  readonly nameOf: (contact: string) => string;
  readonly ghost: (contact: string) => UserIntent;
  readonly bot: UserIntent;
  /** A conversation of this id belongs to the portal. */
  readonly onMeet: (id: string) => void;
}

/** The one contact of a direct portal. */
export function directMembers({ row, nameOf, ghost }: MembersOptions): Members {
  const contact = row.remote;
  const mainIntent = ghost(contact);
  const name = (): string => nameOf(contact);
  return {
    kind: "direct",
    mainIntent,
    target: contact,
    name,
    roomName: () => undefined,
    intentOf: () => mainIntent,
    current: () => [],
    all: () => [],
    isPresent: () => true,
    leave: () => undefined,
    declined: () => declinedChat(name()),
  };
}

/**
 * The people of a group. On MSN a group is nothing but who is on a switchboard; it is found again by the largest set of
 * people that it has had (docs/msnp.md 4.3).
 */
export class GroupMembers implements Members {
  readonly kind = "group";
  readonly mainIntent: UserIntent;
  readonly #options: MembersOptions;
  /** The conversation in which it was last met. */
  #id: string | undefined;

  constructor(options: MembersOptions) {
    this.#options = options;
    this.mainIntent = options.bot;
  }

  readonly target: Target = (client) => {
    const live = this.#id === undefined ? undefined : client.group(this.#id);
    const conversation = live ?? client.groupOf(this.#people());
    this.meet(conversation.id);
    return conversation;
  };

  /** The conversation of this id is theirs from now on. */
  meet(id: string): void {
    if (this.#id === id) return;
    this.#id = id;
    this.#options.onMeet(id);
  }

  name(account?: string): string {
    return account === undefined ? "everybody in this chat" : this.#options.nameOf(account);
  }

  roomName(): string {
    const { portals, row, nameOf } = this.#options;
    return portals.get(row.id).title ?? listNames(this.#people().map((one) => plainName(nameOf(one)) || one));
  }

  intentOf(account: string | undefined): UserIntent {
    return account === undefined ? this.mainIntent : this.#options.ghost(account);
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
    if (this.#id !== undefined) this.#options.session.group(this.#id)?.leave();
  }

  declined(): string {
    const people = this.#people();
    return declinedGroup(listNames(people.map(this.#options.nameOf)), people);
  }

  #people(): string[] {
    const { portalMembers, row } = this.#options;
    return portalMembers.list(row.id);
  }

  #present(): ReadonlySet<string> {
    return (this.#id === undefined ? undefined : this.#options.session.group(this.#id)?.present) ?? new Set();
  }
}
