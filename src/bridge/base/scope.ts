import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Alerts } from "../../ops/alerts.ts";
import type { Store } from "../../store/store.ts";
import type { Calendar } from "../../util/calendar.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import type { OwnerNotices } from "./owner-notices.ts";
import type { Permissions } from "./permissions.ts";
import type { Settings } from "./settings.ts";

/** What there is of the bridge before the bot can say anything. */
export interface CoreScope {
  readonly store: Store;
  /** For whatever waits or lasts. */
  readonly clock: Clock;
  /** For what people read and the disk keeps. */
  readonly calendar: Calendar;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
  readonly settings: Settings;
  readonly permissions: Permissions;
  /** The name of our homeserver: what comes after the colon in user ids. */
  readonly domain: string;
  /** Keeps the rooms of groups, the spaces, and the rooms in which users give it commands. */
  readonly bot: UserIntent;
}

/** What every part of the bridge may use. Made once, in `start.ts`. */
export interface BaseScope extends CoreScope {
  /** Tells the admins. */
  readonly alerts: Alerts;
  /** Tells users. */
  readonly notices: OwnerNotices;
}
