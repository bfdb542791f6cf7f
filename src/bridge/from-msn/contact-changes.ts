import type { RosterChange } from "../../msn/index.ts";

/**
 * Whether a change is about who is a contact and in which group, which decides on rooms and spaces. Those are looked at as
 * a whole, so a name, a number or another list must not cause it.
 */
export function movesContacts(change: RosterChange): boolean {
  switch (change.type) {
    case "contact":
    case "group":
    case "group-removed":
      return true;
    case "listed":
    case "unlisted":
      return change.list === "FL";
    case "presence":
    case "offline":
    case "phone":
    case "own-phone":
    case "privacy":
    case "asks-on-add":
    case "version":
      return false;
  }
}
