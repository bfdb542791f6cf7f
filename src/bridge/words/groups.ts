import type { MsnError, MsnErrorCode, ServerReason } from "../../msn/index.ts";
import { addressOf } from "../../convert/text/links.ts";
import { refusedPlace } from "./refused-place.ts";

const NAMES_SHOWN = 3;

/** What a group is called: the names of its members, or of the first of them. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  const rest = names.length - NAMES_SHOWN;
  if (rest <= 0) return shown;
  return `${shown} and ${rest} ${rest === 1 ? "other" : "others"}`;
}

/** The owner left the room of a group, and the group goes on. */
export function declinedGroup(names: string, accounts: readonly string[]): string {
  return (
    `Your group chat with ${names} goes on, but you left its room. Say create-group ${accounts.join(" ")} to read ` +
    "what is said there."
  );
}

const NOT_CALLED: Partial<Record<MsnErrorCode, (name: string) => string>> = {
  "contact-offline": (name) => `${name} is offline, or cannot be reached by you.`,
  timeout: (name) => `${name} was called but did not answer. Try again later.`,
  "connection-closed": () => "the connection to MSN is down. Try again in a few minutes.",
  "connect-failed": () => "the MSN server cannot be reached. Try again in a few minutes.",
  "server-busy": () => "the MSN server is too busy. Try again in a few minutes.",
  "bad-credentials": () => "you are signed out of MSN. Log in again in your chat with the bot.",
  "signed-in-elsewhere": () => "you are signed out of MSN. Say reconnect in your chat with the bot.",
};

// docs/msnp.md 4.1.
const REFUSALS: Partial<Record<ServerReason, (name: string) => string>> = {
  "no-such-account": (name) => `MSN knows no account ${name}.`,
  "invalid-account": (name) => `MSN knows no account ${name}.`,
  "already-there": (name) => `${name} is in the conversation already.`,
  "not-there": (name) => `${name} lets nobody call who is not on the contact list.`,
};

/** Why a contact could not be called to a conversation, and what to do. */
export function notCalled(error: MsnError, name: string): string {
  return `${name} could not be called to the chat: ${reasonFor(error, name)}`;
}

/** Why a nudge did not arrive, and what to do. */
export function notNudged(error: MsnError, name: string): string {
  return `Your nudge was not delivered: ${reasonFor(error, name)}`;
}

function reasonFor(error: MsnError, name: string): string {
  const refusal = error.reason && REFUSALS[error.reason];
  return (refusal ?? NOT_CALLED[error.code])?.(name) ?? refusedPlace(error, "the MSN server") ?? `${error.message}.`;
}

/** A contact was invited to a direct chat, which MSN makes a group of. */
export function becameGroup(names: string, roomId: string): string {
  return `Your group chat with ${names} has a room of its own: ${addressOf(roomId)}`;
}

/** Why a ghost leaves a room that it was invited to. */
export const GROUPS_HAVE_ROOMS = "A chat of several on MSN has a room of its own.";

/** A contact of another network was invited. */
export function otherNetwork(name: string, network: string): string {
  return `${name} could not be called to the chat: this account is not on ${network}, and conversations do not reach from one network to another.`;
}

/** The user tried to remove a contact. */
export const NOBODY_IS_REMOVED =
  "Nobody can be removed from a chat on MSN, so whoever is still in it comes back here. Leave this room to leave the chat " +
  "yourself.";

/** Other Matrix users were invited. */
export const ONLY_YOU =
  "People of Matrix cannot join a chat on MSN through this room: what they write here reaches nobody on MSN.";
