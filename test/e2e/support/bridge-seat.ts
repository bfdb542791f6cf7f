import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takePort } from "../../../src/demo/port.ts";

export interface SeatOptions {
  readonly domain?: string;
  readonly port?: number;
}

/** A place that a Synapse keeps for one bridge: its registration, and the port on which it expects it. */
export interface BridgeSeat {
  readonly port: number;
  readonly registration: {
    readonly id: string;
    readonly url: string;
    readonly as_token: string;
    readonly hs_token: string;
    readonly sender_localpart: string;
    readonly rate_limited: boolean;
    readonly namespaces: {
      readonly users: readonly { readonly regex: string; readonly exclusive: boolean }[];
      readonly aliases: readonly never[];
      readonly rooms: readonly never[];
    };
    readonly receive_ephemeral: boolean;
    readonly "de.sorunome.msc2409.push_ephemeral": boolean;
  };
  /** The registration as a file. */
  readonly file: string;
  remove(): Promise<void>;
}

export async function makeBridgeSeat(options: SeatOptions = {}): Promise<BridgeSeat> {
  const port = await takePort(options.port);
  const domain = (options.domain ?? "localhost").replaceAll(".", "\\.");
  const registration: BridgeSeat["registration"] = {
    id: "msn",
    url: `http://127.0.0.1:${port}`,
    as_token: randomBytes(32).toString("hex"),
    hs_token: randomBytes(32).toString("hex"),
    sender_localpart: "msnbot",
    rate_limited: false,
    namespaces: { users: [{ regex: `^@msn_.*:${domain}$`, exclusive: true }], aliases: [], rooms: [] },
    receive_ephemeral: true,
    "de.sorunome.msc2409.push_ephemeral": true,
  };
  const folder = await mkdtemp(join(tmpdir(), "msn-e2e-seat-"));
  const file = join(folder, "registration.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(registration, null, 2));
  return { port, registration, file, remove: async () => rm(folder, { recursive: true, force: true }) };
}
