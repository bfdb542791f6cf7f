import { z } from "zod";
import type { ScriptedContact } from "../../test/support/sandbox/scripted-contact.ts";
import { TestSandbox } from "../../test/support/sandbox/test-sandbox.ts";
import { deed, serve } from "../../test/support/serve.ts";
import { Drip } from "./drip.ts";
import { receiveFile } from "./file-receiver.ts";
import { sharedNow, sleep } from "../stage/clock.ts";
import { patternAt } from "../stage/pattern.ts";
import { Tally } from "../stage/tally.ts";

// The sandbox as a process of its own, with as many contacts as a case asks for.

const sandbox = await TestSandbox.start();
const known = new Set<string>();
const owners: string[] = [];
const tally = new Tally();

function passportOf(name: string): string {
  return `${name}@example.com`;
}

function contactOf(name: string): ScriptedContact {
  const contact = sandbox.contact(passportOf(name));
  if (sandbox.shown(contact.passport).status === "FLN") contact.signIn();
  contact.onText = ({ text }) => {
    tally.add(name, text);
    // What has been counted need not be kept.
    contact.received.length = 0;
  };
  return contact;
}

// Each stranger does everything so often.
const PESTER_MS = 1000;

const people = z.object({
  owner: z.string(),
  password: z.string(),
  contacts: z.array(z.string()),
  online: z.array(z.string()),
});

/** An account with its contacts. */
function add({ owner, password, contacts, online }: z.output<typeof people>): void {
  owners.push(owner);
  sandbox.addAccount({ passport: passportOf(owner), password });
  for (const name of contacts) {
    if (!known.has(name)) sandbox.addAccount({ passport: passportOf(name), password });
    known.add(name);
    sandbox.befriend(passportOf(owner), passportOf(name), true);
  }
  for (const name of online) contactOf(name);
}

const speech = z.object({ to: z.string(), contacts: z.array(z.string()), texts: z.array(z.string()) });

/** Every contact says every text, the contacts in turn. */
async function speak({ to, contacts, texts }: z.output<typeof speech>): Promise<void> {
  const all = contacts.map(contactOf);
  const said = texts.flatMap((text) => all.map(async (contact) => contact.say(passportOf(to), text)));
  await Promise.all(said);
}

const dripping = speech.extend({ window: z.int() });
const drip = await Drip.open();
const slow = speech.extend({ everyMs: z.number() });

/** Each text is said by the next contact, one after the other at a pace. @returns when each was said */
async function pace({ to, contacts, texts, everyMs }: z.output<typeof slow>): Promise<number[]> {
  const start = sharedNow();
  const said: number[] = [];
  for (const [at, text] of texts.entries()) {
    await sleep(start + at * everyMs - sharedNow());
    said.push(sharedNow());
    await contactOf(contacts[at % contacts.length] ?? "").say(passportOf(to), text);
  }
  return said;
}

const pestering = z.object({ to: z.string(), contacts: z.array(z.string()), until: z.number() });

/** Does all that people who are not known can do, again and again, until then. @returns how often something was done */
async function pester({ to, contacts, until }: z.output<typeof pestering>): Promise<number> {
  let deeds = 0;
  const one = async (name: string, at: number): Promise<void> => {
    const [contact, other] = [contactOf(name), contacts[(at + 1) % contacts.length] ?? name];
    for (let round = 0; sharedNow() < until; round += 1) {
      contact.rename(`${name} ${round}`);
      const file = { name: "file.bin", size: 1000, content: patternAt };
      // What the bridge does not take is what it has limits for.
      void contact.offerFile(passportOf(to), file).catch(() => undefined);
      await Promise.allSettled([
        contact.say(passportOf(to), `${round} hello`),
        contact.gather(passportOf(to), passportOf(other)).then(() => contact.sayToAll("hello all")),
      ]);
      deeds += 4;
      await sleep(PESTER_MS);
    }
  };
  await Promise.all(contacts.map(one));
  return deeds;
}

serve({
  server: deed(z.null(), () => ({ host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl })),
  people: deed(people, add),
  "sign in": deed(z.array(z.string()), (names) => {
    for (const name of names) contactOf(name);
  }),
  "set status": deed(z.object({ contacts: z.array(z.string()), status: z.string() }), ({ contacts, status }) => {
    for (const name of contacts) sandbox.contact(passportOf(name)).setStatus(status);
  }),
  "sign out": deed(z.array(z.string()), (names) => {
    for (const name of names) sandbox.contact(passportOf(name)).signOut();
  }),
  /** How many of the accounts with contacts are online. */
  online: deed(z.null(), () => owners.filter((name) => sandbox.shown(passportOf(name)).status !== "FLN").length),
  speak: deed(speech, async (args) => speak(args)),
  "drip port": deed(z.null(), () => drip.port),
  drip: deed(dripping, async ({ to, ...rest }) =>
    drip.run({ ...rest, say: async (contact, text) => contactOf(contact).say(passportOf(to), text) }),
  ),
  pace: deed(slow, async (args) => pace(args)),
  pester: deed(pestering, async (args) => pester(args)),
  "send file": deed(z.object({ contact: z.string(), to: z.string(), size: z.int() }), async ({ contact, to, size }) => {
    const { type } = await contactOf(contact).offerFile(passportOf(to), { name: "file.bin", size, content: patternAt });
    if (type !== "sent") throw new Error(`the file is ${type}`);
  }),
  "receive file": deed(z.object({ contact: z.string(), from: z.string() }), async ({ contact, from }) =>
    receiveFile(contactOf(contact), passportOf(from)),
  ),
  until: deed(z.int(), async (count) => tally.until(count)),
  take: deed(z.null(), () => tally.take()),
});
