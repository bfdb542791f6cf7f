// Signs in to MSN and answers every text with the same text. To run it, give where the network is and who you are,
// as options or in the environment (passwords belong there, since everybody on a machine can see its command lines):
//
//     MSN_PASSWORD=secret node examples/echo-bot.ts --host msn.example.net --port 1863 \
//       --nexus https://msn.example.net/nexus-mock --account mia@example.com

import { parseArgs } from "node:util";
// In a project of your own: from "msnp-client" (`npm run pack:msn`).
import { MsnClient, textContents, type MsnEvent } from "../src/msn/index.ts";

const string = { type: "string" } as const;
const { values } = parseArgs({
  options: { host: string, port: string, nexus: string, account: string, password: string },
});

function setting(name: keyof typeof values): string {
  const value = values[name] ?? process.env[`MSN_${name.toUpperCase()}`];
  if (value) return value;
  console.error(`Say which ${name} to use, with --${name} or in MSN_${name.toUpperCase()}.`);
  process.exit(2);
}

const client = new MsnClient({
  server: { host: setting("host"), port: Number(setting("port")), nexusUrl: setting("nexus") },
  account: setting("account"),
  password: setting("password"),
});

async function echo(event: Extract<MsnEvent, { type: "content" }>): Promise<void> {
  // A content may also be somebody typing, a nudge, a file that is offered.
  if (event.content.type !== "text") return;
  const chat = event.group === undefined ? client.conversation(event.account) : client.group(event.group);
  // A text that is too long for one message goes out in several.
  for (const part of textContents(event.content.text)) {
    const delivery = await chat?.send(part);
    console.log(`echo to ${event.account}: ${delivery?.state ?? "nobody is there"}`);
  }
}

client.on("event", (event) => {
  if (event.type === "presence") console.log(`${event.name} <${event.account}> is ${event.status}`);
  if (event.type === "content") void echo(event);
  if (event.type === "closed") console.error(`The session has ended: ${event.error.message}`);
});

process.once("SIGINT", () => void client.disconnect());

try {
  await client.connect();
  console.log(`Signed in as ${client.account}; Ctrl-C signs out.`);
} catch (error) {
  console.error(`Signing in failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
