import type { MimeMessage } from "../wire/mime.ts";

const MAX_CONTENT_TYPE = 100;

/** The type of a message, in lower case and without parameters. */
export function contentTypeOf(headers: MimeMessage["headers"]): string {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase().slice(0, MAX_CONTENT_TYPE) || "text/plain";
}
