import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalMembers } from "../../store/portal-members.ts";
import type { PortalKind, PortalRow, Portals } from "../../store/portals.ts";
import { declinedGroup, listNames } from "../words/groups.ts";
import { declined } from "../words/delivery.ts";
import type { Session } from "../session/session.ts";
import type { Target } from "../session/target.ts";
import { plainName } from "../../convert/to-matrix.ts";

/** Who is on the other side of a portal: one contact, or the people of a group. */
export interface Company {
  readonly kind: PortalKind;
  /** Makes the room, looks after it, and says what the bridge has to say in it. */
  readonly keeper: UserIntent;
  /** Where what the owner says goes. */
  readonly target: Target;
  /** What sentences call somebody, or all of them. */
  name(account?: string): string;
  /** The room's name; undefined where clients find one themselves. */
  roomName(): string | undefined;
  /** Acts as one of them, or as the keeper if nobody is named. */
  speaker(account: string | undefined): UserIntent;
  /** Whose ghosts belong in the room now, beside the keeper. */
  members(): readonly string[];
  /** Whose ghosts may be in the room, beside the keeper. */
  everybody(): readonly string[];
  /** Whether somebody is there at this moment. */
  isPresent(account: string): boolean;
  /** Leaves the conversation; it goes on when one of them, or the owner, says something. */
  leave(): void;
  /** Tells the owner that there is something to read in a room that she has declined. */
  declined(): string;
}

export interface CompanyOptions {
  readonly row: PortalRow;
  readonly session: Session;
  readonly portals: Portals;
  readonly portalMembers: PortalMembers;
  readonly nameOf: (contact: string) => string;
  readonly ghost: (contact: string) => UserIntent;
  readonly bot: UserIntent;
  /** A conversation of this id belongs to the portal. */
  readonly onMeet: (id: string) => void;
}

/** The one contact of a direct portal. */
export function directCompany({ row, nameOf, ghost }: CompanyOptions): Company {
  const contact = row.remote;
  const keeper = ghost(contact);
  const name = (): string => nameOf(contact);
  return {
    kind: "direct",
    keeper,
    target: contact,
    name,
    roomName: () => undefined,
    speaker: () => keeper,
    members: () => [],
    everybody: () => [],
    isPresent: () => true,
    leave: () => undefined,
    declined: () => declined(name()),
  };
}

/**
 * The people of a group. On MSN a group is nothing but who is on a switchboard; it is found again by the largest set of
 * people that it has had (docs/msnp.md 4.3).
 */
export class GroupCompany implements Company {
  readonly kind = "group";
  readonly keeper: UserIntent;
  readonly #options: CompanyOptions;
  /** The conversation in which it was last met. */
  #id: string | undefined;

  constructor(options: CompanyOptions) {
    this.#options = options;
    this.keeper = options.bot;
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

  speaker(account: string | undefined): UserIntent {
    return account === undefined ? this.keeper : this.#options.ghost(account);
  }

  members(): readonly string[] {
    const present = this.#present();
    return present.size > 0 ? [...present] : this.#people();
  }

  everybody(): readonly string[] {
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
