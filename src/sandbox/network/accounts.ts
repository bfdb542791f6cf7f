/** The bits of the four lists (docs/msnp.md 3.3). */
const LIST_BITS = { FL: 1, AL: 2, BL: 4, RL: 8 } as const;
export type SandboxList = keyof typeof LIST_BITS;

const STATUSES = ["NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN", "FLN"] as const;
export type SandboxStatus = (typeof STATUSES)[number];

const PHONE_TYPES = ["PHH", "PHW", "PHM", "MOB", "MBE"] as const;
export type PhoneType = (typeof PHONE_TYPES)[number];

/** One entry of an account's contact list. */
export interface ListEntry {
  /** The name stored when the entry was made; it may be stale. */
  name: string;
  /** A sum of the bits above. */
  lists: number;
  readonly groups: Set<number>;
}

export interface Account {
  readonly passport: string;
  password: string;
  /** This and all other names and numbers are as `TextForm` has them. */
  name: string;
  /** Of the contact list, where the servers count its changes. */
  listVersion: number;
  readonly contacts: Map<Account, ListEntry>;
  readonly groups: Map<number, string>;
  lastGroup: number;
  readonly phones: Map<PhoneType, string>;
  /** Undefined until it was set once: setting the default value for the first time is no error. */
  blp: "AL" | "BL" | undefined;
  gtc: "A" | "N" | undefined;
}

export function isStatus(word: string): word is SandboxStatus {
  return STATUSES.some((status) => status === word);
}

export function isPhoneType(word: string): word is PhoneType {
  return PHONE_TYPES.some((type) => type === word);
}

export function isListName(word: string): word is SandboxList {
  return Object.hasOwn(LIST_BITS, word);
}

/** Every account of the sandbox, in memory. */
export class Accounts {
  readonly #byPassport = new Map<string, Account>();

  /** @throws Error when there is such an account already, or the passport is no e-mail address */
  add(passport: string, password: string, name = passport): Account {
    if (!isEmailAddress(passport)) throw new Error(`"${passport}" is no e-mail address`);
    if (this.find(passport) !== undefined) throw new Error(`the sandbox has an account ${passport} already`);
    const account: Account = {
      passport,
      password,
      name: name === "" ? passport : name,
      listVersion: 1,
      contacts: new Map(),
      groups: new Map(),
      lastGroup: 0,
      phones: new Map(),
      blp: undefined,
      gtc: undefined,
    };
    this.#byPassport.set(passport.toLowerCase(), account);
    return account;
  }

  /** The account, whatever the spelling. */
  find(passport: string): Account | undefined {
    return this.#byPassport.get(passport.toLowerCase());
  }

  /** The account spelled exactly so, as a login needs it (docs/msnp.md 1.4). */
  findExact(passport: string): Account | undefined {
    const account = this.find(passport);
    return account?.passport === passport ? account : undefined;
  }

  /** @throws Error when there is no such account */
  get(passport: string): Account {
    const account = this.find(passport);
    if (account === undefined) throw new Error(`the sandbox has no account ${passport}`);
    return account;
  }
}

export function isEmailAddress(text: string): boolean {
  return /^[^@\s]+@[^@\s]+$/u.test(text);
}

export function isOnList(owner: Account, other: Account, list: SandboxList): boolean {
  return ((owner.contacts.get(other)?.lists ?? 0) & LIST_BITS[list]) !== 0;
}

export function listSize(owner: Account, list: SandboxList): number {
  return [...owner.contacts.keys()].filter((other) => isOnList(owner, other, list)).length;
}

/** Puts `other` on a list of `owner`; the entry is made when there is none. */
export function putOnList(owner: Account, other: Account, list: SandboxList): ListEntry {
  const contact = owner.contacts.get(other) ?? { name: other.name, lists: 0, groups: new Set() };
  contact.lists |= LIST_BITS[list];
  owner.contacts.set(other, contact);
  return contact;
}

/** Takes `other` off a list of `owner`; an entry on no list is gone. */
export function takeOffList(owner: Account, other: Account, list: SandboxList): void {
  const contact = owner.contacts.get(other);
  if (contact === undefined) return;
  contact.lists &= ~LIST_BITS[list];
  if (list === "FL") contact.groups.clear();
  if (contact.lists === 0) owner.contacts.delete(other);
}

/** Whether `owner` lets `other` see and call it. BL wins over AL (docs/msnp.md 3.3). */
export function allows(owner: Account, other: Account): boolean {
  if (isOnList(owner, other, "BL")) return false;
  return isOnList(owner, other, "AL") || owner.blp !== "BL";
}
