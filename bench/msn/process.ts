import { z } from "zod";
import type { ScriptedContact } from "../../test/support/sandbox/scripted-contact.ts";
import { TestSandbox } from "../../test/support/sandbox/test-sandbox.ts";
import { deed, serve, startOptions } from "../../test/support/serve.ts";
import { Tally } from "../stage/tally.ts";

// The sandbox as a process of its own, with as many contacts as a case asks for.

const account = z.object({ passport: z.string(), password: z.string() });
const { accounts } = startOptions(z.object({ accounts: z.array(account) }));
const sandbox = await TestSandbox.start({ accounts });
const tally = new Tally();

function passportOf(name: string): string {
  return `${name}@example.com`;
}

function contactOf(name: string): ScriptedContact {
  const contact = sandbox.contact(passportOf(name));
  contact.onText = ({ text }) => {
    tally.add(name, text);
    // What has been counted need not be kept.
    contact.received.length = 0;
  };
  return contact;
}

const speech = z.object({ to: z.string(), contacts: z.array(z.string()), texts: z.array(z.string()) });

/** Every contact says every text, the contacts in turn. */
async function speak({ to, contacts, texts }: z.output<typeof speech>): Promise<void> {
  const all = contacts.map(contactOf);
  const said = texts.flatMap((text) => all.map(async (contact) => contact.say(passportOf(to), text)));
  await Promise.all(said);
}

serve({
  server: deed(z.null(), () => ({ host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl })),
  befriend: deed(z.object({ owner: z.string(), contacts: z.array(z.string()) }), ({ owner, contacts }) => {
    for (const name of contacts) {
      contactOf(name);
      sandbox.befriend(passportOf(owner), passportOf(name), true);
    }
  }),
  speak: deed(speech, async (args) => speak(args)),
  until: deed(z.int(), async (count) => tally.until(count)),
  take: deed(z.null(), () => tally.take()),
});
