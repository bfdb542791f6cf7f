import type { UnsupportedKind } from "../base/unsupported-kind.ts";
import { parseInvitation } from "../wire/invitation.ts";
import { parseMime, transferDecoded, type MimeMessage } from "../wire/mime.ts";
import { decodeBytes, decodeForeign } from "../wire/text.ts";
import type { Content } from "./content.ts";
import { parseTextStyle } from "./text-style.ts";

/** Answers data that another client sends ours. @returns what a person wanted with them, if anything */
export interface DataReader {
  take(from: string, message: MimeMessage): UnsupportedKind | undefined;
}

/** A message as a reader gets it. */
export interface TypedMessage extends MimeMessage {
  /** In lower case and without parameters. */
  readonly contentType: string;
  readonly from: string;
  readonly data: DataReader | undefined;
}

/** Says what a message of its type says; nothing is an error. */
export type ContentReader = (message: TypedMessage) => Content;

export function readPlainText(message: TypedMessage): Content {
  const { headers } = message;
  const format = headers.get("x-mms-im-format");
  const alias = headers.get("p4-context");
  return {
    type: "text",
    text: textIn({ ...message, body: transferDecoded(message) }).replaceAll(/\r\n?/gu, "\n"),
    ...(format !== undefined && { style: parseTextStyle(format) }),
    ...(alias && { alias }),
  };
}

/** `TypingUser`, or `RecordingUser` while a voice clip is being made. */
export function readControl(message: TypedMessage): Content {
  return message.headers.has("typinguser") ? { type: "typing" } : ignore(message);
}

export function readClientCaps(message: TypedMessage): Content {
  return { type: "client-caps", fields: fieldsIn(message) };
}

export function readInvite(message: TypedMessage): Content {
  return { type: "invitation", invitation: parseInvitation(bodyIn(message)) };
}

/** Data of programs (docs/msnp.md 7.1): answered where that can be done. */
export function readData(message: TypedMessage): Content {
  const kind = message.data?.take(message.from, message);
  return kind === undefined ? ignore(message) : unsupported(kind)(message);
}

/** What is cast to all members of a board. */
export function readDatacast(message: TypedMessage): Content {
  const fields = fieldsIn(message);
  const id = fields.get("id") ?? "";
  const read = Object.hasOwn(DATACASTS, id) ? DATACASTS[id] : undefined;
  if (read !== undefined) return read(message, fields.get("data") ?? "");
  // A number that nobody knows is still something that a person has sent.
  return id === "" ? unknown(message) : unsupported("other")(message);
}

/** By `ID` (docs/msnp.md 4.6). */
export const DATACASTS: Readonly<Record<string, (message: TypedMessage, data: string) => Content>> = {
  "1": () => ({ type: "nudge" }),
  "2": unsupported("wink"),
  "3": unsupported("voice-clip"),
  // Without words nothing is done.
  "4": (message, data) => (data === "" ? ignore(message) : { type: "action", text: data }),
};

/** A person meant it as a message, and nothing here can read it. */
export function unsupported(kind: UnsupportedKind): ContentReader {
  return ({ contentType }) => ({ type: "unsupported", kind, contentType });
}

/** Programs talk with one another. */
export function ignore({ contentType }: TypedMessage): Content {
  return { type: "ignored", contentType };
}

/** Nobody knows what it is. */
export function unknown({ contentType }: TypedMessage): Content {
  return { type: "unknown", contentType };
}

// Where the content type names another character set than UTF-8 (docs/msnp.md 4.5).
function foreignText({ headers, body }: MimeMessage): string | undefined {
  const charset = /;\s*charset\s*=\s*["']?([^"';\s]+)/iu.exec(headers.get("content-type") ?? "")?.[1];
  return charset === undefined ? undefined : decodeForeign(body, charset);
}

function textIn(message: MimeMessage): string {
  return foreignText(message) ?? decodeBytes(message.body);
}

function bodyIn(message: MimeMessage): Buffer {
  const text = foreignText(message);
  return text === undefined ? message.body : Buffer.from(text);
}

// The body is made of header lines too.
function fieldsIn(message: MimeMessage): ReadonlyMap<string, string> {
  return parseMime(bodyIn(message)).headers;
}
