import { DATACASTS, fateOf, isForPeople, type UnsupportedKind } from "../wire/content-types.ts";
import { splitText } from "../base/text-split.ts";
import { DEFAULT_STYLE, encodeTextStyle, parseTextStyle, type TextStyle } from "./text-style.ts";
import { encodeInvitation, parseInvitation, type Invitation, type OutgoingInvitation } from "../wire/invitation.ts";
import { encodeMime, parseMime, transferDecoded, type MimeMessage } from "../wire/mime.ts";
import { decodeBytes, decodeForeign } from "../wire/text.ts";

export interface TextContent {
  readonly type: "text";
  /** With `\n` between lines. */
  readonly text: string;
  readonly style?: TextStyle;
}

export type PlainContent =
  | { readonly type: "typing" }
  | { readonly type: "nudge" }
  /** The sender does something: "waves". */
  | { readonly type: "action"; readonly text: string };

/** What a message on a switchboard says. */
export type Content =
  /** `alias` is the name under which the sender wants this one text to be shown. */
  | (TextContent & { readonly alias?: string })
  | PlainContent
  /** What program the sender uses; fields by lower-case name. */
  | { readonly type: "client-caps"; readonly fields: ReadonlyMap<string, string> }
  | { readonly type: "invitation"; readonly invitation: Invitation }
  /** A person meant it as a message, and nothing here can read it. */
  | { readonly type: "unsupported"; readonly kind: UnsupportedKind; readonly contentType: string }
  /** Programs talk with one another: nobody has to be told. */
  | { readonly type: "ignored"; readonly contentType: string }
  /** Nobody knows what it is. */
  | { readonly type: "unknown"; readonly contentType: string };

/** What can be sent. */
export type OutgoingContent =
  TextContent | PlainContent | { readonly type: "invitation"; readonly invitation: OutgoingInvitation };

/** The most bytes a message may have with its headers; servers close the switchboard beyond it (docs/msnp.md 1.4). */
export const MAX_MESSAGE_BYTES = 1664;

// Other clients stop here, whatever room their headers leave.
const MAX_TEXT_BYTES = 1400;

// docs/msnp.md 4.6.
const NUDGE_ID = "1";
const ACTION_ID = "4";

const MAX_CONTENT_TYPE = 100;

/** What a payload says; nothing is an error, since messages of unknown types are legal. */
export function parseContent(payload: Buffer): Content {
  return contentOf(parseMime(payload));
}

/** What a message says; nothing is an error. */
export function contentOf({ headers, body }: MimeMessage): Content {
  const header = headers.get("content-type") ?? "";
  const contentType = contentTypeOf(headers);
  const fate = fateOf(contentType);
  switch (fate) {
    case "text":
      return textOf(headers, textIn(transferDecoded({ headers, body }), header));
    // `TypingUser`, or `RecordingUser` while a voice clip is being made.
    case "control":
      return headers.has("typinguser") ? { type: "typing" } : { type: "ignored", contentType };
    case "datacast":
      return datacastOf(fieldsIn(body, header));
    case "client-caps":
      return { type: "client-caps", fields: parseMime(fieldsIn(body, header)).headers };
    case "invitation":
      return { type: "invitation", invitation: parseInvitation(fieldsIn(body, header)) };
    // Where it can be answered, the switchboard has read it before.
    case "p2p":
    case "ignored":
      return { type: "ignored", contentType };
    case "unknown":
      return { type: "unknown", contentType };
    default:
      return { type: "unsupported", kind: fate, contentType };
  }
}

/** What is left of a message that never became complete, if it was for people; headers if its beginning is known. */
export function lostContent(headers: MimeMessage["headers"] | undefined): Content | undefined {
  const contentType = headers === undefined ? "text/plain" : contentTypeOf(headers);
  return isForPeople(contentType) ? { type: "unsupported", kind: "incomplete", contentType } : undefined;
}

/** The type of a message, in lower case and without parameters. */
export function contentTypeOf(headers: MimeMessage["headers"]): string {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase().slice(0, MAX_CONTENT_TYPE) || "text/plain";
}

/**
 * The payload for a content. What a text's style leaves open is filled with what clients of this age send.
 * @param account our own account, which a typing notification names
 */
export function encodeContent(content: OutgoingContent, account: string): Buffer {
  switch (content.type) {
    case "text": {
      const style = encodeTextStyle({ ...DEFAULT_STYLE, ...content.style });
      const lines = content.text.toWellFormed().replaceAll(/\r\n?|\n/gu, "\r\n");
      return encodePayload("text/plain; charset=UTF-8", lines, ["X-MMS-IM-Format", style]);
    }
    case "typing":
      return encodePayload("text/x-msmsgscontrol", "\r\n", ["TypingUser", account]);
    case "nudge":
      return encodePayload("text/x-msnmsgr-datacast", encodeMime([["ID", NUDGE_ID]], ""));
    case "action": {
      const fields = [["ID", ACTION_ID] as const, ["Data", content.text] as const];
      return encodePayload("text/x-msnmsgr-datacast", encodeMime(fields, ""));
    }
    case "invitation":
      return encodePayload("text/x-msmsgsinvite; charset=UTF-8", encodeInvitation(content.invitation));
  }
}

/** The contents, each small enough for one message, that carry a text of any length. Joined they give the text again. */
export function textContents(text: string, style?: TextStyle): OutgoingContent[] {
  const dress = (part: string): OutgoingContent => ({ type: "text", text: part, ...(style && { style }) });
  const room = MAX_MESSAGE_BYTES - encodeContent(dress(""), "").length;
  const normal = text.replaceAll(/\r\n?/gu, "\n");
  return splitText(normal, Math.min(room, MAX_TEXT_BYTES)).map(dress);
}

function textOf(headers: MimeMessage["headers"], text: string): Content {
  const format = headers.get("x-mms-im-format");
  const alias = headers.get("p4-context");
  return {
    type: "text",
    text: text.replaceAll(/\r\n?/gu, "\n"),
    ...(format !== undefined && { style: parseTextStyle(format) }),
    ...(alias && { alias }),
  };
}

function datacastOf(body: Buffer): Content {
  const contentType = "text/x-msnmsgr-datacast";
  const fields = parseMime(body).headers;
  const [id = "", text] = [fields.get("id"), fields.get("data")];
  const kind = Object.hasOwn(DATACASTS, id) ? DATACASTS[id] : undefined;
  switch (kind) {
    case "nudge":
      return { type: "nudge" };
    // Without words nothing is done.
    case "action":
      return text ? { type: "action", text } : { type: "ignored", contentType };
    // A number that nobody knows is still something that a person has sent.
    case undefined:
      return id === "" ? { type: "unknown", contentType } : { type: "unsupported", kind: "other", contentType };
    default:
      return { type: "unsupported", kind, contentType };
  }
}

// The body of a message whose content type names another character set than UTF-8 (docs/msnp.md 4.5).
function foreignText(body: Buffer, contentType: string): string | undefined {
  const charset = /;\s*charset\s*=\s*["']?([^"';\s]+)/iu.exec(contentType)?.[1];
  return charset === undefined ? undefined : decodeForeign(body, charset);
}

function textIn(body: Buffer, contentType: string): string {
  return foreignText(body, contentType) ?? decodeBytes(body);
}

// The body of a message that is made of fields.
function fieldsIn(body: Buffer, contentType: string): Buffer {
  const text = foreignText(body, contentType);
  return text === undefined ? body : Buffer.from(text);
}

// The order counts: some clients read headers by position (docs/msnp.md 4.4).
function encodePayload(
  type: string,
  body: string | Buffer,
  ...more: Array<readonly [name: string, value: string]>
): Buffer {
  return encodeMime([["MIME-Version", "1.0"], ["Content-Type", type], ...more], body);
}
