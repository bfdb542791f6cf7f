import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../src/config/config.ts";
import { generateRegistration, writeRegistration } from "../../src/config/registration.ts";
import { takePort } from "../../src/demo/port.ts";
import { Child } from "../../test/support/child.ts";
import type { MsnServer } from "../floor/msn-session.ts";
import { sleep } from "./clock.ts";
import { BenchBridge, type BridgeOptions } from "./bridge.ts";

export const PASSWORD = "secret";
const HOMESERVER = join(import.meta.dirname, "../homeserver/process.ts");
const MSN = join(import.meta.dirname, "../msn/process.ts");
const FLOOR = join(import.meta.dirname, "../floor/process.ts");

const POLL_MS = 50;
const LIMIT_MS = 600_000;

const portalList = z.array(z.object({ room: z.string(), owner: z.string(), contact: z.string() }));
const server = z.object({ host: z.string(), port: z.int(), nexusUrl: z.string() });

/** Both servers, each a process, and the files of a bridge between them. */
export class Stage {
  readonly folder: string;
  readonly homeserver: Child;
  readonly msn: Child;
  readonly ports: { readonly bridge: number; readonly homeserver: number };
  readonly #server: MsnServer;
  readonly #bridges: BenchBridge[] = [];
  #floor: Child | undefined;

  private constructor(parts: Pick<Stage, "folder" | "homeserver" | "msn" | "ports">, msnServer: MsnServer) {
    this.folder = parts.folder;
    this.homeserver = parts.homeserver;
    this.msn = parts.msn;
    this.ports = parts.ports;
    this.#server = msnServer;
  }

  /** @param keys what else stands in the configuration, by section */
  static async open(folder: string, keys: Readonly<Record<string, object>> = {}): Promise<Stage> {
    mkdirSync(folder, { recursive: true });
    const msn = await Child.start(MSN, {});
    const msnServer = await msn.ask(server, "server");
    const ports = { bridge: await takePort(), homeserver: await takePort() };
    const config = join(folder, "config.yaml");
    const text = configText(ports, msnServer, keys);
    writeFileSync(config, text);
    const registration = join(folder, "registration.yaml");
    writeRegistration(registration, generateRegistration(parseConfig(text, config)));
    const homeserver = await Child.start(HOMESERVER, { registration, port: ports.homeserver });
    return new Stage({ folder, homeserver, msn, ports }, msnServer);
  }

  /** A bridge with these files, which works. */
  async startBridge(options: BridgeOptions = {}): Promise<BenchBridge> {
    const bridge = this.launchBridge(options);
    await bridge.prints("connected to the homeserver");
    return bridge;
  }

  /** The same, without waiting for it. */
  launchBridge(options: BridgeOptions = {}): BenchBridge {
    const bridge = new BenchBridge(this.folder, options);
    this.#bridges.push(bridge);
    return bridge;
  }

  /** The rooms of a person's chats with contacts, by the contact. */
  async portals(person: string): Promise<Map<string, string>> {
    const all = await this.homeserver.ask(portalList, "portals");
    return new Map(all.filter(({ owner }) => owner === person).map(({ contact, room }) => [contact, room]));
  }

  /** Waits until so many accounts are online. @throws Error when they are not within ten minutes */
  async untilOnline({ startedAt }: BenchBridge, accounts: number): Promise<void> {
    for (let online = 0; online < accounts;) {
      if (performance.now() - startedAt > LIMIT_MS) throw new Error(`only ${online} of ${accounts} are online`);
      await sleep(POLL_MS);
      online = await this.msn.ask(z.int(), "online");
    }
  }

  /** The floor, signed in with the account of this name. */
  async startFloor(name: string): Promise<Child> {
    this.#floor = await Child.start(FLOOR, {
      folder: this.folder,
      homeserver: `http://127.0.0.1:${this.ports.homeserver}`,
      server: this.#server,
      passport: `${name}@example.com`,
      password: PASSWORD,
    });
    return this.#floor;
  }

  /** Ends everything that was started on it, so that the next case has the machine for itself. */
  async close(): Promise<void> {
    await Promise.all(this.#bridges.map(async (bridge) => bridge.kill()));
    await Promise.all([this.#floor?.stop(), this.homeserver.stop(), this.msn.stop()]);
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
