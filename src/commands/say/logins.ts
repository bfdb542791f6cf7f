import type { LoginInfo, LoginReport, PingedLogin, Reconnected, SignedOut } from "../../bridge/actions/logins.ts";
import type { SignInOutcome } from "../../bridge/actions/sign-in.ts";
import { signInFailed } from "../../bridge/words/sign-in.ts";
import { time } from "../../bridge/words/time.ts";
import type { Calendar } from "../../util/calendar.ts";
import { countOf } from "../../util/count.ts";

/** Makes dates of moments of the clock. */
export type Dates = Pick<Calendar, "dateOf">;

/** How a login is, in words that begin with its name. */
export function sayState({ passport, network, state }: LoginInfo, calendar: Dates): string {
  const who = `${passport} on ${network}`;
  switch (state.type) {
    case "connected":
      return `${who}: signed in since ${time(calendar.dateOf(state.since))}`;
    case "connecting":
      return `${who}: signing in right now`;
    case "waiting":
      return `${who}: not connected (${state.error.message}); next try at ${time(calendar.dateOf(state.until))}`;
    case "hindered":
      return `${who}: not connected (${state.error.message}); it signs in again by itself`;
    case "stopped":
      return `${who}: signed out (${state.error.message}). Say reconnect or login to sign in again`;
    case "logged-out":
      return `${who}: logged out. Say login to sign in again`;
  }
}

/** @param now a moment of the clock */
export function sayReport({ seen, ...login }: LoginReport, now: number, calendar: Dates): string {
  if (seen === undefined) return `${sayState(login, calendar)}.`;
  const whole = countOf(seen.contacts, "contact is", "contacts are");
  const heard = `the server was last heard ${age(now - seen.lastHeard)} ago`;
  const { ignored } = seen;
  const strangers = ignored === 0 ? "" : `; ${countOf(ignored, "message")} of people you don't know ignored so far`;
  return `${sayState(login, calendar)}; ${heard}; ${seen.online} of ${whole} online${strangers}.`;
}

export function sayPing({ answer, ...login }: PingedLogin, calendar: Dates): string {
  if (answer === undefined) return `${sayState(login, calendar)}.`;
  return answer.type === "answered"
    ? `${sayState(login, calendar)}; the server answered in ${answer.ms} ms.`
    : `${sayState(login, calendar)}; but the server did not answer just now: ${answer.error.message}.`;
}

export function saySignedOut({ passport, network, way, left }: SignedOut): string {
  const rooms = countOf(left, "room was", "rooms were");
  const afterwards = {
    keep: "Your rooms stay; what you write in them is not delivered until you log in again.",
    leave: `${rooms} left by your contacts; after your next login you get new ones when you need them.`,
    delete: `${rooms} left by your contacts, and this bridge has forgotten your chats.`,
  };
  return `You are signed out of ${network} as ${passport}, and your password is forgotten. ${afterwards[way]}`;
}

export function sayReconnected({ type, passport, network }: Reconnected): string {
  return type === "signing-in"
    ? `I sign you in to ${network} as ${passport}. Say status to see how it went.`
    : "You have logged out. Say login to sign in again.";
}

/** What came of signing in, where the user is not asked for more. */
export function saySignIn(outcome: SignInOutcome, passport: string, network: string): string {
  switch (outcome.type) {
    case "signed-in":
      return (
        `You are signed in to ${network} as ${passport}. Messages from your contacts open rooms by themselves; ` +
        "say start-chat <e-mail> to write first."
      );
    case "account-in-use":
      return (
        `${passport} is already in use on this bridge, by another user. You can take it over: the other user is logged ` +
        "out and told that the account was taken over, but not by whom."
      );
    case "too-many-wrong-passwords":
      return `You gave too many wrong passwords. Try again in ${age(outcome.waitMs)}: say login then.`;
    case "too-many-logins": {
      const most = outcome.most === 1 ? "one MSN account" : `${outcome.most} MSN accounts`;
      return `You may have ${most} on this bridge. Say logout for one of them first.`;
    }
    case "sign-in-refused":
      return signInFailed(outcome.error, network);
  }
}

/** A password was refused; it is asked for again. */
export function passwordRefused(network: string): string {
  return (
    `${network} refused the e-mail address or the password. The address has to be written as it was registered, ` +
    "capital letters included."
  );
}

/** A span of time in words. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
