import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { StoreError } from "./errors.ts";
import type { SealedPlace } from "./places.ts";

const ALGORITHM = "aes-256-gcm";
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
// The first byte of everything sealed tells how that was done: without regard to its place, in databases of old; or for one.
const UNBOUND = 1;
const BOUND = 2;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
// So many nonces are drawn at once, since each drawing costs as much as sealing a short text.
const NONCES = 256;

/**
 * Makes text unreadable, and unchangeable, for all who have the database but not the key. It opens only in the place for
 * which it was sealed, so that nobody can have the bridge use it in another.
 */
export class Seal {
  readonly #key: KeyObject;
  #nonces = Buffer.alloc(0);

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new StoreError("bad-key", `A key has ${KEY_BYTES} bytes, not ${key.length}.`);
    // Made once: bytes would be made into one at every use, which costs more than sealing a message.
    this.#key = createSecretKey(key);
  }

  seal(text: string, place: SealedPlace): Buffer {
    const nonce = this.#nonce();
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bytesOf(place));
    const body = [cipher.update(text, "utf8"), cipher.final()];
    return Buffer.concat([Buffer.of(BOUND), nonce, cipher.getAuthTag(), ...body]);
  }

  #nonce(): Buffer {
    if (this.#nonces.length === 0) this.#nonces = randomBytes(NONCES * NONCE_BYTES);
    const nonce = this.#nonces.subarray(0, NONCE_BYTES);
    this.#nonces = this.#nonces.subarray(NONCE_BYTES);
    return nonce;
  }

  /** @throws StoreError `damaged` when `sealed` was changed, stood in another place, or was sealed with another key */
  open(sealed: Buffer, place: SealedPlace): string {
    return this.#open(sealed, BOUND, bytesOf(place));
  }

  /** Opens what an older version has sealed for no place. @throws StoreError `damaged` */
  openUnbound(sealed: Buffer): string {
    return this.#open(sealed, UNBOUND);
  }

  #open(sealed: Buffer, format: number, place?: Buffer): string {
    if (sealed.length < HEAD_BYTES || sealed[0] !== format) throw damaged();
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const cipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    if (place !== undefined) cipher.setAAD(place);
    cipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
    try {
      return Buffer.concat([cipher.update(sealed.subarray(HEAD_BYTES)), cipher.final()]).toString("utf8");
    } catch (error) {
      throw damaged(error);
    }
  }
}

/** What `open` gives, or undefined where it is damaged. */
export function openIfPossible(open: () => string): string | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof StoreError && error.code === "damaged") return undefined;
    throw error;
  }
}

function bytesOf(place: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify(place));
}

function damaged(cause?: unknown): StoreError {
  const message = "A sealed value in the database has been changed or moved, or was sealed with another key.";
  return new StoreError("damaged", message, { cause });
}
