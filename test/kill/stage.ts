import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../src/config/config.ts";
import { takePort } from "../../src/demo/port.ts";
import { generateRegistration, writeRegistration } from "../../src/config/registration.ts";
import { openDatabase } from "../../src/store/database.ts";
import { Bridge } from "./bridge.ts";
import { Child } from "../support/child.ts";
import { NO_JOURNAL, portalRoom, received, written, type Facts, type JournalFacts, type Sent } from "./facts.ts";

const PASSWORD = "secret";
const DATABASE = "msn.db";

const server = z.object({ host: z.string(), port: z.int(), nexusUrl: z.string() });
const rows = z.array(z.object({ direction: z.string(), event: z.string().nullable(), state: z.string() }));
const OPEN: ReadonlySet<string> = new Set(["accepted", "sending"]);

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
    const sandbox = await Child.start(join(import.meta.dirname, "sandbox-process.ts"), { accounts });
    const host = ownHost();
    const ports = { bridge: await takePort(), homeserver: await takePort() };
    const config = join(folder, "config.yaml");
    const text = configText(host, ports, await sandbox.ask(server, "server"));
    writeFileSync(config, text);
    const registration = join(folder, "registration.yaml");
    writeRegistration(registration, generateRegistration(parseConfig(text, config)));
    const homeserver = await Child.start(join(import.meta.dirname, "homeserver-process.ts"), {
      registration,
      port: ports.homeserver,
    });
    const stage = new Stage(folder, { bridge: new Bridge(config, folder), homeserver, sandbox });
    stage.bridge.start();
    await stage.bridge.isUp();
    for (const { passport, password } of accounts) {
      await homeserver.order("sign in", [passport.replace(/@.*/u, ""), passport, password]);
    }
    return stage;
  }

  /** What is known now. */
  async facts(sent: readonly Sent[], journal = NO_JOURNAL, still: readonly number[] = []): Promise<Facts> {
    return {
      sent,
      journal,
      still,
      lives: this.bridge.lives,
      rooms: await this.homeserver.ask(z.array(portalRoom), "rooms"),
      written: await this.sandbox.ask(z.array(written), "written"),
      received: await this.sandbox.ask(z.array(received), "received"),
    };
  }

  async close(): Promise<void> {
    await this.bridge.kill();
    await Promise.all([this.homeserver.stop(), this.sandbox.stop()]);
  }

  /** What the journal says. It can be read only while the bridge does not run. */
  journal(): JournalFacts {
    const database = openDatabase(join(this.#folder, DATABASE));
    try {
      const all = rows.parse(database.prepare("SELECT direction, event_id AS event, state FROM journal").all());
      const notices = z.array(z.string()).parse(database.prepare("SELECT owner FROM notice").pluck().all());
      const open = all.filter(({ state }) => OPEN.has(state));
      return {
        states: new Map(all.flatMap(({ event, state }) => (event === null ? [] : [[event, state]]))),
        open: [
          ...open.map(({ direction, event, state }) => `${direction} ${event ?? "a message"} (${state})`),
          ...notices.map((owner) => `a notice for ${owner}`),
        ],
        givenUp: all.filter(
          ({ direction, state }) => direction === "to-matrix" && (state === "failed" || state === "uncertain"),
        ).length,
      };
    } finally {
      database.close();
    }
  }
}

// An address of the loopback that is this run's own: nobody else listens there while the bridge is dead.
function ownHost(): string {
  return `127.${1 + (process.pid >> 16)}.${(process.pid >> 8) & 255}.${1 + (process.pid & 127)}`;
}

function configText(host: string, ports: { bridge: number; homeserver: number }, msn: z.output<typeof server>): string {
  return stringify({
    homeserver: { address: `http://127.0.0.1:${ports.homeserver}`, domain: "localhost" },
    appservice: { address: `http://${host}:${ports.bridge}`, hostname: host, port: ports.bridge },
    bridge: { permissions: { localhost: "user" } },
    database: { uri: DATABASE },
    msn: { servers: [{ id: "sandbox", name: "Sandbox", ...msn, throttles: false }] },
  });
}
