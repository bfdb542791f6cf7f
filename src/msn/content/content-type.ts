import type { MimeMessage } from "../wire/mime.ts";

const MAX_CONTENT_TYPE = 100;

const TYPE = /^[^\s/]+\/[^\s/]/u;

/**
 * The type of a message, in lower case and without parameters. Where none is given, or what is given is none, it is text
 * (RFC 2045, 5.2), so that no words are lost.
 */
export function contentTypeOf(headers: MimeMessage["headers"]): string {
  const [given = ""] = (headers.get("content-type") ?? "").split(";");
  const type = given.trim().toLowerCase();
  return TYPE.test(type) ? type.slice(0, MAX_CONTENT_TYPE) : "text/plain";
}
