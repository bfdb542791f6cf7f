import { certificateProblem, type CertificateProblem } from "../../msn/index.ts";
import type { Delivery, MsnError, MsnErrorCode } from "../../msn/index.ts";
import type { Log } from "../../util/log.ts";
import type { Alerts } from "../../ops/alerts.ts";
import { addressOf } from "../../convert/text/links.ts";

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

const AUTHORITY =
  "If it belongs to the network, the authority behind it can be trusted with msn.servers[].ca in the configuration.";
// What those who run the bridge, or the network, can do about a certificate.
const CERTIFICATE: Record<CertificateProblem, string> = {
  "unknown-authority": AUTHORITY,
  "out-of-date":
    "Whoever runs the network has to renew it; if it is valid, the clock of the bridge's machine is wrong.",
  "wrong-host": "nexusUrl and loginUrl in the configuration have to name the host for which it was made.",
};

function unsafe(error: MsnError, server: string): { what: string; remedy: string } | undefined {
  const problem = certificateProblem(error);
  if (problem === undefined) return undefined;
  return { what: `${server} cannot be reached safely: ${error.message}.`, remedy: CERTIFICATE[problem] };
}

/** Tells whoever runs the bridge that a network's certificate is not trusted, if that is what is wrong. */
export function tellOperatorOfCertificate(log: Log, error: MsnError, server: string): void {
  const found = unsafe(error, server);
  if (found !== undefined) log.warn(`${found.what} ${found.remedy}`);
}

/** Why signing in failed, and what to do. */
export function signInFailed(error: MsnError, server: string): string {
  const certificate = unsafe(error, server);
  if (certificate !== undefined)
    return `${certificate.what} Tell whoever runs this bridge: ${certificate.remedy} Then try again.`;
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

/** Another Matrix user has signed in with the account. Who that is stays between them. */
export function takenOver(passport: string, server: string): string {
  return (
    `${passport} was taken over on ${server}: another user of this bridge signed in with its password. You are logged ` +
    "out; your rooms stay. If you did not expect this, change the password of the account, then say login."
  );
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

/** The homeserver was asked in vain for the event that a message is about. */
export const UNANSWERED = `Your message was not delivered: the homeserver did not say which message yours is about. ${AGAIN}`;

/** More is waiting in a chat than anybody types. */
export const TOO_MANY = `Your message was not delivered: too many are waiting in this chat already. ${AGAIN}`;

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

/** She has deleted a message that has been sent. */
export const NOT_TAKEN_BACK = "MSN cannot take messages back: what you deleted here has been sent, and stays there.";

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

/** The bridge signed out while contacts wrote, and the network did not let it hear them out. */
export function cutOff(at: number, network: string, isFull = false): string {
  const what = isFull ? "signed out of MSN, because its disk is full," : "was stopped";
  return (
    `The bridge ${what} at ${time(at)} while contacts on ${network} were writing to you, and did not hear the end of ` +
    "it. Their last messages may be missing: ask them if you were in the middle of something."
  );
}

const LOST_NAMED = 20;

/** Messages of contacts that could not be kept on a full disk: how many, by the contact's account. */
export function notKept(lost: ReadonlyMap<string, number>, nameOf: (contact: string) => string): string {
  const each = [...lost].map(
    ([who, count]) => `${count === 1 ? "1 message" : `${count} messages`} from ${nameOf(who)}`,
  );
  const rest = each.splice(LOST_NAMED).length;
  const others = rest === 0 ? "" : ` and from ${rest} more ${rest === 1 ? "contact" : "contacts"}`;
  return (
    `${each.join(", ")}${others} could not be kept, because the disk of this bridge was full. ` +
    `Ask ${lost.size === 1 ? "the contact" : "these contacts"} to send them again.`
  );
}

/** A login has been without connection for a while. `since` is milliseconds since the epoch. */
export function isDown(since: number, reason: string): string {
  const because = reason === "" ? "" : ` (${reason})`;
  return (
    `no connection to MSN since ${time(since)}${because}. I keep trying. Until it is back, what you write there is not ` +
    "delivered, and you are told so."
  );
}

/** The connection of a login breaks again and again. `since` is milliseconds since the epoch. */
export function keepsBreaking(since: number, reason: string): string {
  const because = reason === "" ? "" : ` (${reason})`;
  return (
    `the connection to MSN keeps breaking since ${time(since)}${because}. Reconnecting, with longer and longer pauses. ` +
    "Messages that cannot be delivered in the pauses fail with a notice."
  );
}

/** A login that was without connection has it again. */
export function backAgain(now: number): string {
  return `connected to MSN again since ${time(now)}.`;
}

/** A login that was without connection is not tried any more. */
export function givenUp(): string {
  return "signed out of MSN.";
}

/** The homeserver refused what somebody said. @param status the number with which it refused */
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

/** The owner wants no room for what somebody said. */
export function declined(name: string): string {
  return `${name} wrote to you, but you left the room. Say start-chat with the address of ${name} to read it.`;
}

/** The day of a moment. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A moment, to the minute. */
export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The bridge cannot accept somebody's invitations for her any more. */
export function puppetLost(by: "own-token" | "registration"): string {
  const reason =
    by === "own-token"
      ? "The homeserver does not take the access token any more that you gave me with login-matrix"
      : "The homeserver does not let me act for you any more";
  const action =
    by === "own-token" ? "say login-matrix to give me a new one" : "tell whoever runs this bridge, or say login-matrix";
  return `${reason}, so from now on you accept the invitations to your chats yourself. To change that, ${action}.`;
}

/** Somebody without permission invites the bot or a contact. */
export const MAY_NOT_USE = "You may not use this bridge. Whoever runs it can allow you under bridge.permissions.";

/** What the person reads in a room that the homeserver has encrypted against our will. */
export const ENCRYPTED_BY_FORCE =
  "This homeserver encrypts every room, and this bridge cannot read encrypted messages: what you write here does not " +
  "arrive. Whoever runs the homeserver can change that (Synapse: encryption_enabled_by_default_for_room_type: off).";

/** Tells whoever runs the bridge why people cannot write. */
export function tellOperatorOfEncryption(alerts: Pick<Alerts, "alert">): void {
  alerts.alert(
    "encryption",
    "The homeserver encrypts every new room, so that nobody can write through this bridge: set " +
      "encryption_enabled_by_default_for_room_type to off in Synapse's configuration and restart it.",
  );
}
