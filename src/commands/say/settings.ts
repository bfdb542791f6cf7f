import type { NotSignedIn, ListFailure } from "../../bridge/actions/lists.ts";
import type { NameOutcome, PrivacyInfo, StatusInfo } from "../../bridge/actions/settings.ts";
import { STATUS_TEXTS } from "../../msn/index.ts";
import type { StatusPolicy } from "../../store/logins.ts";
import { sayFailure } from "./failures.ts";

const POLICY_TEXTS: Readonly<Record<StatusPolicy, string>> = {
  follow: "it follows what you do on Matrix",
  manual: "it stays as you set it",
  always: "it is always online",
};

/** A warning for those who have hidden themselves. */
export const HIDDEN =
  "Nobody can write to you while you are hidden, and what they try to write is not kept. Say set-status online to be " +
  "seen again.";

export function sayStatus({ passport, network, isConnected, status, policy }: StatusInfo): string {
  const when = isConnected ? "your status is" : "once you are signed in your status will be";
  return `${passport} on ${network}: ${when} "${STATUS_TEXTS[status]}", and ${POLICY_TEXTS[policy]}.`;
}

export function sayName(outcome: NameOutcome): string {
  switch (outcome.type) {
    case "renamed":
      return `Your contacts on ${outcome.network} see ${outcome.passport} as "${outcome.name}" now.`;
    case "nameless":
      return "Say set-name and the name under which your contacts are to see you.";
    case "name-too-long":
      return "That name is too long for MSN. Take a shorter one.";
    default:
      return sayFailure(outcome);
  }
}

export function sayPrivacy(outcome: PrivacyInfo | NotSignedIn | ListFailure): string {
  if (outcome.type !== "privacy") return sayFailure(outcome);
  const who = outcome.isOpen
    ? "open: everybody whom you have not blocked may see you and write to you"
    : "closed: only those whom you have allowed or added may see you and write to you";
  const asks = outcome.asksOnAdd ? "ask you" : "do not ask you";
  return `The privacy of ${outcome.passport} is ${who}. Other MSN clients ${asks} when somebody adds you.`;
}
