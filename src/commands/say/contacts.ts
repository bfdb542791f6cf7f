import type { ContactInfo, ContactsInfo } from "../../bridge/actions/contacts.ts";
import type { NotSignedIn } from "../../bridge/actions/lists.ts";
import { labelOf } from "../../convert/names.ts";
import { asLink } from "../../convert/text/links.ts";
import { STATUS_TEXTS } from "../../msn/index.ts";
import { countOf } from "../../util/count.ts";

// So that no line is too long for a message.
const NAMED_AT_ONCE = 100;

/**
 * The contacts of a login, or those about whom something has the filter in it.
 * @param filter in lower case; empty: all of them
 */
export function sayContacts(who: string, contacts: ContactsInfo | NotSignedIn, filter: string): string[] {
  if (contacts.type === "not-signed-in") return [`${who}: not signed in, so the contacts are not known. Say status.`];
  const sections = [
    ...contacts.groups.map(({ name, contacts: those }) => ({ heading: name, people: those })),
    { heading: contacts.groups.length === 0 ? "" : "Other contacts", people: contacts.ungrouped },
  ].map(({ heading, people }) => ({ heading, people: people.filter((one) => isFound(one, heading, filter)) }));
  const found = new Set(sections.flatMap(({ people }) => people.map(({ account }) => account)));
  const whole = countOf(contacts.count, "contact");
  const lines = sections
    .filter(({ people }) => people.length > 0)
    .flatMap(({ heading, people }) => (heading === "" ? [] : [`${heading}:`]).concat(people.map(sayContact)));
  const count = filter === "" ? whole : `${found.size} of ${whole}`;
  return [`${who}: ${count}`, ...lines, ...(filter === "" ? sayOthers(contacts.others) : [])];
}

function isFound(contact: ContactInfo, heading: string, filter: string): boolean {
  return `${heading}\n${labelOf(contact.account, contact.name)}: ${marksOf(contact)}`.toLowerCase().includes(filter);
}

function sayContact(contact: ContactInfo): string {
  const label = labelOf(contact.account, contact.name);
  return `${contact.roomId === null ? label : asLink(label, contact.roomId)}: ${marksOf(contact)}`;
}

function marksOf({ status, isBlocked, isHiddenFrom, hasAddedUs }: ContactInfo): string {
  return [
    STATUS_TEXTS[status],
    ...(isBlocked ? ["blocked"] : []),
    ...(isHiddenFrom ? ["may not see you"] : []),
    ...(hasAddedUs ? [] : ["has not added you"]),
  ].join(", ");
}

function sayOthers({ waiting, allowed, blocked }: ContactsInfo["others"]): string[] {
  return [
    ...inLines("Wait for your answer", waiting),
    ...inLines("Allowed, but no contacts", allowed),
    ...inLines("Blocked, but no contacts", blocked),
  ];
}

function inLines(heading: string, accounts: readonly string[]): string[] {
  const count = Math.ceil(accounts.length / NAMED_AT_ONCE);
  return Array.from({ length: count }, (_, index) => {
    const some = accounts.slice(index * NAMED_AT_ONCE, (index + 1) * NAMED_AT_ONCE);
    return `${heading}: ${some.join(", ")}`;
  });
}
