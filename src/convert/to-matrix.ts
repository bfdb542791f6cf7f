import type { MatrixEvent } from "./matrix-event.ts";
import { z } from "zod";
import type { TextStyle } from "../msn/index.ts";
import { cleanText, cutToBytes, excerpt } from "./text/clean.ts";
import { toEmoji } from "./text/emoticons.ts";
import { linksAsHtml, withoutLinks } from "./text/links.ts";
import { isCode, styledHtml } from "./text/styled-html.ts";

const style: z.ZodType<TextStyle> = z.object({
  font: z.string().exactOptional(),
  bold: z.boolean(),
  italic: z.boolean(),
  underline: z.boolean(),
  strike: z.boolean(),
  color: z.string().exactOptional(),
  charset: z.number().exactOptional(),
  family: z.enum(["roman", "swiss", "modern", "script", "decorative"]).exactOptional(),
  pitch: z.enum(["fixed", "variable"]).exactOptional(),
  rightToLeft: z.boolean(),
});

/** Who says it, by account, where several can. */
const from = z.string().optional();

// A file that is on the homeserver: bytes, pixels.
const media = {
  mxc: z.string(),
  mimetype: z.string(),
  size: z.number(),
  w: z.number().optional(),
  h: z.number().optional(),
};

/** What waits in the journal to be shown in a portal: what a contact said or did, or what the bridge has to say there. */
export const portalMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string(), from, style: style.optional() }),
  z.object({ type: z.literal("emote"), text: z.string(), from }),
  z.object({ type: z.literal("nudge"), from }),
  z.object({
    type: z.literal("notice"),
    text: z.string(),
    replyTo: z.string().optional(),
    /** The notice of many things that it is, or an edit of. */
    gathered: z.int().optional(),
  }),
  z.object({
    type: z.literal("file"),
    from,
    name: z.string(),
    kind: z.enum(["image", "video", "audio", "file"]),
    ...media,
    thumbnail: z.object(media).optional(),
  }),
  z.object({ type: z.literal("join"), from: z.string(), name: z.string().optional() }),
  z.object({ type: z.literal("leave"), from: z.string() }),
]);
export type PortalMessage = z.output<typeof portalMessage>;

type Media = Omit<z.output<z.ZodObject<typeof media>>, "mxc">;

/** What becomes an event of the timeline; who comes and goes is shown by the membership of ghosts. */
export type ShownMessage = Exclude<PortalMessage, { type: "join" | "leave" }>;

export interface ToMatrixOptions {
  /** The Matrix user whose portal it is; a nudge is meant for them. */
  readonly owner: string;
  /** Whether MSN's codes for smileys become emoji. */
  readonly emoticons: boolean;
}

/** The key in the content of our events that says which journal row they are; see `keyOf`. */
const ROW_KEY = "matrix-appservice-msn.row";
const NUDGE_KEY = "matrix-appservice-msn.nudge";

// Without it homeservers look for names in the text (Matrix spec, Client-Server API, "User and room mentions"): a contact
// who happens to write one would ring the phone of its bearer.
const NOBODY = { "m.mentions": {} } as const;

// How an action is written by clients that have no other way.
const ACTION = /^\/me\s+(?=\S)/u;

// An event may have 65,536 bytes (Matrix spec, Client-Server API, "Size limits"), and the homeserver adds its own.
const MAX_BODY = 30_000;
const MAX_BOTH = 60_000;

/**
 * The content of the `m.room.message` for a message.
 * @param key identifies the journal row, so that the event can be recognised after a crash
 * @param options needed for what contacts say; what the bridge says does without
 */
export function toMatrix(message: ShownMessage, key: string, options?: ToMatrixOptions): Record<string, unknown> {
  return { ...NOBODY, ...contentOf(message, options), [ROW_KEY]: key };
}

function contentOf(message: ShownMessage, options?: ToMatrixOptions): Record<string, unknown> {
  switch (message.type) {
    case "text": {
      const { text, style: look } = message;
      return ACTION.test(text)
        ? said("m.emote", text.replace(ACTION, ""), options, look)
        : said("m.text", text, options, look);
    }
    case "emote":
      return said("m.emote", message.text, options);
    case "nudge": {
      const mentions = options && { "m.mentions": { user_ids: [options.owner] } };
      return { msgtype: "m.emote", body: "sent you a nudge", ...mentions, [NUDGE_KEY]: true };
    }
    case "file": {
      const { name, kind, mxc, thumbnail } = message;
      const small = thumbnail && { thumbnail_url: thumbnail.mxc, thumbnail_info: infoOf(thumbnail) };
      const info = { ...infoOf(message), ...small };
      return { msgtype: `m.${kind}`, body: name, filename: name, url: mxc, info };
    }
    case "notice": {
      const reply = message.replyTo && { "m.relates_to": { "m.in_reply_to": { event_id: message.replyTo } } };
      return {
        msgtype: "m.notice",
        ...withHtml(shownText(withoutLinks(message.text)), linksAsHtml(message.text)),
        ...reply,
      };
    }
  }
}

function infoOf({ mimetype, size, w, h }: Media): Record<string, unknown> {
  return { mimetype, size, ...(w !== undefined && { w }), ...(h !== undefined && { h }) };
}

function said(msgtype: string, text: string, options?: ToMatrixOptions, look?: TextStyle): Record<string, unknown> {
  const plain = shownText(text);
  const body = options?.emoticons && !isCode(plain, look) ? toEmoji(plain) : plain;
  return { msgtype, ...withHtml(body, look && styledHtml(body, look)) };
}

function withHtml(body: string, html: string | undefined): Record<string, unknown> {
  if (html === undefined || jsonBytes(html) + jsonBytes(body) > MAX_BOTH) return { body };
  return { body, format: "org.matrix.custom.html", formatted_body: html };
}

function shownText(text: string): string {
  return cutToBytes(cleanText(text), MAX_BODY);
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** What is said in place of an event of ours. Clients that know no edits show the text with a star. */
export function asEdit(content: Record<string, unknown>, eventId: string): Record<string, unknown> {
  // Matrix spec, "Event replacements".
  return {
    ...content,
    body: `* ${String(content["body"])}`,
    "m.new_content": content,
    "m.relates_to": { rel_type: "m.replace", event_id: eventId },
  };
}

/** The journal key in an event of ours, if it has one. */
export function keyOf({ content }: MatrixEvent): string | undefined {
  const key = content[ROW_KEY];
  return typeof key === "string" ? key : undefined;
}

/** Whether an event is something that the bridge itself has said. */
export function isNotice(event: MatrixEvent): boolean {
  return event.content["msgtype"] === "m.notice" && keyOf(event) !== undefined;
}

// Homeservers take names of 256 characters at most (Synapse), and a letter can be made of many.
const [MAX_NAME, MAX_NAME_UNITS] = [100, 200] as const;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * A name as Matrix may show it; empty if there is nothing to be seen of it. Names hold line breaks and colour codes of
 * old clients (docs/msnp.md 1.4).
 */
export function plainName(name: string): string {
  const line = excerpt(name, MAX_NAME);
  if (!VISIBLE.test(line)) return "";
  if (line.length <= MAX_NAME_UNITS) return line;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (kept.length + segment.length > MAX_NAME_UNITS) break;
    kept += segment;
  }
  return kept;
}
