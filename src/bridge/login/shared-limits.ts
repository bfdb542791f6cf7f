import { Limiter } from "../../util/limiter.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { FirstPresence } from "../own-status/first-presence.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";
import { SessionLimits } from "../session/session-limits.ts";

// Rooms for contacts who have said nothing yet have time.
const ROOMS = { burst: 2, everyMs: 500, isStrict: true };
const SPACES_AT_ONCE = 4;

/** What all logins share, so that together they ask neither the MSN server nor the homeserver for too much at once. */
export class SharedLimits {
  readonly sessions: SessionLimits;
  /** How often a room may be made for a contact who has said nothing yet. */
  readonly rooms: RateLimit;
  /** The spaces of how many logins are arranged at the same time. */
  readonly spaces = new Limiter(SPACES_AT_ONCE, Number.POSITIVE_INFINITY);

  /** Each owner is asked about once, however many logins they have. */
  readonly firstPresence: FirstPresence;

  constructor(scope: Pick<BridgeScope, "bot" | "activity" | "clock" | "signal">) {
    this.sessions = new SessionLimits(scope.clock);
    this.rooms = new RateLimit(scope.clock, ROOMS);
    this.firstPresence = new FirstPresence(scope);
  }
}
