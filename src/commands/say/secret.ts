import type { Removal } from "../../bridge/room/removal.ts";

/** What the bot is told that no other user may know. */
export type SecretKind = "password" | "access token";

/** Why a secret is not taken: it was said in a chat, others are in the room, or the homeserver does not tell. */
export type NotPrivate = "chat" | "company" | "unanswered";

/** What became of a message with a secret. */
export function sayRemoval(removal: Removal, kind: SecretKind): string {
  return `${whatIsLeft(removal, kind)} The homeserver may keep the original for a while.`;
}

function whatIsLeft({ removed, kept, reason }: Removal, kind: SecretKind): string {
  if (kept === 0) return `I removed your message with the ${kind}.`;
  const why = reason === "unanswered" ? "the homeserver does not answer" : "I have no power for it in this room";
  const what = removed === 0 ? `your message with the ${kind}` : `all versions of your message with the ${kind}`;
  return `I could not remove ${what} (${why}): please delete it yourself.`;
}

/** @param redaction what became of a secret that was said already; empty if none was */
export function sayNotPrivate(reason: NotPrivate, kind: SecretKind, redaction: string): string {
  switch (reason) {
    case "chat":
      return `Say that in your chat with me, so that nobody else gets your ${kind}. ${redaction}`.trim();
    case "unanswered":
      return `The homeserver does not tell me who else is in this room. Try again in a few minutes. ${redaction}`.trim();
    case "company": {
      const done = redaction === "" ? "" : ` They may have read your ${kind}: change it. ${redaction}`;
      return `Somebody else is in this room or invited to it, so I don't take a ${kind} here. Start a direct chat with me alone.${done}`;
    }
  }
}
