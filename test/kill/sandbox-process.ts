import { z } from "zod";
import { takePort } from "../../src/demo/port.ts";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import type { Received } from "./facts.ts";
import { deed, serve, startOptions, tell } from "../support/serve.ts";
import { WatchedSockets } from "./sockets.ts";

// The sandbox as a process of its own, which outlives the bridge.

const account = z.object({ passport: z.string(), password: z.string() });
const { accounts } = startOptions(z.object({ accounts: z.array(account) }));

const switchboard = await takePort();
const sockets = new WatchedSockets(switchboard);
const sandbox = await TestSandbox.start({ accounts, ports: { switchboard } });
const received: Received[] = [];

function contactOf(name: string): ScriptedContact {
  const contact = sandbox.contact(`${name}@example.com`);
  contact.onText = ({ text }) => {
    received.push({ by: name, text });
    tell({ event: "received", by: name, text });
  };
  return contact;
}

serve({
  server: deed(z.null(), () => ({ host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl })),
  contact: deed(z.string(), (name) => void contactOf(name)),
  say: deed(z.tuple([z.string(), z.string(), z.string()]), async ([name, passport, text]) =>
    contactOf(name).say(passport, text),
  ),
  stall: deed(z.boolean(), (isStalled) => sandbox.stall("acknowledgements", isStalled)),
  note: deed(z.int(), (kill) => sockets.note(kill)),
  written: deed(z.null(), () => sockets.list()),
  received: deed(z.null(), () => received),
});
