import { plainName } from "../../convert/to-matrix.ts";
import type { LoginRow } from "../../store/logins.ts";
import { LatestMap } from "../../util/latest-map.ts";
import type { Session } from "../session/session.ts";
import type { BridgeScope } from "./bridge-scope.ts";

// No network allows as many contacts.
const [MOST_CONTACTS, MOST_STRANGERS] = [10_000, 1000] as const;

/** What the contacts of a login, and others whom its owner sees on Matrix, are called. */
export class ContactNames {
  readonly #scope: BridgeScope;
  readonly #row: LoginRow;
  readonly #session: Pick<Session, "contacts">;
  /** What contacts call themselves, as seen in this run; lists hold older names. */
  readonly #seen = new LatestMap<string, string>(MOST_CONTACTS);
  /** The same of others, who are as many as they like and must not push contacts out. */
  readonly #strangers = new LatestMap<string, string>(MOST_STRANGERS);

  constructor(scope: BridgeScope, row: LoginRow, session: Pick<Session, "contacts">) {
    this.#scope = scope;
    this.#row = row;
    this.#session = session;
  }

  /** What people know a contact as. */
  nameOf(contact: string): string {
    return this.#scope.store.ghosts.find(this.#row.server, contact)?.name ?? this.guess(contact);
  }

  /** What a contact seems to be called where Matrix has not been told anything. */
  guess(contact: string): string {
    // It is part of what the bridge says, where a line of its own would look like the bridge's words.
    return plainName(this.#lastOf(contact) ?? "") || contact;
  }

  #lastOf(contact: string): string | undefined {
    const seen = this.#seen.get(contact) ?? this.#strangers.get(contact);
    return seen ?? this.#session.contacts.get(contact)?.name;
  }

  /** A contact goes by this name now. */
  rename(contact: string, name: string): void {
    const [into, other] = this.#session.contacts.has(contact)
      ? [this.#seen, this.#strangers]
      : [this.#strangers, this.#seen];
    other.delete(contact);
    into.set(contact, name);
    this.#scope.ghosts.rename(this.#row.server, contact, name);
  }

  /** Gives the ghost of a contact its name before people see it. @throws MatrixError */
  async introduce(contact: string): Promise<void> {
    await this.#scope.ghosts.introduce(this.#row.server, contact, this.guess(contact));
  }

  /** What people call a Matrix user. The owner is not known by a name of Matrix on MSN. */
  nameOfUser(userId: string): string {
    const { owner, passport } = this.#row;
    const localpart = userId === owner ? passport.replace(/@.*/u, "") : userId.replace(/^@|:.*/gu, "");
    return this.nameOfGhost(userId) ?? localpart;
  }

  /** The name of the contact for whom a Matrix user stands; undefined when it is no ghost. */
  nameOfGhost(userId: string): string | undefined {
    const { store, ghosts } = this.#scope;
    const ghost = store.ghosts.findByUserId(userId);
    // Matrix may not have been told of a contact yet.
    const account = ghost ?? ghosts.accountOf(userId);
    if (account === undefined) return undefined;
    return ghost?.name ?? (account.server === this.#row.server ? this.guess(account.passport) : account.passport);
  }
}
