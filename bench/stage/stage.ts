import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../src/config/config.ts";
import { generateRegistration, writeRegistration } from "../../src/config/registration.ts";
import { takePort } from "../../src/demo/port.ts";
import { Child } from "../../test/support/child.ts";
import type { MsnServer } from "../floor/msn-session.ts";
import { BenchBridge } from "./bridge.ts";

export const PASSWORD = "secret";
const HOMESERVER = join(import.meta.dirname, "../homeserver/process.ts");
const MSN = join(import.meta.dirname, "../msn/process.ts");
const FLOOR = join(import.meta.dirname, "../floor/process.ts");

const server = z.object({ host: z.string(), port: z.int(), nexusUrl: z.string() });

export interface StageOptions {
  readonly folder: string;
  /** The names of the MSN accounts, each signed in by the person of the same name. */
  readonly accounts: readonly string[];
  /** What else stands in the configuration, by section. */
  readonly keys?: Readonly<Record<string, object>>;
}

/** Both servers, each a process, and the files of a bridge between them. */
export class Stage {
  readonly folder: string;
  readonly homeserver: Child;
  readonly msn: Child;
  readonly homeserverUrl: string;
  readonly #server: MsnServer;

  private constructor(parts: Pick<Stage, "folder" | "homeserver" | "msn" | "homeserverUrl">, msnServer: MsnServer) {
    this.folder = parts.folder;
    this.homeserver = parts.homeserver;
    this.msn = parts.msn;
    this.homeserverUrl = parts.homeserverUrl;
    this.#server = msnServer;
  }

  static async open({ folder, accounts, keys = {} }: StageOptions): Promise<Stage> {
    mkdirSync(folder, { recursive: true });
    const withPasswords = accounts.map((name) => ({ passport: `${name}@example.com`, password: PASSWORD }));
    const msn = await Child.start(MSN, { accounts: withPasswords });
    const msnServer = await msn.ask(server, "server");
    const ports = { bridge: await takePort(), homeserver: await takePort() };
    const config = join(folder, "config.yaml");
    const text = configText(ports, msnServer, keys);
    writeFileSync(config, text);
    const registration = join(folder, "registration.yaml");
    writeRegistration(registration, generateRegistration(parseConfig(text, config)));
    const homeserver = await Child.start(HOMESERVER, { registration, port: ports.homeserver });
    return new Stage({ folder, homeserver, msn, homeserverUrl: `http://127.0.0.1:${ports.homeserver}` }, msnServer);
  }

  /** A bridge with these files, which works. */
  async startBridge(flags: readonly string[] = []): Promise<BenchBridge> {
    const files = { config: join(this.folder, "config.yaml"), log: join(this.folder, "bridge.log") };
    const bridge = new BenchBridge(files, flags);
    await bridge.prints("connected to the homeserver");
    return bridge;
  }

  /** The floor, signed in with the account of this name. */
  async startFloor(name: string): Promise<Child> {
    return Child.start(FLOOR, {
      folder: this.folder,
      homeserver: this.homeserverUrl,
      server: this.#server,
      passport: `${name}@example.com`,
      password: PASSWORD,
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.homeserver.stop(), this.msn.stop()]);
  }
}

function configText(
  ports: { bridge: number; homeserver: number },
  msn: MsnServer,
  keys: Record<string, object>,
): string {
  return stringify({
    homeserver: { address: `http://127.0.0.1:${ports.homeserver}`, domain: "localhost" },
    appservice: { address: `http://127.0.0.1:${ports.bridge}`, port: ports.bridge },
    bridge: { permissions: { localhost: "user" } },
    database: { uri: "msn.db" },
    msn: { servers: [{ id: "sandbox", name: "Sandbox", ...msn, throttles: false }] },
    ...keys,
  });
}
