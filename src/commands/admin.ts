import type { Login } from "../bridge/login/login.ts";
import { time } from "../bridge/words/time.ts";
import { countOf } from "../util/count.ts";
import { settleAll } from "../util/settle-all.ts";
import { fullName, loginsNamed, splitWord, unquoted } from "./arguments.ts";
import { FinalError, UserError, type BotRequest, type Command, type Question } from "./command.ts";
import { confirm } from "./confirm.ts";
import { sayLines } from "./say-lines.ts";
import { age, stateOf } from "./status.ts";

const USAGE =
  "users | logins | stats | kick <@user:server> | disconnect <login> | reconnect <login> | broadcast <text>";

export const admin: Command = {
  name: "admin",
  group: "Admin",
  usage: USAGE,
  help: "shows who uses the bridge and how it is, ends logins, and tells everybody something",
  details:
    "kick signs a person out and forgets her passwords; her rooms stay. disconnect only ends the session, until " +
    "reconnect or the next start of the bridge. broadcast reaches everybody who is kept signed in; it asks first.",
  example: "admin stats",
  needs: "admin",
  run: async (request, args) => {
    const [word, rest] = splitWord(args);
    const action = ACTIONS.get(word.toLowerCase());
    if (action === undefined) throw new UserError(`Say admin ${USAGE}.`);
    return action(request, word.toLowerCase() === "broadcast" ? rest.trim() : unquoted(rest));
  },
};

type Action = (request: BotRequest, args: string) => Promise<Question | undefined>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["users", listUsers],
  ["logins", listLogins],
  ["stats", showStats],
  ["kick", kick],
  ["disconnect", disconnect],
  ["reconnect", reconnect],
  ["broadcast", broadcast],
]);

async function listUsers(request: BotRequest): Promise<undefined> {
  const { stats, logins } = request;
  const lines = stats.people().map((who) => {
    const names = logins.of(who).map(fullName);
    return `${who} (${stats.levelOf(who)}): ${names.length === 0 ? "no logins" : names.join(", ")}`;
  });
  await sayLines(request, lines.length === 0 ? ["Nobody has talked to me so far."] : lines);
  return undefined;
}

async function listLogins(request: BotRequest): Promise<undefined> {
  const lines = request.stats.logins.map((login) => `${login.row.owner}: ${stateOf(login)}.`);
  await sayLines(request, lines.length === 0 ? ["There are no logins."] : lines);
  return undefined;
}

async function showStats(request: BotRequest): Promise<undefined> {
  const stats = request.stats.stats();
  const states = [...stats.logins].map(([state, count]) => `${count} ${state}`);
  const { toMsn, toMatrix } = stats.waiting;
  const oldest = stats.oldest === undefined ? "" : `; the oldest has waited for ${age(request.now - stats.oldest)}`;
  await sayLines(request, [
    `Running since ${time(stats.startedAt)}, with ${Math.round(stats.memory / 2 ** 20)} MiB of memory`,
    `Logins: ${states.length === 0 ? "none" : states.join(", ")}`,
    `Chats: ${stats.portals}, of which ${countOf(stats.portalsWithRoom, "has", "have")} a room`,
    `Messages on their way: ${toMsn} to MSN, ${toMatrix} to Matrix${oldest}`,
    `What I have to say and have not said yet: ${stats.notices}`,
  ]);
  return undefined;
}

async function kick(request: BotRequest, who: string): Promise<undefined> {
  const { logins, stats, sender, say } = request;
  const kept = logins.of(who).filter((login) => logins.isKept(login));
  if (kept.length === 0) throw new UserError(`${who === "" ? "Nobody" : who} is not signed in. Say admin logins.`);
  request.commit();
  // One that cannot be signed out keeps no other signed in.
  await settleAll(kept.map((login) => logins.signOut(login, "keep")));
  const names = kept.map(fullName).join(", ");
  stats.tell(who, `Somebody who looks after this bridge has signed you out of MSN: ${names}. Your rooms stay.`);
  stats.log.info({ by: sender, who }, "an admin has signed somebody out");
  await say(`${who} is signed out of ${names}, and was told.`);
  return undefined;
}

async function disconnect(request: BotRequest, name: string): Promise<undefined> {
  const { stats, sender, say } = request;
  const login = findLogin(request, name);
  request.commit();
  await login.session.stop();
  const sentence = `Somebody who looks after this bridge has disconnected ${login.row.passport} from MSN.`;
  stats.tell(login.row.owner, `${sentence} Say reconnect to sign in again.`);
  stats.log.info({ by: sender, login: login.row.id }, "an admin has disconnected a login");
  await say(`${fullName(login)} of ${login.row.owner} is disconnected, and she was told.`);
  return undefined;
}

async function reconnect(request: BotRequest, name: string): Promise<undefined> {
  const login = findLogin(request, name);
  if (!request.logins.reconnect(login)) throw new UserError(`${login.row.owner} may not use this bridge any more.`);
  await request.say(
    `${fullName(login)} of ${login.row.owner} is being signed in. Say admin logins to see how it went.`,
  );
  return undefined;
}

function broadcast(request: BotRequest, text: string): Promise<Question> {
  if (text === "") throw new UserError("Say admin broadcast <text>.");
  const count = request.stats.signedIn().length;
  if (count === 0) throw new FinalError("Nobody is signed in, so there is nobody to tell it to.");
  const prompt = `${countOf(count, "person", "people")} will read from me: “${text}”.`;
  const question = confirm(prompt, async ({ stats, sender, say }) => {
    const people = stats.signedIn();
    stats.broadcast(people, `From those who look after this bridge: ${text}`);
    stats.log.info({ by: sender, count: people.length }, "an admin has told everybody something");
    await say(`I tell it to ${countOf(people.length, "person", "people")}.`);
  });
  return Promise.resolve(question);
}

function findLogin({ stats, logins }: BotRequest, name: string): Login {
  const kept = stats.logins.filter((login) => logins.isKept(login));
  const [found, another] = loginsNamed(kept, name);
  if (found === undefined) throw new UserError(`There is no login ${name}. Say admin logins to see all.`);
  if (another !== undefined) {
    throw new UserError(`There are several: ${[found, another].map(fullName).join(", ")}. Name one in full.`);
  }
  return found;
}
