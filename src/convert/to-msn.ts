import { parseMxc } from "../matrix/media/mxc.ts";
import { isDeepStrictEqual } from "node:util";
import { textContents, type OutgoingContent } from "../msn/index.ts";
import { safeFileName } from "../util/file-name.ts";
import { corrected, isDeleted } from "./event-edits.ts";
import type { EventOf, MatrixEvent } from "./matrix-event.ts";
import { excerpt } from "./text/clean.ts";
import { toCodes } from "./text/emoticons.ts";
import { quoteOf, type Quoted } from "./text/quote.ts";
import { bareKey } from "./text/relations.ts";
import { readSaid, spokenText, type EventText, type SaidFile } from "./text/event-text.ts";

/** A file on Matrix that is for MSN. */
export interface FileToSend {
  readonly mxc: string;
  /** Safe to use as a file name. */
  readonly name: string;
  /** As the event says. */
  readonly mimetype?: string;
  /** What is sent once this has been. */
  readonly next?: FileToSend;
}

/** What an event of a portal means for MSN. */
export type Crossing =
  | { readonly type: "send"; readonly contents: readonly OutgoingContent[] }
  /** A file, and what is said with it. */
  | { readonly type: "file"; readonly file: FileToSend; readonly contents: readonly OutgoingContent[] }
  /** It cannot cross; the sender is told why. */
  | { readonly type: "refuse"; readonly sentence: string; readonly once?: "encrypted" }
  /** Something that was not delivered is to be sent again. */
  | { readonly type: "retry"; readonly eventId: string }
  /** It corrects an event that has been sent. */
  | { readonly type: "edit"; readonly eventId: string; readonly contents: readonly OutgoingContent[] }
  /** It takes an event back. */
  | { readonly type: "redaction"; readonly eventId: string }
  /** There is nothing in it for the contact, and it is not expected to cross. */
  | { readonly type: "ignore" };

export interface ToMsnOptions {
  /** Whether emoji become MSN's codes for smileys. */
  readonly emoticons: boolean;
  /** How much of what an answer is about stands before it: nothing, the beginning, all. */
  readonly replies: "off" | "short" | "full";
  /** Whether reactions are told as text. */
  readonly reactions: "off" | "text";
  /** Whether what bots say crosses. */
  readonly notices: boolean;
  /**
   * The text of the event that `refersTo` names and the name by which its sender is shown, if they are known; or that it
   * is the bridge's own, of which the contact knows nothing.
   */
  readonly about?: Quoted | "ours" | undefined;
  /** The event that an edit is of, as the contact has it; undefined if that is not known. */
  readonly before?: MatrixEvent | undefined;
}

// Reactions that are for the bridge.
const RETRY_KEY = "🔁";
const NUDGE_KEY = "🔔";

const ONLY_TEXT = "This bridge carries only text and files, so your contact did not get this.";
const NO_FILE =
  "There is no file in this message, so your contact did not get it. Send the file again; if that fails too, your Matrix " +
  "app did not upload it.";
const WEB_FILE =
  "This message names a file on the web, and this bridge sends only files that are on your homeserver, so your contact did " +
  "not get it. Send the file itself, or its address as text.";
const ENCRYPTED_FILE =
  "This file is encrypted, and this bridge cannot read it, so your contact got neither the file nor what you wrote to it. " +
  "Send it from a client that does not encrypt files in this chat.";
const NO_CALLS =
  "This bridge cannot carry calls, so your contact does not know that you called. Write to them, or call another way.";
const NO_VERIFICATION = "Contacts on MSN cannot be verified: they have no keys on Matrix. Your contact was not told.";
const ENCRYPTED =
  "This bridge cannot read encrypted messages, so your contact gets none of those you write here. Leave this room and " +
  "ask the bot to start the chat again, without encryption.";

// The others are how newer clients ring.
const CALL = /^(?:m\.call\.invite|(?:m|org\.matrix\.msc4075)\.(?:rtc\.notification|call\.notify))$/u;

const IGNORE: Crossing = { type: "ignore" };

/** What an event that the owner of a portal sent into it means. */
export function toMsn(event: MatrixEvent, options: ToMsnOptions): Crossing {
  switch (event.kind) {
    case "redaction":
      return { type: "redaction", eventId: event.target };
    case "encrypted":
      return { type: "refuse", sentence: ENCRYPTED, once: "encrypted" };
    case "reaction":
      return reaction(event, options);
    case "edit":
      return edit(event, options);
    case "message": {
      const about = event.replyTo !== undefined && options.about !== "ours" ? options.about : undefined;
      return message(readSaid(event.type, event.content, about ?? event.isReply), options, about);
    }
    case "other":
      return CALL.test(event.type) && !isDeleted(event) ? { type: "refuse", sentence: NO_CALLS } : IGNORE;
    case "member":
    case "room-name":
    case "tombstone":
    case "state":
      return IGNORE;
  }
}

/** What an event says to the bot, as it was typed; an edit says what it puts in. */
export function commandText(event: MatrixEvent): string | undefined {
  if (event.kind === "edit") return spokenText(event.type, event.newContent, true);
  return event.kind === "message" ? spokenText(event.type, event.content, event.isReply) : undefined;
}

/** The event whose text `about` needs: what is answered or reacted to. */
export function refersTo(event: MatrixEvent): string | undefined {
  if (event.kind === "message") return event.replyTo;
  return event.kind === "reaction" && !isForUs(event.key) ? event.target : undefined;
}

/** What an event says, for use as `about`; undefined if it says nothing in words. */
export function textOf(event: MatrixEvent): string | undefined {
  if (event.kind !== "message" && event.kind !== "other") return undefined;
  const said = saidBy(event);
  if (said.type === "words") return said.text;
  const { body } = event.content;
  return typeof body === "string" ? body : undefined;
}

// MSN knows no reactions.
function reaction(
  { target, key, content }: EventOf<"reaction">,
  { reactions, emoticons, about }: ToMsnOptions,
): Crossing {
  const control = bareKey(key);
  if (control === RETRY_KEY) return { type: "retry", eventId: target };
  if (control === NUDGE_KEY) return { type: "send", contents: [{ type: "nudge" }] };
  const shown = shownKey(key, content);
  if (reactions === "off" || shown === "" || about === "ours") return IGNORE;
  const words = about && excerpt(about.text, MAX_REACTED);
  const text = words ? `/me reacted ${shown} to "${words}"` : `/me reacted ${shown}`;
  return { type: "send", contents: textContents(emoticons ? toCodes(text) : text) };
}

const MAX_KEY = 40;
const MAX_REACTED = 40;

function isForUs(key: string): boolean {
  return [RETRY_KEY, NUDGE_KEY].includes(bareKey(key));
}

// A reaction with a picture of one's own has its address for a key, and often a name (MSC4027).
function shownKey(key: string, content: EventOf<"reaction">["content"]): string {
  if (!key.startsWith("mxc://")) return excerpt(key, MAX_KEY);
  const name = content["shortcode"] ?? content["com.beeper.reaction.shortcode"];
  return typeof name === "string" ? excerpt(name, MAX_KEY) : "with a picture";
}

function message(said: EventText, options: ToMsnOptions, about: Quoted | undefined): Crossing {
  switch (said.type) {
    case "nothing":
      return IGNORE;
    case "file":
    case "gallery": {
      const all = filesOf(said);
      const captioned = said.type === "gallery" ? [said, ...all] : all;
      return files(
        all,
        captioned.flatMap((one) => wordsOf(one) ?? []),
        options,
        about,
      );
    }
    case "verification":
      return { type: "refuse", sentence: NO_VERIFICATION };
    case "other":
      return { type: "refuse", sentence: ONLY_TEXT };
    case "words": {
      // Notices are what bots say; sending them on lets bots talk to bots.
      if (said.text.trim() === "" || (said.kind === "notice" && !options.notices)) return IGNORE;
      const quote = about === undefined || options.replies === "off" ? undefined : quoteOf(about, options.replies);
      return { type: "send", contents: contentsOf(said, options, quote) };
    }
  }
}

/** Files, one after the other, and what is said with them. */
function files(all: readonly SaidFile[], words: readonly Words[], options: ToMsnOptions, about?: Quoted): Crossing {
  if (all.some(({ isEncrypted }) => isEncrypted)) return { type: "refuse", sentence: ENCRYPTED_FILE };
  let file: FileToSend | undefined;
  for (const { mxc, name, mimetype } of all.toReversed()) {
    if (mxc === undefined || parseMxc(mxc) === undefined)
      return { type: "refuse", sentence: /^https?:/iu.test(mxc ?? "") ? WEB_FILE : NO_FILE };
    file = {
      mxc,
      name: safeFileName(name),
      ...(mimetype !== undefined && { mimetype }),
      ...(file !== undefined && { next: file }),
    };
  }
  if (file === undefined) return { type: "refuse", sentence: NO_FILE };
  const said = words.map((one, index) => message(one, options, index === 0 ? about : undefined));
  return { type: "file", file, contents: said.flatMap((one) => (one.type === "send" ? one.contents : [])) };
}

/** The files of a message. */
function filesOf(said: EventText): readonly SaidFile[] {
  if (said.type === "gallery") return said.files;
  return said.type === "file" ? [said] : [];
}

/** What an edit makes of a message, and what that was before, if it is known. */
interface EditedParts {
  readonly after: EventText;
  readonly before?: EventText;
}

function editedParts(event: EventOf<"edit">, { before }: ToMsnOptions): EditedParts {
  if (before === undefined) return { after: readSaid(event.type, event.newContent, "unknown") };
  return { after: saidBy(corrected(before, event)), before: saidBy(before) };
}

function saidBy(event: MatrixEvent): EventText {
  return readSaid(event.type, event.content, event.kind === "message" && event.isReply);
}

function edit(event: EventOf<"edit">, options: ToMsnOptions): Crossing {
  const { after, before } = editedParts(event, options);
  const words = correction(after, before, options);
  // MSN can replace no file, so that another is one more.
  const fresh = before === undefined ? [] : filesOf(after).filter((file) => !filesOf(before).some(isSameAs(file)));
  if (fresh.length > 0) {
    // The words of one file are those of its message; in a gallery each has its own, too.
    const own = after.type === "gallery" ? fresh.flatMap((one) => wordsOf(one) ?? []) : [];
    const sent = files(fresh, own, options);
    if (sent.type !== "file" || words.type !== "send") return sent;
    return { ...sent, contents: [...words.contents, ...sent.contents] };
  }
  return words.type === "send" ? { type: "edit", eventId: event.target, contents: words.contents } : words;
}

// MSN can change nothing that has been sent; people write a star and the right words.
function correction(after: EventText, before: EventText | undefined, options: ToMsnOptions): Crossing {
  const said = wordsOf(after);
  if (said === undefined) return filesOf(after).length > 0 ? IGNORE : message(after, options, undefined);
  const plain = message(said, options, undefined);
  if (plain.type !== "send") return plain;
  const old = before && wordsOf(before);
  // Who sees no difference needs no correction.
  if (old !== undefined && isDeepStrictEqual(message(old, options, undefined), plain)) return IGNORE;
  const starred = { ...said, kind: "text", text: `* ${said.kind === "emote" ? "/me " : ""}${said.text}` } as const;
  return { type: "send", contents: contentsOf(starred, options) };
}

// Of a file only what is said with it can be another.
function wordsOf(said: EventText): Words | undefined {
  if (said.type === "words") return said;
  if ((said.type !== "file" && said.type !== "gallery") || said.caption === undefined) return undefined;
  return { type: "words", kind: "text", ...said.caption };
}

function isSameAs({ mxc, isEncrypted }: SaidFile): (file: SaidFile) => boolean {
  return (file) => file.mxc === mxc && file.isEncrypted === isEncrypted;
}

type Words = Extract<EventText, { type: "words" }>;

function contentsOf({ text, style, kind }: Words, { emoticons }: ToMsnOptions, quote?: string): OutgoingContent[] {
  // In a program's text nothing is an emoticon.
  const coded = (plain: string): string => (emoticons && style?.pitch !== "fixed" ? toCodes(plain) : plain);
  // `/me` is understood at the beginning of a message only.
  if (kind === "emote") {
    const before = quote === undefined ? [] : textContents(coded(quote));
    return [...before, ...textContents(`/me ${coded(text)}`, style)];
  }
  return textContents(coded(quote === undefined ? text : `${quote}\n${text}`), style);
}
