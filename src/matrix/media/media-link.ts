import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { parseMxc } from "./mxc.ts";

/** What a link to a file gives. */
export interface MediaClaim {
  readonly mxc: string;
  /** What the file is called; it stands in the address itself. */
  readonly name: string;
  /** Until when, in milliseconds since the epoch. */
  readonly expires: number;
  /** What the link is known by to those who may end it before. Links of earlier versions have none. */
  readonly id?: string | undefined;
}

const KEY_PURPOSE = "matrix-appservice-msn: links to files";
// No token of ours comes near this, and we do not compute over more.
const MAX_TOKEN = 1000;
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** The key for signing links, made of a secret that may serve for other things too. */
export function linkKey(secret: string | Uint8Array): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", KEY_PURPOSE, 32));
}

/** What stands in a link: the claim, but for the name, and its signature. The time is rounded up to whole seconds. */
export function signClaim(key: Uint8Array, { mxc, name, expires, id }: MediaClaim): string {
  if (parseMxc(mxc) === undefined) throw new TypeError("not the address of a file on Matrix");
  const claim = [Math.ceil(expires / 1000), mxc, ...(id === undefined ? [] : [id])].join(" ");
  const payload = Buffer.from(claim).toString("base64url");
  return `${payload}.${signature(key, payload, name)}`;
}

/**
 * What was signed, whether it has expired or not. Undefined for whatever is not, letter by letter, a token of ours for
 * this name.
 */
export function readClaim(key: Uint8Array, token: string, name: string): MediaClaim | undefined {
  const [, payload, given] = token.length > MAX_TOKEN ? [] : (TOKEN.exec(token) ?? []);
  if (payload === undefined || given === undefined) return undefined;
  // The texts are compared, not what they decode to, because many texts decode to the same bytes.
  if (!timingSafeEqual(digest(given), digest(signature(key, payload, name)))) return undefined;
  const [, seconds, mxc, id] = /^(\d+) (\S+)(?: (\S+))?$/.exec(Buffer.from(payload, "base64url").toString()) ?? [];
  if (seconds === undefined || mxc === undefined) return undefined;
  return { mxc, name, expires: Number(seconds) * 1000, ...(id !== undefined && { id }) };
}

function signature(key: Uint8Array, payload: string, name: string): string {
  return createHmac("sha256", key).update(`${payload}.${name}`).digest("base64url");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
