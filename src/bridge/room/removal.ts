import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Clock } from "../../util/clock.ts";
import { retry } from "../base/retry.ts";

/** What became of events that were to be removed: how many are still there, and why. */
export interface Removal {
  readonly removed: number;
  readonly kept: number;
  /** `refused`: it is not in our power. `unanswered`: the homeserver did not answer, or with a failure of its own. */
  readonly reason?: "refused" | "unanswered";
}

// People wait for it, and read what is still there.
const TRIES = 3;
const REASON = "It held a password or an access token.";

/** Removes each of some events, whatever becomes of the others. One that is gone counts as removed. Never throws. */
export async function removeAll(
  user: UserIntent,
  roomId: string,
  eventIds: readonly string[],
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Removal> {
  const reasons = await Promise.all(
    eventIds.map((id) =>
      retry(() => user.redact(roomId, id, `redact-${id}`, REASON), { clock, signal, tries: TRIES }).then(
        () => undefined,
        whyKept,
      ),
    ),
  );
  const kept = reasons.filter((reason) => reason !== undefined);
  const [reason] = kept;
  return { removed: reasons.length - kept.length, kept: kept.length, ...(reason !== undefined && { reason }) };
}

function whyKept(error: unknown): Removal["reason"] {
  if (!(error instanceof MatrixError)) return "unanswered";
  if (error.code === "not-found") return undefined;
  return error.retryable ? "unanswered" : "refused";
}
