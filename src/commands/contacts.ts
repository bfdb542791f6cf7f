import type { Login } from "../bridge/login/login.ts";
import { labelOf } from "../convert/names.ts";
import { asLink } from "../convert/text/links.ts";
import { STATUS_TEXTS, type Contact, type Roster } from "../msn/index.ts";
import { countOf } from "../util/count.ts";
import { unquoted } from "./arguments.ts";
import type { Command } from "./command.ts";
import { groupsOf } from "./groups.ts";
import { sayLines } from "./say-lines.ts";

// So that no line is too long for a message.
const NAMED_AT_ONCE = 100;

export const contacts: Command = {
  name: "contacts",
  aliases: ["search"],
  group: "Contacts",
  usage: "[filter]",
  help: "lists your contacts with their states, or those whose name, address, group or state has the filter in it",
  details: "The names of those with whom you have a chat are links to it.",
  example: "contacts online",
  needs: "login",
  run: async (request, args) => {
    const filter = unquoted(args).toLowerCase();
    const lines = request.logins.of(request.sender).flatMap((login) => linesOf(login, filter));
    await sayLines(request, lines);
    return undefined;
  },
};

/** A heading and the people under it, each with what the filter looks at and what is shown. */
interface Section {
  readonly heading: string;
  readonly people: ReadonlyArray<{ readonly searched: string; readonly shown: string }>;
}

function linesOf(login: Login, filter: string): string[] {
  const who = `${login.row.passport} on ${login.network.name}`;
  const { roster } = login.session;
  if (roster === undefined) return [`${who}: not signed in, so the contacts are not known. Say status.`];
  const all = [...roster.contacts.values()];
  const listed = all.filter(({ lists }) => lists.has("FL"));
  const sections = sectionsOf(login, roster, listed).map(({ heading, people }) => ({
    heading,
    people: people.filter(({ searched }) => `${heading}\n${searched}`.toLowerCase().includes(filter)),
  }));
  const found = new Set(sections.flatMap(({ people }) => people.map(({ shown }) => shown)));
  const whole = countOf(listed.length, "contact");
  const count = filter === "" ? whole : `${found.size} of ${whole}`;
  const lines = sections
    .filter(({ people }) => people.length > 0)
    .flatMap(({ heading, people }) => (heading === "" ? [] : [`${heading}:`]).concat(people.map(({ shown }) => shown)));
  return [`${who}: ${count}`, ...lines, ...(filter === "" ? othersOf(all) : [])];
}

// Those in several groups stand under each of them, as MSN shows them.
function sectionsOf(login: Login, roster: Roster, listed: readonly Contact[]): Section[] {
  const groups = groupsOf(login);
  const known = new Set(groups.map(({ id }) => id));
  const peopleOf = (those: readonly Contact[]): Section["people"] =>
    those.toSorted(byPresence).map((contact) => personOf(login, roster, contact));
  const rest = listed.filter((contact) => ![...contact.groups].some((id) => known.has(id)));
  return [
    ...groups.map(({ id, name }) => ({ heading: name, people: peopleOf(listed.filter((one) => one.groups.has(id))) })),
    { heading: groups.length === 0 ? "" : "Other contacts", people: peopleOf(rest) },
  ];
}

function personOf(login: Login, roster: Roster, contact: Contact): Section["people"][number] {
  const label = labelOf(contact.account, contact.name);
  const what = [STATUS_TEXTS[contact.status], ...marksOf(roster, contact)].join(", ");
  const roomId = login.portals.roomWith(contact.account);
  return { searched: `${label}: ${what}`, shown: `${roomId === null ? label : asLink(label, roomId)}: ${what}` };
}

function marksOf({ privacy }: Roster, { lists }: Contact): string[] {
  const isHidden = privacy === "BL" && !lists.has("AL") && !lists.has("BL");
  return [
    ...(lists.has("BL") ? ["blocked"] : []),
    ...(isHidden ? ["may not see you"] : []),
    ...(lists.has("RL") ? [] : ["has not added you"]),
  ];
}

/** People who are no contacts, but on one of the other lists. */
function othersOf(all: readonly Contact[]): string[] {
  const others = all.filter(({ lists }) => !lists.has("FL"));
  return [
    ...line(
      "Wait for your answer",
      others.filter(({ lists }) => lists.size === 1 && lists.has("RL")),
    ),
    ...line(
      "Allowed, but no contacts",
      others.filter(({ lists }) => lists.has("AL") && !lists.has("BL")),
    ),
    ...line(
      "Blocked, but no contacts",
      others.filter(({ lists }) => lists.has("BL")),
    ),
  ];
}

function line(heading: string, those: readonly Contact[]): string[] {
  const accounts = those.map(({ account }) => account);
  const count = Math.ceil(accounts.length / NAMED_AT_ONCE);
  return Array.from({ length: count }, (_, index) => {
    const some = accounts.slice(index * NAMED_AT_ONCE, (index + 1) * NAMED_AT_ONCE);
    return `${heading}: ${some.join(", ")}`;
  });
}

function byPresence(a: Contact, b: Contact): number {
  return Number(isOffline(a)) - Number(isOffline(b)) || a.name.localeCompare(b.name);
}

function isOffline({ status }: Contact): boolean {
  return status === "FLN" || status === "HDN";
}
