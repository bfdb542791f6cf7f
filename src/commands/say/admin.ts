import type { KickOutcome, LoginOutcome, UserInfo } from "../../bridge/actions/admin.ts";
import type { LoginInfo } from "../../bridge/actions/logins.ts";
import type { BridgeStats } from "../../bridge/actions/stats.ts";
import { time } from "../../bridge/words/time.ts";
import { countOf } from "../../util/count.ts";
import { age, sayState, type Dates } from "./logins.ts";

export function sayUsers(users: readonly UserInfo[]): string[] {
  if (users.length === 0) return ["Nobody has talked to me so far."];
  return users.map(
    ({ userId, level, logins }) => `${userId} (${level}): ${logins.length === 0 ? "no logins" : logins.join(", ")}`,
  );
}

export function sayAllLogins(logins: readonly LoginInfo[], calendar: Dates): string[] {
  if (logins.length === 0) return ["There are no logins."];
  return logins.map((login) => `${login.owner}: ${sayState(login, calendar)}.`);
}

export function sayStats(stats: BridgeStats): string[] {
  const states = [...stats.logins].map(([state, count]) => `${count} ${state}`);
  const { toMsn, toMatrix } = stats.waiting;
  const oldest = stats.oldest === undefined ? "" : `; the oldest has waited for ${age(stats.oldest)}`;
  return [
    `Running since ${time(stats.startedAt)}, with ${Math.round(stats.memory / 2 ** 20)} MiB of memory`,
    `Logins: ${states.length === 0 ? "none" : states.join(", ")}`,
    `Chats: ${stats.portals}, of which ${countOf(stats.portalsWithRoom, "has", "have")} a room`,
    `Messages on their way: ${toMsn} to MSN, ${toMatrix} to Matrix${oldest}`,
    `What I have to say and have not said yet: ${stats.notices}`,
  ];
}

export function sayKick({ type, who, logins }: KickOutcome): string {
  return type === "kicked"
    ? `${who} is signed out of ${logins.join(", ")}, and was told.`
    : `${who === "" ? "Nobody" : who} is not signed in. Say admin logins.`;
}

export function sayLogin(outcome: LoginOutcome): string {
  switch (outcome.type) {
    case "disconnected":
      return `${outcome.name} of ${outcome.owner} is disconnected, and she was told.`;
    case "signing-in":
      return `${outcome.name} of ${outcome.owner} is being signed in. Say admin logins to see how it went.`;
    case "not-allowed":
      return `${outcome.owner} may not use this bridge any more.`;
    case "unknown-login":
      return `There is no login ${outcome.name}. Say admin logins to see all.`;
    case "ambiguous-login":
      return `There are several: ${outcome.known.join(", ")}. Name one in full.`;
  }
}

/** What is asked before all users are told something. */
export function askToBroadcast(people: number, text: string): string {
  return `${countOf(people, "person", "people")} will read from me: “${text}”.`;
}

export function sayBroadcast(people: number): string {
  return `I tell it to ${countOf(people, "person", "people")}.`;
}
