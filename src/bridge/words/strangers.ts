import { countOf } from "../../util/count.ts";

/** People who are no contacts and have written. */
export interface HeldPeople {
  /** Whom they have written to. */
  readonly passport: string;
  /** How some of them are written. */
  readonly named: readonly string[];
  readonly people: number;
  readonly groups: number;
  /** How many of their messages could not be kept. */
  readonly unkept: number;
}

/** They wait for the owner to decide. */
export function peopleWait({ passport, named, people, groups, unkept }: HeldPeople): string {
  const isOne = people + groups === 1;
  const who = [
    ...(people > 0 ? [countOf(people, "person you don't know", "people you don't know")] : []),
    ...(groups > 0 ? [countOf(groups, "group of people you don't know", "groups of people you don't know")] : []),
  ].join(" and ");
  const rest = people + groups - named.length;
  const names = `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  const lost =
    unkept > 0 ? ` ${countOf(unkept, "more message", "more messages")} could not be kept: too much waits.` : "";
  return (
    `${who} ${isOne ? "has" : "have"} written to ${passport}: ${names}. What was said is kept.${lost} React with ✅ to open ` +
    `${isOne ? "the room" : "a room for each"} or with ❌ to ignore ${isOne ? "it" : "them all"}. Say strangers to see who ` +
    "it is, and strangers open <e-mail> or strangers ignore <e-mail> for one of them."
  );
}

/** Nobody waits any more. */
export function nobodyWaits(passport: string): string {
  return `Nobody you don't know waits for your answer at ${passport} any more.`;
}

/** Nobody has come to rooms of strangers. */
export function invitationsWithdrawn(passport: string, named: readonly string[], count: number): string {
  const names = `${named.join(", ")}${count > named.length ? ` and ${count - named.length} more` : ""}`;
  return (
    `${countOf(count, "invitation")} of people you don't know, who wrote to ${passport}, ${count === 1 ? "was" : "were"} ` +
    `withdrawn, because you did not answer for two weeks: ${names}. If they write again, you are invited again.`
  );
}
