import type { MsnError } from "../../msn/index.ts";
import { refusedPlace } from "./refused-place.ts";
import { time } from "./time.ts";

/** The server will go down. @param at undefined where it does not say when */
export function goingDown(server: string, at: Date | undefined): string {
  const when = at === undefined ? "soon" : `at ${time(at)}`;
  return `${server} says that it goes down for maintenance ${when}. The bridge reconnects by itself afterwards.`;
}

/** The server, or its admins, say something. */
export function serverSays(server: string, text: string): string {
  // Marked line by line, so that none of them looks like the bridge's own words.
  return `${server} says:\n${text.replaceAll(/^/gmu, "> ")}`;
}

/** The server says more than is told. */
export function saysTooMuch(server: string): string {
  return `${server} sends more announcements than this bridge passes on. For up to an hour, further ones are left out.`;
}

/** A contact began a conversation, and this bridge itself did not go where it was. */
export function notFollowed(server: string, contact: string, error: MsnError): string {
  const why = refusedPlace(error, server) ?? `${error.message}.`;
  return (
    `${contact} began a chat on ${server} that this bridge did not join, so what was written there is lost: ${why} Ask ` +
    `${contact} to write again.`
  );
}

/** Contacts wrote while the owner was signed out, and the bridge cannot fetch it. */
export function offlineMessages(server: string, names: readonly string[]): string {
  const who = names.length === 0 ? "Contacts" : names.join(", ");
  return (
    `${who} wrote to you while you were offline. ${server} keeps these messages where this bridge cannot read them yet. Sign ` +
    "in with an MSN client to read them, or ask for them again."
  );
}
