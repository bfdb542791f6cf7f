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
    return `${passport} signed in to ${server} somewhere else, so this bridge signed out. Log in here again to take over.`;
  }
  return `${passport} was signed out. ${signInFailed(error, server)}`;
}

// A login that has ended for good, by our own doing or not.
const LOGGED_OUT = "you are signed out of MSN. Log in again in your chat with the bridge's bot, then send it again.";

const NOT_DELIVERED: Partial<Record<MsnErrorCode, (name: string) => string>> = {
  "contact-offline": (name) => `${name} is offline, or cannot be reached by you. Send it again when ${name} is online.`,
  timeout: (name) => `${name} was called but did not answer. Send it again later.`,
  "connection-closed": () => "the connection to MSN is down. Send it again in a moment.",
  "connect-failed": () => "the MSN server cannot be reached. Send it again in a moment.",
  "server-busy": () => "the MSN server is too busy. Send it again in a moment.",
  "bad-credentials": () => LOGGED_OUT,
  "signed-in-elsewhere": () => LOGGED_OUT,
  rejected: () => "the MSN server refused it. Send it again; if it stays so, tell whoever runs this bridge.",
};

/** What became of a message that was not delivered, and what to do. */
export function notDelivered(delivery: Exclude<Delivery, { state: "delivered" }>, name: string): string {
  if (delivery.state === "uncertain") return maybeDelivered(name);
  const sentence =
    NOT_DELIVERED[delivery.error.code]?.(name) ?? `${delivery.error.message}. Send it again in a moment.`;
  return `Your message was not delivered: ${sentence}`;
}

/** A long message of which only the beginning arrived for certain. */
export function partlyDelivered(name: string): string {
  return `Only the beginning of your message was delivered to ${name}. Send the rest again.`;
}

/** A message whose fate nobody can know. */
export function maybeDelivered(name: string): string {
  return `Your message may not have been delivered: the connection was lost before ${name}'s side confirmed it. Ask, or send it again.`;
}
