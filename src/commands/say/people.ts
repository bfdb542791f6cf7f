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

type PlainOutcome = Exclude<Extract<PersonOutcome, { who: Person }>["type"], "added">;

const SENTENCES: Readonly<Record<PlainOutcome, (who: string, account: string) => string>> = {
  accepted: (who) => `${who} is one of your contacts now.`,
  removed: (who) => `${who} is not one of your contacts any more, but may still write to you. Say block to stop that.`,
  blocked: (who) => `${who} is blocked, and can neither see you nor write to you. Say unblock to change that.`,
  allowed: (who) => `${who} may see you and write to you.`,
  declined: (who) => `${who} is declined.`,
  "already-contact": (who) => `${who} is one of your contacts already.`,
  "already-blocked": (who) => `${who} is blocked already.`,
  "already-allowed": (who) => `${who} is allowed already.`,
  "already-declined": (who) => `${who} is declined already.`,
  "no-contact": (who) => `${who} is not one of your contacts.`,
  "not-blocked": (who) => `${who} is not blocked.`,
  "is-contact": (who) => `${who} is one of your contacts. Say block or remove.`,
  "no-request": (_, account) => `${account} has not added you. Say add ${account} to make the first step.`,
};

export function sayPerson(outcome: PersonOutcome): string {
  if (!("who" in outcome)) return sayFailure(outcome);
  const who = labelOfPerson(outcome.who);
  if (outcome.type !== "added") return SENTENCES[outcome.type](who, outcome.who.account);
  const where = outcome.group === undefined ? "" : ` in the group ${outcome.group}`;
  const waits = outcome.isAwaited ? " She has not added you so far." : "";
  return `${who} is one of your contacts now${where}.${waits}`;
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
