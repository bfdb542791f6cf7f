import type { Delivery, MsnError, MsnErrorCode } from "../../msn/index.ts";
import { addressOf } from "../../convert/text/links.ts";
import { refusedPlace } from "./refused-place.ts";

/** How to send again what was not delivered. */
export const SEND_AGAIN = "React to it with 🔁 to send it again.";

// A login that has ended for good, from either side.
const LOGGED_OUT = "you are signed out of MSN. Log in again in your chat with the bot, then react to it with 🔁.";

const NOT_DELIVERED: Partial<Record<MsnErrorCode, (name: string, error: MsnError) => string>> = {
  "contact-offline": (name) => `${name} is offline, or cannot be reached by you. ${SEND_AGAIN}`,
  timeout: (name) => `${name} was called but did not answer. ${SEND_AGAIN}`,
  "connection-closed": () => `the connection to MSN is down. ${SEND_AGAIN}`,
  "connect-failed": () => `the MSN server cannot be reached. ${SEND_AGAIN}`,
  "server-busy": () => `the MSN server is too busy. ${SEND_AGAIN}`,
  "address-refused": (_, error) => `${refusedPlace(error, "the MSN server") ?? `${error.message}.`} ${SEND_AGAIN}`,
  "bad-credentials": () => LOGGED_OUT,
  "signed-in-elsewhere": () => LOGGED_OUT,
  rejected: () => `the MSN server refused it. ${SEND_AGAIN} If it stays so, tell whoever runs this bridge.`,
};

/** What became of a message that was not delivered, and what to do. */
export function notDelivered(delivery: Exclude<Delivery, { state: "delivered" }>, name: string): string {
  if (delivery.state === "uncertain") return maybeDelivered(name);
  const sentence =
    NOT_DELIVERED[delivery.error.code]?.(name, delivery.error) ?? `${delivery.error.message}. ${SEND_AGAIN}`;
  return `Your message was not delivered: ${sentence}`;
}

/** The bridge is at fault. */
export const BROKEN = `Your message was not delivered: something in this bridge broke. ${SEND_AGAIN}`;

/** The homeserver did not answer for the event that a message is about. */
export const UNANSWERED = `Your message was not delivered: the homeserver did not say which message yours is about. ${SEND_AGAIN}`;

/** More is waiting in a chat than a user types. */
export const TOO_MANY_MESSAGES = `Your message was not delivered: too many are waiting in this chat already. ${SEND_AGAIN}`;

/** A long message of which only the beginning arrived for certain. */
export function partlyDelivered(name: string): string {
  return `Only the beginning of your message was delivered to ${name}. React to it with 🔁 to send all of it again.`;
}

/** An edit of a message that was not, or may not have been, delivered. */
export function editKept(name: string, state: "failed" | "uncertain"): string {
  const isLost = state === "failed";
  return (
    `Your edit was not delivered: ${name} ${isLost ? "did not get" : "may not have got"} the message that you changed. ` +
    `${isLost ? "React" : "If it did not arrive, react"} to that message with 🔁 to send it as it reads now.`
  );
}

/** The user deleted a message that has been sent. */
export const NOT_TAKEN_BACK = "MSN cannot take messages back: what you deleted here has been sent, and stays there.";

/** A message of which the bridge cannot know whether it arrived. */
export function maybeDelivered(name: string): string {
  return (
    `Your message may not have been delivered: the connection was lost before ${name}'s side confirmed it. ` +
    "If it did not arrive, react to it with 🔁 to send it again."
  );
}

/** The homeserver refused a message from a contact. @param status the number with which it refused */
export function notShown(name: string, status?: number): string {
  if (status === 413) {
    return (
      `A message from ${name} could not be shown in its room: it is too large for the homeserver or a proxy in front of it. ` +
      `Ask ${name} to send it in parts.`
    );
  }
  return `A message from ${name} could not be shown in its room: the homeserver refused it. Ask ${name} to send it again.`;
}

/** The bot was interrupted while it said something, and cannot see any more whether that is in the room. */
export function perhapsSaidBefore(text: string): string {
  return `You may have read this already, because the bridge was interrupted while it told you: ${text}`;
}

/**
 * The bridge was interrupted while it showed something, and cannot see any more whether that is in the room.
 * @param words what a contact said, if it can be said here
 */
export function perhapsShown(name: string, roomId: string, words: string | undefined): string {
  const remedy = words === undefined ? `ask ${name} to send it again.` : `this is what ${name} wrote: ${words}`;
  return (
    `A message from ${name} may be missing in ${addressOf(roomId)}: the bridge was interrupted while it showed the ` +
    `message, and too much has been written there since to look for it. If it is missing, ${remedy}`
  );
}

/** The owner left the room, and a contact wrote. */
export function declinedChat(name: string): string {
  return `${name} wrote to you, but you left the room. Say start-chat with the address of ${name} to read it.`;
}
