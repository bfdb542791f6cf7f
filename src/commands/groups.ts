import type { Login } from "../bridge/login/login.ts";
import { labelOf } from "../convert/names.ts";
import { plainName } from "../convert/to-matrix.ts";
import { countOf } from "../util/count.ts";
import { readPassport, splitWord, takeLogin, unquoted } from "./arguments.ts";
import { UserError, type BotRequest, type Command, type Question } from "./command.ts";
import { confirm } from "./confirm.ts";
import { changeLists, contactOf, rosterOf } from "./list-change.ts";

/** A group of contacts. */
export interface ContactGroup {
  readonly id: string;
  readonly name: string;
}

// docs/msnp.md 3.3: where servers list it, it stands for those who are in no group.
const NO_GROUP = "0";

const USAGE = "list | add <name> | rename <group> to <name> | remove <group> | move <e-mail> <group>";

export const group: Command = {
  name: "group",
  aliases: ["groups"],
  group: "Contacts",
  usage: `${USAGE} [your login]`,
  help: "shows and changes the groups of your contacts",
  example: "group move nils@example.com Friends",
  needs: "login",
  run: async (request, args) => {
    const [word, rest] = splitWord(args);
    const action = ACTIONS.get(word.toLowerCase() === "" ? "list" : word.toLowerCase());
    if (action === undefined) throw new UserError(`Say group ${USAGE}.`);
    return action(request, rest);
  },
};

type Action = (request: BotRequest, args: string) => Promise<Question | undefined>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["list", listGroups],
  ["add", addGroup],
  ["rename", renameGroup],
  ["remove", removeGroup],
  ["move", moveContact],
]);

/** The groups of a login that have a name, in the order of their names. */
export function groupsOf(login: Login): ContactGroup[] {
  const all = [...rosterOf(login).groups].map(([id, name]) => ({ id, name: plainName(name) }));
  return all.filter(({ id }) => id !== NO_GROUP).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** @throws UserError when there is none of this name */
export function findGroup(login: Login, name: string): ContactGroup {
  const found = groupNamed(login, name);
  if (found !== undefined) return found;
  const groups = groupsOf(login);
  const names = groups.length === 0 ? "You have none yet" : `Yours: ${groups.map((one) => one.name).join(", ")}`;
  throw new UserError(`You have no group ${plainName(unquoted(name))}. ${names}. Say group add <name> to make one.`);
}

function groupNamed(login: Login, name: string): ContactGroup | undefined {
  const groups = groupsOf(login);
  // A name may have quotes in it.
  const wanted = [name.trim(), unquoted(name)].map((one) => one.toLowerCase());
  return wanted.flatMap((one) => groups.find(({ name: known }) => known.toLowerCase() === one) ?? []).at(0);
}

async function listGroups(request: BotRequest, args: string): Promise<Question | undefined> {
  const { login } = takeLogin(request, args, 0);
  const groups = groupsOf(login);
  const contacts = [...rosterOf(login).contacts.values()].filter(({ lists }) => lists.has("FL"));
  const lines = groups.map(({ id, name }) => {
    const count = contacts.filter((contact) => contact.groups.has(id)).length;
    return `${name}: ${countOf(count, "contact")}`;
  });
  await request.say(lines.length === 0 ? "You have no groups. Say group add <name> to make one." : lines.join("\n"));
  return undefined;
}

async function addGroup(request: BotRequest, args: string): Promise<Question | undefined> {
  const { login, rest } = takeLogin(request, args, 1);
  const name = newName(rest);
  await changeLists(login, name, (lists) => lists.addGroup(name));
  await request.say(`You have a group ${name} now. Say group move <e-mail> ${name} to put somebody into it.`);
  return undefined;
}

async function renameGroup(request: BotRequest, args: string): Promise<Question | undefined> {
  const { login, rest } = takeLogin(request, args, 1);
  // Names may have the word in them as well.
  const readings = [...rest.matchAll(/\s+to\s+/giu)].map(
    ({ index, 0: between }) => [rest.slice(0, index), rest.slice(index + between.length)] as const,
  );
  const whole = readings.filter(([before]) => isWhole(before));
  const [from, to] = whole.find(([before]) => groupNamed(login, before) !== undefined) ?? whole[0] ?? [];
  if (from === undefined || to === undefined) throw new UserError("Say group rename <group> to <new name>.");
  const old = findGroup(login, from);
  const name = newName(to);
  await changeLists(login, name, (lists) => lists.renameGroup(old.id, name));
  await request.say(`The group ${old.name} is called ${name} now.`);
  return undefined;
}

// Where a name is quoted, that says where it ends.
function isWhole(name: string): boolean {
  return !/^["“”„«]/u.test(name) || unquoted(name) === name.slice(1, -1).trim();
}

async function removeGroup(request: BotRequest, args: string): Promise<Question | undefined> {
  const { login, rest } = takeLogin(request, args, 1);
  const { id, name } = findGroup(login, rest);
  const removing = async ({ say }: BotRequest): Promise<void> => {
    await changeLists(login, name, (lists) => lists.removeGroup(id));
    await say(`The group ${name} is removed.`);
  };
  const members = onlyIn(login, id);
  if (members.length > 0) {
    return confirm(
      `${members.slice(0, 10).join(", ")}${members.length > 10 ? " and others" : ""}: in no other group than ${name}, ` +
        "and some servers remove contacts together with their only group.",
      removing,
    );
  }
  await removing(request);
  return undefined;
}

async function moveContact(request: BotRequest, args: string): Promise<Question | undefined> {
  const [word, more] = splitWord(args);
  const { login, rest } = takeLogin(request, more, 1);
  if (word === "" || rest === "") throw new UserError("Say group move <e-mail> <group>.");
  const address = readPassport(word);
  const contact = contactOf(login, address);
  if (contact?.lists.has("FL") !== true) throw new UserError(`${address} is not one of your contacts. Say add first.`);
  const to = findGroup(login, rest);
  const from = [...contact.groups].filter((id) => id !== to.id);
  if (contact.groups.has(to.id) && from.length === 0) throw new UserError(`She is in the group ${to.name} already.`);
  await changeLists(login, address, async (lists) => {
    if (from.length === 0) await lists.move(address, undefined, to.id);
    for (const id of from) await lists.move(address, id, to.id);
  });
  await request.say(`${labelOf(address, contact.name)} is in the group ${to.name} now.`);
  return undefined;
}

// docs/msnp.md 3.4: official servers remove these together with the group.
function onlyIn(login: Login, id: string): string[] {
  const contacts = [...rosterOf(login).contacts.values()];
  return contacts.filter(({ groups }) => groups.has(id) && groups.size === 1).map(({ account }) => account);
}

function newName(text: string): string {
  const name = plainName(unquoted(text));
  if (name === "") throw new UserError("A group needs a name.");
  return name;
}
