import type { ContactGroup, GroupOutcome } from "../../bridge/actions/groups.ts";
import { countOf } from "../../util/count.ts";
import { sayFailure } from "./failures.ts";
import { labelOfPerson } from "./people.ts";

const NAMED = 10;

export function sayGroups(groups: ReadonlyArray<ContactGroup & { readonly count: number }>): string[] {
  if (groups.length === 0) return ["You have no groups. Say group add <name> to make one."];
  return groups.map(({ name, count }) => `${name}: ${countOf(count, "contact")}`);
}

export function sayGroup(outcome: GroupOutcome): string {
  switch (outcome.type) {
    case "group-added":
      return `You have a group ${outcome.name} now. Say group move <e-mail> ${outcome.name} to put somebody into it.`;
    case "group-renamed":
      return `The group ${outcome.from} is called ${outcome.to} now.`;
    case "group-removed":
      return `The group ${outcome.name} is removed.`;
    case "moved":
      return `${labelOfPerson(outcome.who)} is in the group ${outcome.group} now.`;
    case "group-nameless":
      return "A group needs a name.";
    case "no-contact":
      return `${outcome.account} is not one of your contacts. Say add first.`;
    case "already-in-group":
      return `She is in the group ${outcome.group} already.`;
    default:
      return sayFailure(outcome);
  }
}

/** What is asked before a group is removed. @param onlyHere the accounts that are in no other */
export function askToRemove(name: string, onlyHere: readonly string[]): string {
  return (
    `${onlyHere.slice(0, NAMED).join(", ")}${onlyHere.length > NAMED ? " and others" : ""}: in no other group than ` +
    `${name}, and some servers remove contacts together with their only group.`
  );
}
