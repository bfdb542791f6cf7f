import { MsnError } from "./errors.ts";

/** The longest account or id of a group, in characters. */
export const MAX_KEY = 320;
/** What is kept of a name or a telephone number, in characters. */
export const MAX_NAME = 400;

/**
 * What is kept of a text of the server's choice. A copy, since a piece of a line keeps the whole line in memory.
 */
export function clampText(text: string): string {
  return Buffer.from(text.slice(0, MAX_NAME).toWellFormed()).toString();
}

/**
 * An account or the id of a group, which cannot be cut without becoming another one.
 * @throws MsnError `protocol` when it is too long
 */
export function keptKey(key: string): string {
  if (key.length > MAX_KEY)
    throw new MsnError("protocol", "the server named somebody or something at too great a length");
  return Buffer.from(key).toString();
}
