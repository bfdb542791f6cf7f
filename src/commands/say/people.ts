import type { Person } from "../../bridge/actions/lists.ts";
import type { PersonOutcome } from "../../bridge/actions/people.ts";
import type { LoginInfo } from "../../bridge/actions/logins.ts";
import { labelOf } from "../../convert/names.ts";
import { countOf } from "../../util/count.ts";
import { sayFailure } from "./failures.ts";

/** A contact as the user knows them. */
export function labelOfPerson({ account, name }: Person): string {
  return labelOf(account, name);
}

export function sayPerson(outcome: PersonOutcome): string {
  if (!("who" in outcome)) return sayFailure(outcome);
  const who = labelOfPerson(outcome.who);
  switch (outcome.type) {
    case "added": {
      const where = outcome.group === undefined ? "" : ` in the group ${outcome.group}`;
      const waits = outcome.isAwaited ? " She has not added you so far." : "";
      return `${who} is one of your contacts now${where}.${waits}`;
    }
    case "accepted":
      return `${who} is one of your contacts now.`;
    case "removed":
      return `${who} is not one of your contacts any more, but may still write to you. Say block to stop that.`;
    case "blocked":
      return `${who} is blocked, and can neither see you nor write to you. Say unblock to change that.`;
    case "allowed":
      return `${who} may see you and write to you.`;
    case "declined":
      return `${who} is declined.`;
    case "already-contact":
      return `${who} is one of your contacts already.`;
    case "already-blocked":
      return `${who} is blocked already.`;
    case "already-allowed":
      return `${who} is allowed already.`;
    case "already-declined":
      return `${who} is declined already.`;
    case "no-contact":
      return `${who} is not one of your contacts.`;
    case "not-blocked":
      return `${who} is not blocked.`;
    case "is-contact":
      return `${who} is one of your contacts. Say block or remove.`;
    case "no-request":
      return `${outcome.who.account} has not added you. Say add ${outcome.who.account} to make the first step.`;
  }
}

/** Those who wait for an answer; undefined: nothing is known. */
export function sayRequests(
  { passport, network }: Pick<LoginInfo, "passport" | "network">,
  waiting: readonly Person[] | undefined,
): string[] {
  const who = `${passport} on ${network}`;
  if (waiting === undefined) return [`${who}: not signed in, so nothing is known. Say status.`];
  return [
    `${who}: ${waiting.length === 0 ? "nobody waits" : countOf(waiting.length, "waits for you", "wait for you")}`,
    ...waiting.map(labelOfPerson),
  ];
}
