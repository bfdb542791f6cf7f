import type { Logins } from "./bridge/logins.ts";
import type { Management } from "./bridge/management.ts";
import type { Presence } from "./bridge/presence/presence.ts";
import type { Puppets } from "./bridge/puppets.ts";
import type { Router } from "./bridge/router.ts";
import type { Homeserver } from "./matrix/homeserver.ts";
import { stoppedFull } from "./store/errors.ts";
import type { Store } from "./store/store.ts";
import type { Upkeep } from "./upkeep.ts";
import type { Clock } from "./util/clock.ts";

/** What runs, and has to be ended. */
export interface Running {
  readonly logins: Logins;
  readonly router: Router;
  readonly management: Management;
  readonly presence: Presence;
  readonly puppets: Puppets;
  readonly homeserver: Homeserver;
  /** Not given when the homeserver was never reached. */
  readonly upkeep: Upkeep | undefined;
  readonly store: Store;
  /** The path of the database, for sentences. */
  readonly path: string;
  readonly clock: Clock;
}

const PATIENCE_MS = 5000;

/**
 * Ends everything and closes the database, whatever fails on the way.
 * @throws StoreError `disk-full` or `disk-broken` once everything is closed
 */
export async function stopBridge(running: Running): Promise<void> {
  const { logins, router, management, presence, puppets, homeserver, upkeep, store, path, clock } = running;
  const problems: unknown[] = [];
  const attempt = async (...work: Promise<unknown>[]): Promise<void> => {
    for (const end of await Promise.allSettled(work)) if (end.status === "rejected") problems.push(end.reason);
  };
  const work = attempt(logins.finish(), router.stop(), management.stop(), presence.stop(PATIENCE_MS));
  const patience = Promise.withResolvers<void>();
  const timer = clock.after(PATIENCE_MS, patience.resolve);
  await Promise.race([work, patience.promise]);
  timer.cancel();
  // Whatever still waits for one side or the other is let go by these.
  await attempt(logins.disconnect());
  await attempt(homeserver.close());
  await Promise.all([work, attempt(puppets.stop(), logins.rest())]);
  await attempt(Promise.resolve().then(() => upkeep?.stop()));
  store.close();
  const { failure, state } = store.disk;
  if (failure !== undefined) throw failure;
  if (state === "full") throw stoppedFull(path);
  if (problems.length > 0) throw problems[0];
}
