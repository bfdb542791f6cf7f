import { DIALECTS, MsnClient } from "../../msn/index.ts";
import type { RateLimit } from "../../util/rate-limit.ts";
import type { AccountScope } from "./account-scope.ts";

/** How long a message waits for a connection that is being made, in milliseconds. */
export const PATIENCE_MS = 2 * 60_000;

/** A client for the account of a login on its network. */
export function newClient(
  { clock, log, network, settings }: AccountScope,
  switchboards: RateLimit | undefined,
  credentials: { readonly account: string; readonly password: string },
): MsnClient {
  const pacing = switchboards && {
    paceSwitchboards: (signal: AbortSignal) => switchboards.turn(PATIENCE_MS, signal),
  };
  const files = settings.files.client;
  const own = network.fetch && { fetch: network.fetch };
  const dialect = DIALECTS[network.dialect];
  return new MsnClient({ server: network, dialect, ...credentials, clock, log, files, ...pacing, ...own });
}
