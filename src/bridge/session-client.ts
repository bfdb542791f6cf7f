import { MsnClient, type Fetch } from "../msn/index.ts";
import type { SessionOptions } from "./session-options.ts";

/** How long a message waits for a connection that is being made, in milliseconds. */
export const PATIENCE_MS = 2 * 60_000;

/**
 * A client for the account of a login on its network.
 * @param stopping ends what it asks the login service
 */
export function newClient(
  { clock, log, network, bucket, fileOptions }: SessionOptions,
  credentials: { readonly account: string; readonly password: string },
  stopping: () => AbortSignal,
): MsnClient {
  const files = fileOptions && { files: fileOptions };
  const pacing = bucket && { paceSwitchboards: (signal: AbortSignal) => bucket.take(PATIENCE_MS, signal) };
  // What nobody waits for any more would keep the process from ending.
  const ask: Fetch = (url, init) =>
    (network.fetch ?? fetch)(url, { ...init, signal: AbortSignal.any([init.signal, stopping()]) });
  return new MsnClient({ server: network, ...credentials, clock, log, ...pacing, ...files, fetch: ask });
}
