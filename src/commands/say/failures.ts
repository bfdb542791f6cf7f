import type { NoGroup } from "../../bridge/actions/groups.ts";
import type { HomeserverFailure } from "../../bridge/actions/homeserver.ts";
import type { ListFailure } from "../../bridge/actions/lists.ts";
import type { NoLogin } from "../../bridge/actions/logins.ts";
import type { MsnError, ServerReason } from "../../msn/index.ts";

/** What can come in the way of every command. */
type Failure = HomeserverFailure | ListFailure | NoGroup;

export function sayFailure(failure: Failure): string {
  switch (failure.type) {
    case "homeserver-away":
      return "The homeserver does not answer right now. Try again in a few minutes.";
    case "homeserver-refused": {
      const { errcode = "no error code", reason = "without a reason" } = failure.error;
      return `The homeserver refused this (${errcode}: ${reason}). If it stays so, tell whoever runs this bridge.`;
    }
    case "not-signed-in":
      return `${failure.passport} is not signed in to ${failure.network} right now. Say status to see why.`;
    case "list-refused":
      return refusal(failure.error, failure.what, failure.network);
    case "no-group": {
      const names = failure.known.length === 0 ? "You have none yet" : `Yours: ${failure.known.join(", ")}`;
      return `You have no group ${failure.name}. ${names}. Say group add <name> to make one.`;
    }
  }
}

export function sayNoLogin(failure: NoLogin): string {
  switch (failure.type) {
    case "no-logins":
      return "You are not logged in. Say login <e-mail> <password> first.";
    case "unknown-login":
      return `You have no login ${failure.name}. Yours: ${failure.known.join(", ")}.`;
    case "ambiguous-login":
      return `Say on which server you mean it. Yours: ${failure.known.join(", ")}.`;
    case "several-logins":
      return `You have several logins, so add which one you mean: ${failure.known.join(", ")}.`;
  }
}

// docs/msnp.md 3.4 and 6: what the reasons mean when lists and groups are changed.
const REFUSALS: Partial<Record<ServerReason, (what: string) => string>> = {
  "invalid-argument": (what) => `The server does not take ${what} for an e-mail address.`,
  "no-such-account": (what) => `There is no MSN account ${what} on this server. Check the spelling.`,
  "invalid-account": (what) => `There is no MSN account ${what} on this server. Check the spelling.`,
  "forbidden-name": (what) => `The server does not allow the name ${what}.`,
  "list-full": () => "Your list is full, so the server takes nobody more. Remove somebody first.",
  "on-opposite-list": (what) =>
    `${what} is on the opposite list: the server takes nobody who is both allowed and blocked.`,
  "too-many-groups": () => "You have as many groups as the server allows. Remove one first.",
  "no-such-group": (what) => `The server knows no group for ${what}. Say group list to see yours.`,
  "not-in-group": (what) => `${what} is not in that group.`,
  "group-exists": (what) => `You have a group ${what} already.`,
  "group-name-too-long": (what) => `The name ${what} is too long: a group may have about 60 characters.`,
  "fixed-group": () => "That group holds those who are in no other, and cannot be changed.",
};

function refusal(error: MsnError, what: string, server: string): string {
  const sentence = error.reason && REFUSALS[error.reason]?.(what);
  if (sentence !== undefined) return sentence;
  switch (error.code) {
    case "timeout":
      return `${server} did not answer, which may mean that it refuses this. Say contacts to see what is true now.`;
    case "connection-closed":
      return `The connection to ${server} broke meanwhile. Say contacts later to see whether it was done.`;
    case "server-busy":
      return `${server} is too busy right now. Say it again in a minute.`;
    default:
      return `${server} refused this: ${error.message}.`;
  }
}
