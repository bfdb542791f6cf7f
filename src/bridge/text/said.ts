import { z } from "zod";
import type { TextStyle } from "../../msn/index.ts";
import { excerpt } from "./clean.ts";
import { locationText } from "./location.ts";
import { readText, type StyledText } from "./matrix-text.ts";
import { pollText } from "./poll.ts";

/** What an event says, as far as MSN can carry it. */
export type Said =
  | {
      readonly type: "words";
      readonly text: string;
      readonly style?: TextStyle;
      readonly kind: "text" | "emote" | "notice";
    }
  | SaidFile
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
  /** What is said with it. */
  readonly caption?: StyledText;
}

// Events of their own that are messages in other forms: with the prefixes under which they are proposed, too (MSC1767
// and those that build on it).
const KIND =
  /^(?:m|org\.matrix\.msc\d+)\.(message|text|emote|image|file|video|audio|voice|location|sticker|poll\.start)(?:\.v\d+)?$/u;
const FILES: ReadonlySet<unknown> = new Set(["image", "file", "video", "audio", "voice"]);

const MAX_STICKER = 80;

/** Reads the content of an event; `isReply` says whether old clients may have put what it answers before it. */
export function readSaid(type: string, content: Record<string, unknown>, isReply: boolean): Said {
  if (type === "m.room.message") return message(content, isReply);
  const kind = KIND.exec(type)?.[1];
  switch (kind) {
    case undefined:
      return { type: "nothing" };
    case "sticker":
      return sticker(content);
    case "location":
      return words(locationText(content));
    case "poll.start":
      return words(pollText(content));
    default:
      return FILES.has(kind) ? file(content, false) : { type: "other" };
  }
}

function message(content: Record<string, unknown>, isReply: boolean): Said {
  const kind = /^m\.(.+)$/u.exec(String(content["msgtype"]))?.[1];
  switch (kind) {
    case "text":
    case "emote":
    case "notice": {
      const read = readText(content, isReply);
      return read === undefined ? { type: "other" } : { type: "words", kind, ...read };
    }
    case "location":
      return words(locationText(content) ?? readText({ body: content["body"] }, isReply)?.text);
    default:
      return FILES.has(kind) ? file(content, isReply) : { type: "other" };
  }
}

const fileContent = z.object({
  url: z.string().optional().catch(undefined),
  file: z.unknown().optional(),
  body: z.string().catch(""),
  filename: z.string().optional().catch(undefined),
});

// Matrix spec, Client-Server API, "Media captions": where both are given and differ, the body is what is said with it.
function file(content: Record<string, unknown>, isReply: boolean): SaidFile {
  const { url: mxc, file: encrypted, body, filename } = fileContent.parse(content);
  const isCaptioned = filename !== undefined && filename !== body;
  const caption = isCaptioned ? readText(content, isReply) : undefined;
  return {
    type: "file",
    mxc,
    isEncrypted: encrypted !== undefined && encrypted !== null,
    name: filename ?? body,
    ...(caption !== undefined && caption.text.trim() !== "" && { caption }),
  };
}

function sticker(content: Record<string, unknown>): Said {
  const name = excerpt(z.string().catch("").parse(content["body"]), MAX_STICKER);
  return words(name === "" ? "[sticker]" : `[sticker: ${name}]`);
}

function words(text: string | undefined): Said {
  return text === undefined ? { type: "other" } : { type: "words", kind: "text", text };
}
