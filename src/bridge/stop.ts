import type { SignOuts } from "./login/sign-outs.ts";
import type { Notices } from "./bot/notices.ts";
import type { Presence } from "./presence/presence.ts";
import type { Puppets } from "./puppets/puppets.ts";
import type { Inbox } from "./from-matrix/inbox.ts";
import type { Homeserver } from "../matrix/homeserver.ts";
import type { Disk } from "../store/disk.ts";
import { stoppedFull } from "../store/errors.ts";
import type { Store } from "../store/store.ts";
import type { Maintenance } from "../ops/maintenance.ts";
import type { Clock } from "../util/clock.ts";

/** What runs, and has to be ended. */
export interface Running {
  readonly signOuts: Pick<SignOuts, "finish" | "disconnect" | "rest">;
  readonly inbox: Pick<Inbox, "stop">;
  readonly notices: Pick<Notices, "stop">;
  readonly presence: Pick<Presence, "stop">;
  readonly puppets: Pick<Puppets, "stop">;
  readonly homeserver: Pick<Homeserver, "close">;
  /** Not given when the homeserver was never reached. */
  readonly maintenance: Pick<Maintenance, "stop"> | undefined;
  readonly store: Pick<Store, "close"> & { readonly disk: Pick<Disk, "failure" | "state"> };
  /** The path of the database, for sentences. */
  readonly path: string;
  readonly clock: Clock;
}

/** Not everything had ended when the time for it was over. The message is a sentence for the admin. */
export class StopError extends Error {
  override readonly name = "StopError";
}

// What is under way has this long; then it is let go, and stays in the journal.
const PATIENCE_MS = 3500;
// Service managers kill what has not ended: Docker after ten seconds, which would leave no time to close the database.
const DEADLINE_MS = 8900;

/**
 * Ends everything and closes the database, whatever fails or hangs on the way. What had not ended in time is told about at
 * the next start, as after a crash.
 * @throws StoreError `disk-full` or `disk-broken` once everything is closed
 * @throws StopError when something had not ended in time
 */
export async function stopBridge(running: Running): Promise<void> {
  const { maintenance, store, path, clock } = running;
  const problems: unknown[] = [];
  const attempt: Attempt = async (...work) => {
    for (const end of await Promise.allSettled(work)) if (end.status === "rejected") problems.push(end.reason);
  };
  const late = Promise.withResolvers<undefined>();
  const deadline = clock.after(DEADLINE_MS, () => late.resolve(undefined));
  const isTold = await Promise.race([endAll(running, attempt), late.promise]);
  deadline.cancel();
  await attempt(Promise.resolve().then(() => maintenance?.stop(isTold === true)));
  store.close();
  const { failure, state } = store.disk;
  if (failure !== undefined) throw failure;
  if (state === "full") throw stoppedFull(path);
  if (isTold === undefined) throw new StopError(LATE);
  if (problems.length > 0) throw problems[0];
}

const LATE =
  "The bridge was stopped before everything in it had ended. What it had accepted is kept; users are told at the next " +
  "start that their contacts' last messages may be missing.";

type Attempt = (...work: Promise<unknown>[]) => Promise<void>;

/** @returns whether everything that contacts said is kept, or can be told */
async function endAll(running: Running, attempt: Attempt): Promise<boolean> {
  const { signOuts, inbox, notices, presence, puppets, homeserver, clock } = running;
  const work = attempt(signOuts.finish(), inbox.stop(), notices.stop(), presence.stop(PATIENCE_MS));
  const patience = Promise.withResolvers<void>();
  const timer = clock.after(PATIENCE_MS, patience.resolve);
  await Promise.race([work, patience.promise]);
  timer.cancel();
  // Whatever still waits for one side or the other is let go by these.
  let isTold = false;
  await attempt(
    signOuts.disconnect().then((isAllTold) => void (isTold = isAllTold)),
    homeserver.close(),
  );
  await Promise.all([work, attempt(puppets.stop(), signOuts.rest())]);
  return isTold;
}
