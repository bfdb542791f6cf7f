import type { StrangersOutcome, WaitingStrangers } from "../../bridge/actions/strangers.ts";
import { countOf } from "../../util/count.ts";

// More names than these are of no use to anybody.
const NAMED = 10;

export function sayWaiting({ passport, network, who }: WaitingStrangers): string[] {
  const count = who.length === 0 ? "nobody you don't know waits" : countOf(who.length, "chat waits", "chats wait");
  return [`${passport} on ${network}: ${count}`, ...who];
}

export function sayStrangers(outcome: StrangersOutcome): string {
  if (outcome.type === "nobody-waits") return nobody(outcome.account);
  const { who, decision } = outcome;
  const rest = who.length > NAMED ? ` and ${who.length - NAMED} more` : "";
  const names = `${who.slice(0, NAMED).join(", ")}${rest}`;
  return decision === "open"
    ? `You get a room with what was said: ${names}.`
    : `Ignored from now on: ${names}. Say start-chat <e-mail> to change your mind.`;
}

function nobody(account: string | undefined): string {
  if (account === undefined) return "Nobody you don't know waits for you.";
  return `${account} does not wait for you. Say strangers to see who does.`;
}
