import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../src/config.ts";
import { takePort } from "../../src/demo/port.ts";
import { generateRegistration, writeRegistration } from "../../src/registration.ts";
import { openDatabase } from "../../src/store/database.ts";
import { Bridge } from "./bridge.ts";
import { Child } from "./child.ts";
import { portalRoom, received, written, type Facts, type Sent } from "./facts.ts";

const PASSWORD = "secret";
const DATABASE = "msn.db";

const server = z.object({ host: z.string(), port: z.int(), nexusUrl: z.string() });
const settledRow = z.object({ event: z.string(), state: z.string() });

/** The three processes of a run. */
export class Stage {
  readonly bridge: Bridge;
  readonly homeserver: Child;
  readonly sandbox: Child;
  readonly #folder: string;

  private constructor(
    folder: string,
    { bridge, homeserver, sandbox }: Pick<Stage, "bridge" | "homeserver" | "sandbox">,
  ) {
    this.#folder = folder;
    this.bridge = bridge;
    this.homeserver = homeserver;
    this.sandbox = sandbox;
  }

  /** Starts everything in an empty folder and signs everybody in to MSN, each with the account of the same name. */
  static async open(folder: string, people: readonly string[]): Promise<Stage> {
    mkdirSync(folder, { recursive: true });
    const accounts = people.map((name) => ({ passport: `${name}@example.com`, password: PASSWORD }));
    const sandbox = await Child.start("sandbox", { accounts });
    const ports = { bridge: await takePort(), homeserver: await takePort() };
    const config = join(folder, "config.yaml");
    const text = configText(ports, await sandbox.ask(server, "server"));
    writeFileSync(config, text);
    const registration = join(folder, "registration.yaml");
    writeRegistration(registration, generateRegistration(parseConfig(text, config)));
    const homeserver = await Child.start("homeserver", { registration, port: ports.homeserver });
    const stage = new Stage(folder, { bridge: new Bridge(config, join(folder, "bridge.log")), homeserver, sandbox });
    stage.bridge.start();
    await stage.bridge.isUp();
    for (const { passport, password } of accounts) {
      await homeserver.order("sign in", [passport.replace(/@.*/u, ""), passport, password]);
    }
    return stage;
  }

  /** What is known now. The journal can be read only while the bridge does not run. */
  async facts(sent: readonly Sent[], isJournalFree = false): Promise<Facts> {
    return {
      sent,
      rooms: await this.homeserver.ask(z.array(portalRoom), "rooms"),
      written: await this.sandbox.ask(z.array(written), "written"),
      received: await this.sandbox.ask(z.array(received), "received"),
      journal: isJournalFree ? this.#readJournal() : new Map(),
    };
  }

  async close(): Promise<void> {
    await this.bridge.kill();
    await Promise.all([this.homeserver.stop(), this.sandbox.stop()]);
  }

  #readJournal(): Map<string, string> {
    const database = openDatabase(join(this.#folder, DATABASE));
    try {
      const rows = database.prepare("SELECT event_id AS event, state FROM journal WHERE event_id IS NOT NULL").all();
      return new Map(
        z
          .array(settledRow)
          .parse(rows)
          .map(({ event, state }) => [event, state]),
      );
    } finally {
      database.close();
    }
  }
}

function configText(ports: { bridge: number; homeserver: number }, msn: z.output<typeof server>): string {
  return stringify({
    homeserver: { address: `http://127.0.0.1:${ports.homeserver}`, domain: "localhost" },
    appservice: { address: `http://127.0.0.1:${ports.bridge}`, port: ports.bridge },
    bridge: { permissions: { localhost: "user" } },
    database: { uri: DATABASE },
    msn: { servers: [{ id: "sandbox", name: "Sandbox", ...msn, throttles: false }] },
  });
}
