import type { Clock } from "../../util/clock.ts";
import { Limiter } from "../../util/limiter.ts";
import { RateLimit } from "../../util/rate-limit.ts";
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

  constructor(clock: Clock) {
    this.sessions = new SessionLimits(clock);
    this.rooms = new RateLimit(clock, ROOMS);
  }
}
