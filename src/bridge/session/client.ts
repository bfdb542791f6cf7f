import { DIALECTS, MsnClient } from "../../msn/index.ts";
import type { SessionOptions } from "./options.ts";

/** How long a message waits for a connection that is being made, in milliseconds. */
export const PATIENCE_MS = 2 * 60_000;

/** A client for the account of a login on its network. */
export function newClient(
  { clock, log, network, bucket, fileOptions }: SessionOptions,
  credentials: { readonly account: string; readonly password: string },
): MsnClient {
  const files = fileOptions && { files: fileOptions };
  const pacing = bucket && { paceSwitchboards: (signal: AbortSignal) => bucket.turn(PATIENCE_MS, signal) };
  const own = network.fetch && { fetch: network.fetch };
  const dialect = DIALECTS[network.dialect];
  return new MsnClient({ server: network, dialect, ...credentials, clock, log, ...pacing, ...files, ...own });
}
