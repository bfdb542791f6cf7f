import type { Log } from "../util/log.ts";
import type { Delivery, MsnError, MsnErrorCode } from "../msn/index.ts";

// What people are told when signing in fails. `connection-closed` and the like end up in the general sentence.
const SIGN_IN: Partial<Record<MsnErrorCode, (error: MsnError, server: string) => string>> = {
  "bad-credentials": (_, server) =>
    `${server} refused the e-mail address or the password. Check both (the address has to be written as it was ` +
    `registered, capital letters included) and log in again.`,
  "connect-failed": (_, server) =>
    `${server} cannot be reached right now. Try again in a few minutes; if it stays so, tell whoever runs this bridge.`,
  timeout: (_, server) => `${server} does not answer right now. Try again in a few minutes.`,
  "server-busy": (_, server) => `${server} is too busy or under repair right now. Try again in a few minutes.`,
};

/** Why signing in failed, and what to do. */
export function signInFailed(error: MsnError, server: string): string {
  const sentence = SIGN_IN[error.code]?.(error, server);
  return (
    sentence ??
    `${server} did not let us sign in: ${error.message}. Try again; if it stays so, tell whoever runs this bridge.`
  );
}

/** Why a login was ended for good, and what to do. */
export function signedOut(error: MsnError, passport: string, server: string): string {
  if (error.code === "signed-in-elsewhere") {
    return `${passport} signed in to ${server} somewhere else, so this bridge signed out. Say reconnect to take over.`;
  }
  return `${passport} was signed out. ${signInFailed(error, server)}`;
}

// How to send again what was not delivered.
const AGAIN = "React to it with 🔁 to send it again.";

// A login that has ended for good, by our own doing or not.
const LOGGED_OUT = "you are signed out of MSN. Log in again in your chat with the bot, then react to it with 🔁.";

const NOT_DELIVERED: Partial<Record<MsnErrorCode, (name: string) => string>> = {
  "contact-offline": (name) => `${name} is offline, or cannot be reached by you. ${AGAIN}`,
  timeout: (name) => `${name} was called but did not answer. ${AGAIN}`,
  "connection-closed": () => `the connection to MSN is down. ${AGAIN}`,
  "connect-failed": () => `the MSN server cannot be reached. ${AGAIN}`,
  "server-busy": () => `the MSN server is too busy. ${AGAIN}`,
  "bad-credentials": () => LOGGED_OUT,
  "signed-in-elsewhere": () => LOGGED_OUT,
  rejected: () => `the MSN server refused it. ${AGAIN} If it stays so, tell whoever runs this bridge.`,
};

/** What became of a message that was not delivered, and what to do. */
export function notDelivered(delivery: Exclude<Delivery, { state: "delivered" }>, name: string): string {
  if (delivery.state === "uncertain") return maybeDelivered(name);
  const sentence = NOT_DELIVERED[delivery.error.code]?.(name) ?? `${delivery.error.message}. ${AGAIN}`;
  return `Your message was not delivered: ${sentence}`;
}

/** The bridge is at fault. */
export const BROKEN = `Your message was not delivered: something in this bridge broke. ${AGAIN}`;

/** More is waiting in a chat than anybody types. */
export const TOO_MANY = `Your message was not delivered: too many are waiting in this chat already. ${AGAIN}`;

/** A long message of which only the beginning arrived for certain. */
export function partlyDelivered(name: string): string {
  return `Only the beginning of your message was delivered to ${name}. React to it with 🔁 to send all of it again.`;
}

/** A message whose fate nobody can know. */
export function maybeDelivered(name: string): string {
  return (
    `Your message may not have been delivered: the connection was lost before ${name}'s side confirmed it. ` +
    "If it did not arrive, react to it with 🔁 to send it again."
  );
}

/** The bridge was away without having been stopped. Times are milliseconds since the epoch. */
export function wasAway(from: number, to: number): string {
  return (
    `This bridge was away without warning from ${time(from)} to ${time(to)}. What contacts wrote to you in the last ` +
    "moments before that may be lost; ask them if you were in the middle of something."
  );
}

/** The homeserver refused what somebody said. */
export function notShown(name: string): string {
  return `A message from ${name} could not be shown in its room: the homeserver refused it. Ask ${name} to send it again.`;
}

/** The owner wants no room for what somebody said. */
export function declined(name: string): string {
  return `${name} wrote to you, but you left the room. Say start-chat with the address of ${name} to read it.`;
}

/** A moment, to the minute. */
export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What the person reads in a room that the homeserver has encrypted against our will. */
export const ENCRYPTED_BY_FORCE =
  "This homeserver encrypts every room, and this bridge cannot read encrypted messages: what you write here does not " +
  "arrive. Whoever runs the homeserver can change that (Synapse: encryption_enabled_by_default_for_room_type: off).";

/** Tells whoever runs the bridge why people cannot write. */
export function tellOperatorOfEncryption(log: Log): void {
  log.error(
    "The homeserver encrypts every new room, so that nobody can write through this bridge: set " +
      "encryption_enabled_by_default_for_room_type to off in Synapse's configuration and restart it.",
  );
}
