import { join } from "node:path";
import { z } from "zod";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { LoginTable } from "../../src/store/logins.ts";
import { PortalTable } from "../../src/store/portals.ts";
import type { Seal } from "../../src/store/seal.ts";
import { unlock } from "../../src/store/unlock.ts";
import { Calendar } from "../../src/util/calendar.ts";
import { systemClock } from "../../src/util/clock.ts";
import { settle } from "./settle.ts";
import { PASSWORD, type Stage } from "./stage.ts";
import { everywhere, mustBeWhole, received } from "./tally.ts";

// Many logins are made from one that is real: it signs in through the bot, its contacts write, its rooms are made. What is
// on disk of it is then copied under other names, and so are its rooms on the homeserver.

/** Stands for the first person in all names; the others have their own number in it. */
const TEMPLATE = "p0p";

const CALLS_AT_ONCE = 10;

export interface Crowd {
  readonly logins: number;
  /** Of each login. */
  readonly contacts: number;
  /** Of these have a room. */
  readonly rooms: number;
  /** Of those without a room are online. */
  readonly online: number;
}

export function personOf(at: number): string {
  return `p${at}p`;
}

export function contactsOf(at: number, { contacts }: Pick<Crowd, "contacts">): string[] {
  return Array.from({ length: contacts }, (_, number) => `${personOf(at)}c${number}`);
}

/** Makes the first login of a crowd, with its rooms. @returns the rooms, in the order of the contacts */
export async function plantTemplate(stage: Stage, crowd: Crowd): Promise<string[]> {
  const { homeserver, msn } = stage;
  const contacts = contactsOf(0, crowd).slice(0, crowd.rooms);
  await msn.order("people", peopleOf(0, crowd));
  const bridge = await stage.startBridge();
  await homeserver.order("sign in", [TEMPLATE, `${TEMPLATE}@example.com`, PASSWORD]);
  // A few at a time: who calls waits a few seconds only.
  for (let at = 0; at < contacts.length; at += CALLS_AT_ONCE) {
    await msn.order("speak", { to: TEMPLATE, contacts: contacts.slice(at, at + CALLS_AT_ONCE), texts: ["0 hello"] });
  }
  await homeserver.order("until", contacts.length);
  const portals = await stage.portals(TEMPLATE);
  const rooms = contacts.map((contact) => portals.get(contact) ?? "");
  mustBeWhole(await homeserver.ask(received, "take"), everywhere(rooms, 0, 1));
  await msn.order("sign out", contacts);
  await settle(bridge.pid);
  await bridge.stop();
  return rooms;
}

/** Copies the first login as those with the numbers from `from` up to that of the crowd. The bridge must not run. */
export async function plantCopies(stage: Stage, crowd: Crowd, from = 1): Promise<void> {
  const numbers = Array.from({ length: crowd.logins - from }, (_, at) => from + at);
  const path = join(stage.folder, "msn.db");
  const database = openDatabase(path);
  try {
    const seal = unlock(database, `${path}.key`);
    database.transaction(() => {
      for (const number of numbers) copyLogin(database, seal, personOf(number));
    });
  } finally {
    database.close();
  }
  await stage.homeserver.order("copy rooms", { from: TEMPLATE, to: numbers.map(personOf) });
  for (const number of numbers) await stage.msn.order("people", peopleOf(number, crowd));
}

function peopleOf(at: number, crowd: Crowd): object {
  const contacts = contactsOf(at, crowd);
  const online = contacts.slice(crowd.rooms, crowd.rooms + crowd.online);
  return { owner: personOf(at), password: PASSWORD, contacts, online };
}

const columns = z.array(z.object({ name: z.string(), type: z.string() }));
const ROOM_COLUMNS: ReadonlySet<string> = new Set(["room_id"]);

function copyLogin(database: Database, seal: Seal, person: string): void {
  for (const table of ["ghost", "login", "portal", "management_room", "said"]) copyRows(database, table, person);
  // What is sealed opens only in its own row.
  const [logins, portals] = [
    new LoginTable(database, seal),
    new PortalTable(database, seal, new Calendar(systemClock)),
  ];
  const [template] = logins.listByOwner(`@${TEMPLATE}:localhost`);
  const [login] = logins.listByOwner(`@${person}:localhost`);
  if (template === undefined || login === undefined) throw new Error("there is no login to be copied");
  logins.setCredentials(login.id, login.passport, PASSWORD);
  const renamed = (text: string): string => text.replaceAll(TEMPLATE, person);
  for (const { id, kind, remote } of portals.listByLogin(template.id)) {
    const copy = portals.find(login.id, kind, renamed(remote));
    const told = Object.entries(portals.told(id)).map(([key, content]) => [renamed(key), renamed(content)] as const);
    if (copy !== undefined) portals.setTold(copy.id, Object.fromEntries(told));
  }
}

/** The rows of the template, with its name replaced wherever it stands; keys that are numbers are made anew. */
function copyRows(database: Database, table: string, person: string): void {
  const all = columns.parse(database.pragma(`table_info(${table})`)).filter(({ name }) => name !== "id");
  const value = ({ name, type }: { name: string; type: string }): string => {
    if (ROOM_COLUMNS.has(name)) return `replace(${name}, ':', '.${person}:')`;
    if (name === "login_id") return `(SELECT id FROM login WHERE owner = '@${person}:localhost')`;
    if (type === "BLOB") return "NULL";
    return type === "TEXT" ? `replace(${name}, '${TEMPLATE}', '${person}')` : name;
  };
  const names = all.map(({ name }) => name).join(", ");
  database.exec(
    `INSERT INTO ${table} (${names}) SELECT ${all.map(value).join(", ")} FROM ${table} WHERE ${OWN[table] ?? "1"}`,
  );
}

/** Which rows are the template's. */
const OWN: Readonly<Record<string, string>> = {
  ghost: `passport LIKE '${TEMPLATE}%'`,
  login: `owner = '@${TEMPLATE}:localhost'`,
  portal: `login_id = (SELECT id FROM login WHERE owner = '@${TEMPLATE}:localhost')`,
  management_room: `owner = '@${TEMPLATE}:localhost'`,
  said: "room_id NOT LIKE '%.p%p:%'",
};
