import type { Login } from "../bridge/login.ts";
import { plainName } from "../bridge/to-matrix.ts";
import { STATUS_TEXTS, type Contact } from "../msn/index.ts";
import type { Command } from "./command.ts";

// An event may have 64 KiB (Matrix spec, "Size limits"); nobody reads that much at once.
const LINES_AT_ONCE = 100;

export const contacts: Command = {
  name: "contacts",
  usage: "[filter]",
  help: "lists your contacts with their states, or those whose name, address or state has the filter in it",
  needs: "login",
  run: async (request, args) => {
    const filter = args.trim().toLowerCase();
    const lines = request.logins.of(request.sender).flatMap((login) => linesOf(login, filter));
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      await request.say(lines.slice(at, at + LINES_AT_ONCE).join("\n"));
    }
    return undefined;
  },
};

function linesOf({ row, network, session }: Login, filter: string): string[] {
  const who = `${row.passport} on ${network.name}`;
  if (session.state.type !== "connected") return [`${who}: not signed in, so the contacts are not known. Say status.`];
  const listed = [...session.contacts.values()].filter(({ lists }) => lists.has("FL"));
  const lines = listed.toSorted(byPresence).map(lineOf);
  const wanted = lines.filter((line) => line.toLowerCase().includes(filter));
  const count = filter === "" ? `${listed.length} contacts` : `${wanted.length} of ${listed.length} contacts`;
  return [`${who}: ${count}`, ...wanted];
}

function lineOf(contact: Contact): string {
  const name = plainName(contact.name);
  const who = name === "" || name === contact.account ? contact.account : `${name} (${contact.account})`;
  return `${who}: ${STATUS_TEXTS[contact.status]}`;
}

function byPresence(a: Contact, b: Contact): number {
  return Number(isOffline(a)) - Number(isOffline(b)) || a.name.localeCompare(b.name);
}

function isOffline({ status }: Contact): boolean {
  return status === "FLN" || status === "HDN";
}
