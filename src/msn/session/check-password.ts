import type { Lookup } from "../../util/destinations.ts";
import { systemClock, type Clock } from "../../util/clock.ts";
import type { MsnServer } from "./msn-server.ts";
import { NO_LOG } from "../base/log.ts";
import { fetchHead, type Fetch } from "../net/fetch.ts";
import { CallLimit } from "../net/guarded.ts";
import { Tickets } from "./tickets.ts";

export interface PasswordCheck {
  readonly server: Omit<MsnServer, "host" | "port">;
  readonly account: string;
  readonly password: string;
  readonly fetch?: Fetch | undefined;
  readonly clock?: Clock;
  /** As in the options of a client. */
  readonly lookup?: Lookup;
}

// What servers ask tickets to be good for (docs/msnp.md 2.4).
const POLICY = "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1";

/**
 * Has the login service check a password. No notification server hears of it, so a session of the account goes on.
 * @throws MsnError `bad-credentials` when it is wrong, or what is wrong with the login service
 */
export async function checkPassword(check: PasswordCheck, signal?: AbortSignal): Promise<void> {
  const { account, password, server, clock = systemClock, fetch = fetchHead, lookup } = check;
  const way = { fetch, lookup, calls: new CallLimit({ clock, log: NO_LOG }) };
  await new Tickets({ account, clock }, password, server, way).get(POLICY, signal);
}
