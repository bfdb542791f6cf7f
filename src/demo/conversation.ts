import type { SandboxContact } from "../sandbox/contact/sandbox-contact.ts";
import type { Sandbox, SandboxAccount } from "../sandbox/sandbox.ts";
import { sleep, systemClock } from "../util/clock.ts";
import type { DemoUser } from "./demo-user.ts";
import type { Screen } from "./screen.ts";

/** All that plays a part. */
export interface Stage {
  readonly screen: Screen;
  readonly sandbox: Sandbox;
  readonly user: DemoUser;
  readonly domain: string;
  readonly account: SandboxAccount;
  /** Aborted when the user has seen enough. */
  readonly signal: AbortSignal;
}

const PATIENCE_MS = 20_000;

/**
 * One evening on MSN: the user logs in through the bot, a contact writes first, they talk; another one answers
 * everything with the same words; a third is offline.
 * @returns what did not arrive, in words
 */
export async function converse(stage: Stage): Promise<string[]> {
  const { screen, sandbox, user, domain, account, signal } = stage;
  const missing: string[] = [];
  const arrives = async (what: string, check: () => boolean): Promise<void> => {
    if (!(await comesTrue(check, signal))) missing.push(what);
  };
  const ghost = (passport: string): string => `@msn_sandbox_${passport.replace("@", "=40")}:${domain}`;
  const sees = (sender: string, words: string): boolean =>
    user.seen.some((message) => message.sender === sender && message.body.includes(words));

  const nils = sandbox.contact("nils@example.com", "Nils");
  const olga = sandbox.contact("olga@example.com", "Olga");
  const pete = sandbox.contact("pete@example.com", "Pete");
  olga.echo = true;
  for (const contact of [nils, olga, pete]) sandbox.befriend(account.passport, contact.passport, true);
  pete.signOut();
  for (const contact of [nils, olga]) contact.onText = ({ text }) => screen.onMsn(contact.name, text);
  screen.cast({
    [user.userId]: "Mia",
    [`@msnbot:${domain}`]: "bot",
    ...Object.fromEntries([nils, olga, pete].map(({ passport, name }) => [ghost(passport), name])),
  });

  screen.scene("Mia starts a chat with the bot and logs in to MSN");
  const bot = `@msnbot:${domain}`;
  const management = await user.chatWith(bot);
  await arrives("the bot's greeting", () => sees(bot, "I connect you to MSN"));
  await user.say(management, `login ${account.passport} ${account.password}`);
  await arrives("the login", () => sees(bot, "You are signed in"));

  screen.scene("Nils writes first, from his MSN Messenger");
  await nils.say(account.passport, "Hey Mia, long time no see!");
  await arrives("the words of Nils", () => sees(ghost(nils.passport), "long time"));
  const room = user.seen.find(({ sender }) => sender === ghost(nils.passport))?.roomId;
  if (room !== undefined) await user.say(room, "Nils! I write from Matrix, grüß dich 🙂");
  // MSN has a code for it.
  await arrives("the answer to Nils", () => nils.received.some(({ text }) => text.includes("grüß dich :-)")));

  screen.scene("Mia writes to Olga, whose messenger answers with the same words");
  await write(stage, management, olga, "Hello Olga");
  await arrives("the words to Olga", () => olga.received.some(({ text }) => text === "Hello Olga"));
  await arrives("the echo of Olga", () => sees(ghost(olga.passport), "Hello Olga"));

  screen.scene("Mia writes to Pete, who is offline, and is told so");
  await write(stage, management, pete, "Pete, are you there?");
  await arrives("the notice that Pete is offline", () => sees(ghost(pete.passport), "was not delivered"));
  return missing;
}

// Has the bot open the room with a contact, and writes once the user is in it: they accept every invitation.
async function write(
  { user, signal }: Stage,
  management: string,
  contact: SandboxContact,
  text: string,
): Promise<void> {
  await user.say(management, `start-chat ${contact.passport}`);
  const answer = `your chat with ${contact.passport}: https://matrix.to/#/`;
  await comesTrue(async () => {
    const link = user.seen
      .find(({ body }) => body.includes(answer))
      ?.body.split("#/")
      .at(-1);
    return link !== undefined && (await user.trySay(decodeURIComponent(link), text));
  }, signal);
}

async function comesTrue(check: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const end = systemClock.now() + PATIENCE_MS;
  while (systemClock.now() < end) {
    if (await check()) return true;
    await sleep(systemClock, 50, signal);
    signal.throwIfAborted();
  }
  return false;
}
