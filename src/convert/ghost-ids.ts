import { createHash } from "node:crypto";

// Matrix spec, Appendices, "User identifiers": these may stand in a localpart as they are, `=` starts an escape.
const NOT_PLAIN = /[^a-z0-9._/+-]/gu;
// The same page: the longest a user id may be, in bytes.
const MAX_USER_ID = 255;
// An escape is two hexadecimal digits, so no escaped address can hold this.
const HASH_MARK = "=h-";

/** Finds and makes the Matrix ids of ghosts: `@msn_<server>_<escaped address>:<domain>`. They can never be changed. */
export class GhostIds {
  readonly #domain: string;

  constructor(domain: string) {
    this.#domain = domain;
  }

  /**
   * The ghost of an account on one network.
   * @param server the id of the network in the configuration, of a-z and 0-9
   */
  userId(server: string, passport: string): string {
    const key = passport.toLowerCase();
    const whole = this.#of(`msn_${server}_${escape(key)}`);
    if (Buffer.byteLength(whole) <= MAX_USER_ID) return whole;
    const tail = `${HASH_MARK}${createHash("sha256").update(key).digest("hex").slice(0, 32)}`;
    const room = MAX_USER_ID - Buffer.byteLength(this.#of(`msn_${server}_${tail}`));
    return this.#of(`msn_${server}_${escape(key).slice(0, Math.max(0, room))}${tail}`);
  }

  /** Whether a user id lies in the part of the homeserver's names that belongs to us. */
  isGhost(userId: string): boolean {
    return userId.startsWith("@msn_") && userId.endsWith(`:${this.#domain}`);
  }

  /** Network and account of a ghost; undefined for ids that are no ghost's, or whose account was too long for an id. */
  parse(userId: string): { server: string; passport: string } | undefined {
    if (!this.isGhost(userId)) return undefined;
    const localpart = userId.slice(1, -(this.#domain.length + 1));
    const [, server, escaped] = /^msn_([a-z0-9]+)_(.+)$/u.exec(localpart) ?? [];
    const passport = escaped === undefined ? undefined : unescape(escaped);
    if (server === undefined || passport === undefined) return undefined;
    // Only the one id that stands for an account is its ghost.
    return this.userId(server, passport) === userId ? { server, passport } : undefined;
  }

  #of(localpart: string): string {
    return `@${localpart}:${this.#domain}`;
  }
}

function escape(text: string): string {
  return text.replaceAll(NOT_PLAIN, (character) =>
    Buffer.from(character).reduce((all, byte) => `${all}=${hex(byte)}`, ""),
  );
}

function unescape(text: string): string | undefined {
  if (/=(?![0-9a-f]{2})/u.test(text)) return undefined;
  const latin = text.replaceAll(/=([0-9a-f]{2})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(latin, "latin1").toString("utf8");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
