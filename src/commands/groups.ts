import {
  addGroup,
  groupToRemove,
  hasGroup,
  listGroups,
  moveContact,
  removeGroup,
  renameGroup,
} from "../bridge/actions/groups.ts";
import { nameReadings, readPassport, splitWord, takeLogin, unquoted } from "./arguments.ts";
import type { BotCommand } from "./command.ts";
import { confirm } from "./confirm.ts";
import { UserError } from "./errors.ts";
import { sayFailure } from "./say/failures.ts";
import { askToRemove, sayGroup, sayGroups } from "./say/groups.ts";

const USAGE = "list | add <name> | rename <group> to <name> | remove <group> | move <e-mail> <group>";

type Run = BotCommand["run"];

const list: Run = (context, args) => {
  const { login } = takeLogin(context, args, 0);
  const groups = listGroups(login);
  return "type" in groups ? sayFailure(groups) : sayGroups(groups);
};

const add: Run = async (context, args) => {
  const { login, rest } = takeLogin(context, args, 1);
  return sayGroup(await addGroup(login, unquoted(rest)));
};

const rename: Run = async (context, args) => {
  const { login, rest } = takeLogin(context, args, 1);
  // Names may have the word in them as well.
  const readings = [...rest.matchAll(/\s+to\s+/giu)].map(
    ({ index, 0: between }) => [rest.slice(0, index), rest.slice(index + between.length)] as const,
  );
  const whole = readings.filter(([before]) => isWhole(before));
  const [from, to] = whole.find(([before]) => hasGroup(login, nameReadings(before))) ?? whole[0] ?? [];
  if (from === undefined || to === undefined) throw new UserError("Say group rename <group> to <new name>.");
  return sayGroup(await renameGroup(login, nameReadings(from), unquoted(to)));
};

// Where a name is quoted, that says where it ends.
function isWhole(name: string): boolean {
  return !/^["“”„«]/u.test(name) || unquoted(name) === name.slice(1, -1).trim();
}

const remove: Run = (context, args) => {
  const { login, rest } = takeLogin(context, args, 1);
  const found = groupToRemove(login, nameReadings(rest));
  if ("type" in found) return sayFailure(found);
  const { group, onlyHere } = found;
  const work = async (): Promise<string> => sayGroup(await removeGroup(login, group));
  return onlyHere.length === 0 ? work() : confirm(askToRemove(group.name, onlyHere), work);
};

const move: Run = async (context, args) => {
  const [word, more] = splitWord(args);
  const { login, rest } = takeLogin(context, more, 1);
  if (word === "" || rest === "") throw new UserError("Say group move <e-mail> <group>.");
  return sayGroup(await moveContact(login, readPassport(word), nameReadings(rest)));
};

const ACTIONS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ["list", list],
  ["add", add],
  ["rename", rename],
  ["remove", remove],
  ["move", move],
]);

export const groupCommand: BotCommand = {
  name: "group",
  aliases: ["groups"],
  group: "Contacts",
  usage: `${USAGE} [your login]`,
  help: "shows and changes the groups of your contacts",
  example: "group move nils@example.com Friends",
  run: async (context, args) => {
    const [word, rest] = splitWord(args);
    const action = ACTIONS.get(word.toLowerCase() === "" ? "list" : word.toLowerCase());
    if (action === undefined) throw new UserError(`Say group ${USAGE}.`);
    return action(context, rest);
  },
};
