/** What a person meant as a message and this library cannot read. */
export const UNSUPPORTED_KINDS = [
  "file",
  "photos",
  "webcam",
  "voice-call",
  "game",
  "ink",
  "wink",
  "voice-clip",
  "image",
  // Parts of a long message are missing.
  "incomplete",
  // Nobody knows what it is.
  "other",
] as const;
export type UnsupportedKind = (typeof UNSUPPORTED_KINDS)[number];

/** What is looked at to read a message. */
export type Reader = "text" | "control" | "datacast" | "client-caps" | "invitation" | "p2p";

/** `ignored`: programs talk with one another, and no person needs to know. */
export type Fate = Reader | UnsupportedKind | "ignored";

/** Every content type that clients are known to send on a switchboard, and what becomes of it (docs/msnp.md 4.6). */
export const CONTENT_TYPES: Readonly<Record<string, Fate>> = {
  "text/plain": "text",
  "text/x-msmsgscontrol": "control",
  "text/x-msnmsgr-datacast": "datacast",
  "text/x-msmsgsinvite": "invitation",
  "application/x-msnmsgrp2p": "p2p",
  "image/gif": "ink",
  "application/x-ms-ink": "ink",
  // What they stand for follows as text.
  "text/x-mms-emoticon": "ignored",
  "text/x-mms-animemoticon": "ignored",
  "text/x-clientcaps": "client-caps",
  "text/x-clientinfo": "ignored",
  "text/x-keepalive": "ignored",
  "text/x-logging": "ignored",
};

/** What is cast to everybody on a board, by `ID` (docs/msnp.md 4.6). */
export const DATACASTS: Readonly<Record<string, "nudge" | "action" | UnsupportedKind>> = {
  "1": "nudge",
  "2": "wink",
  "3": "voice-clip",
  "4": "action",
};

/**
 * What becomes of a type that is not in the table. Programs call what they say to one another `x-…`; anything else is the
 * name of a kind of document, which a person has sent.
 */
export function fateOf(contentType: string): Fate | "unknown" {
  const known = Object.hasOwn(CONTENT_TYPES, contentType) ? CONTENT_TYPES[contentType] : undefined;
  if (known !== undefined) return known;
  const [type, subtype = ""] = contentType.split("/");
  if (type === "image") return "image";
  if (type === "audio") return "voice-clip";
  return subtype !== "" && !subtype.startsWith("x-") ? "other" : "unknown";
}

/** Whether a message of this type was most likely meant for a person. */
export function isForPeople(contentType: string): boolean {
  return !FOR_PROGRAMS.has(fateOf(contentType));
}

const FOR_PROGRAMS: ReadonlySet<Fate | "unknown"> = new Set(["ignored", "unknown", "control", "client-caps", "p2p"]);
