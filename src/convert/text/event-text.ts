import { z } from "zod";
import type { TextStyle } from "../../msn/index.ts";
import { excerpt } from "./clean.ts";
import { extensibleText, isAutomated } from "./extensible.ts";
import { locationText } from "./location.ts";
import { readText, typedText, type StyledText } from "./matrix-text.ts";
import { pollText } from "./poll.ts";
import type { IsReply } from "./quote.ts";

/** What an event says, as far as MSN can carry it. */
export type EventText =
  | {
      readonly type: "words";
      readonly text: string;
      readonly style?: TextStyle;
      readonly kind: "text" | "emote" | "notice";
    }
  | SaidFile
  /** Several files. */
  | { readonly type: "gallery"; readonly files: readonly SaidFile[]; readonly caption?: StyledText }
  /** A user wants to verify the devices of another. */
  | { readonly type: "verification" }
  /** A message of a kind that cannot be carried. */
  | { readonly type: "other" }
  /** It is no message. */
  | { readonly type: "nothing" };

/** It is a file. */
export interface SaidFile {
  readonly type: "file";
  /** Where the file is; undefined where it is encrypted or the event does not say. */
  readonly mxc: string | undefined;
  readonly isEncrypted: boolean;
  /** As its sender calls it: not safe as a file name. */
  readonly name: string;
  /** The MIME type, as its sender says. */
  readonly mimetype?: string;
  /** What is said with it. */
  readonly caption?: StyledText;
}

// Events of their own that are messages in other forms: with the prefixes under which they are proposed, too (MSC1767
// and those that build on it).
const KIND =
  /^(?:m|org\.matrix\.msc\d+)\.(message|text|emote|notice|image|file|video|audio|voice|location|sticker|poll\.start)(?:\.v\d+)?$/u;
const FILES: ReadonlySet<unknown> = new Set(["image", "file", "video", "audio", "voice"]);

const MAX_STICKER = 80;

/** Reads the content of an event; `isReply` says whether old clients may have put what it answers before it. */
export function readSaid(type: string, content: Record<string, unknown>, isReply: IsReply): EventText {
  if (type === "m.room.message") return message(content, isReply);
  const kind = KIND.exec(type)?.[1];
  switch (kind) {
    case "sticker":
      return sticker(content);
    case "location":
      return words(locationText(content) ?? readText(content, isReply)?.text);
    case "poll.start":
      return words(pollText(content) ?? readText(content, isReply)?.text);
    case "message":
    case "text":
    case "emote":
    case "notice":
      return textMessage(kind, content, isReply);
    default:
      if (kind !== undefined && FILES.has(kind)) return file(content, isReply);
      // What is not known is shown by the text that it brings along for that (MSC1767, "Unknown event types").
      return extensibleText(content) === undefined ? { type: "nothing" } : textMessage(kind, content, isReply);
  }
}

/** Whether an event is a message, in any of the forms that are known. */
export function isMessageIn(type: string, content: Record<string, unknown>): boolean {
  if (Object.keys(content).length === 0) return false;
  return type === "m.room.message" || KIND.test(type) || extensibleText(content) !== undefined;
}

/** What a user says to a program: as it was typed; undefined for what is no text, and for what programs say. */
export function spokenText(type: string, content: Record<string, unknown>, isReply: IsReply): string | undefined {
  if (type !== "m.room.message" && !/^(?:message|text|emote)$/u.test(KIND.exec(type)?.[1] ?? "")) return undefined;
  const msgtype = content["msgtype"];
  if (typeof msgtype === "string" && NO_SPEECH.test(msgtype)) return undefined;
  const said = readSaid(type, content, isReply);
  return said.type === "words" && said.kind !== "notice" ? typedText(content, isReply) : undefined;
}

/** Whether a user says something with an event, to those who read it. What programs write does not count. */
export function isSpoken(type: string, content: Record<string, unknown>): boolean {
  const said = readSaid(type, content, false);
  if (said.type === "words") return said.kind !== "notice";
  return said.type === "file" || said.type === "gallery" || said.type === "other" || type === "m.room.encrypted";
}

const NO_SPEECH = /^m\.(?:location|notice|key\.)/u;

// Galleries have the prefix of those who proposed them, too (MSC4274).
const MSGTYPE = /^(?:m|dm\.filament(?=\.gallery$))\.(.+)$/u;

function message(content: Record<string, unknown>, isReply: IsReply): EventText {
  const msgtype = content["msgtype"];
  const kind = typeof msgtype === "string" ? MSGTYPE.exec(msgtype)?.[1] : undefined;
  switch (kind) {
    case "text":
    case "emote":
    case "notice":
      return textMessage(kind, content, isReply);
    case "location":
      return words(locationText(content) ?? readText(content, isReply)?.text);
    case "gallery":
      return gallery(content, isReply);
    // Clients that cannot do it show its body, which asks the reader to use another client.
    case "key.verification.request":
      return { type: "verification" };
    default:
      if (kind !== undefined && FILES.has(kind)) return file(content, isReply);
      // A kind that is not known, but holds a file, is one.
      if (isMxc(content["url"]) || isEncryptedFile(content["file"])) return file(content, isReply);
      return textMessage(kind, content, isReply);
  }
}

// Kinds that are not known are shown by their body (Matrix spec, Client-Server API, "m.room.message").
function textMessage(kind: string | undefined, content: Record<string, unknown>, isReply: IsReply): EventText {
  const read = readText(content, isReply);
  if (read === undefined) return { type: "other" };
  if (kind === "notice" || isAutomated(content)) return { type: "words", kind: "notice", ...read };
  if (kind === "text" || kind === "emote") return { type: "words", kind, ...read };
  return read.text.trim() === "" ? { type: "other" } : { type: "words", kind: "text", ...read };
}

function isMxc(url: unknown): boolean {
  return typeof url === "string" && url.startsWith("mxc://");
}

function isEncryptedFile(described: unknown): boolean {
  return z.object({ url: z.string() }).safeParse(described).success;
}

const record = z.record(z.string(), z.unknown());
const fileContent = z.object({
  url: z.string().optional().catch(undefined),
  file: z.unknown().optional(),
  body: z.string().catch(""),
  filename: z.string().optional().catch(undefined),
  info: z.object({ mimetype: z.string().optional().catch(undefined) }).catch({}),
});

const fileBlock = z.looseObject({
  url: z.string(),
  name: z.string().catch(""),
  mimetype: z.string().optional().catch(undefined),
  key: z.unknown().optional(),
});

// Events of their own describe their file, and what is said with it, in blocks (MSC3551).
function withoutBlocks(content: Record<string, unknown>): Record<string, unknown> {
  if (content["url"] !== undefined || isEncryptedFile(content["file"])) return content;
  const block = fileBlock.safeParse(content["m.file"] ?? content["org.matrix.msc1767.file"]).data;
  if (block === undefined) return content;
  const { url, name: filename, mimetype, key } = block;
  const caption = record.safeParse(content["m.caption"] ?? content["org.matrix.msc1767.caption"]).data;
  return {
    ...(key === undefined ? { url } : { file: block }),
    info: { mimetype },
    ...(caption === undefined ? { body: filename } : { ...caption, filename }),
  };
}

// Matrix spec, Client-Server API, "Media captions": where both are given and differ, the body is what is said with it.
function file(described: Record<string, unknown>, isReply: IsReply): SaidFile {
  const content = withoutBlocks(described);
  const { url: mxc, file: encrypted, body, filename, info } = fileContent.parse(content);
  const isCaptioned = filename !== undefined && filename !== body;
  const caption = isCaptioned ? readText(content, isReply) : undefined;
  return {
    type: "file",
    mxc,
    isEncrypted: encrypted !== undefined && encrypted !== null,
    name: filename ?? body,
    ...(info.mimetype !== undefined && { mimetype: info.mimetype }),
    ...(caption !== undefined && caption.text.trim() !== "" && { caption }),
  };
}

const galleryItems = z.array(record).min(1);

function gallery(content: Record<string, unknown>, isReply: IsReply): EventText {
  const items = galleryItems.safeParse(content["itemtypes"]).data;
  if (items === undefined) return textMessage(undefined, content, isReply);
  const caption = readText(content, isReply);
  const files = items.map((item) => file(item, false));
  return { type: "gallery", files, ...(caption !== undefined && caption.text.trim() !== "" && { caption }) };
}

// A picture whose body says what is to be seen (Matrix spec, "Sticker Messages").
function sticker(content: Record<string, unknown>): EventText {
  const name = excerpt(z.string().catch("").parse(content["body"]), MAX_STICKER);
  if (isMxc(content["url"]) || isEncryptedFile(content["file"]))
    return file({ ...content, body: name || "sticker", filename: undefined }, false);
  return words(name === "" ? "[sticker]" : `[sticker: ${name}]`);
}

function words(text: string | undefined): EventText {
  return text === undefined ? { type: "other" } : { type: "words", kind: "text", text };
}
