import { createHash, timingSafeEqual } from "node:crypto";

export type BearerVerdict = "right" | "missing" | "wrong";

/**
 * Checks the Authorization header of a request from the homeserver. Digests are compared, so that neither the time nor
 * the length tells anything about the token.
 */
export function checkBearer(header: string | undefined, expected: string): BearerVerdict {
  const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  if (given === undefined) return "missing";
  return timingSafeEqual(digest(given), digest(expected)) ? "right" : "wrong";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
