import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Store } from "../../store/store.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import type { Activity } from "../presence/activity.ts";
import type { FileServices } from "../files/context.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";
import type { SpacesSetting } from "../spaces/spaces.ts";
import type { Topic } from "../bot/notices.ts";
import type { Presence } from "../presence/presence.ts";
import type { Puppets } from "../puppets/puppets.ts";
import type { Network } from "../session/session.ts";
import type { Alerts } from "../../ops/alerts.ts";
import type { Settings } from "../base/settings.ts";

export interface LoginsOptions {
  readonly networks: readonly Network[];
  readonly store: Store;
  readonly ghosts: Ghosts;
  readonly bot: UserIntent;
  readonly settings: Settings;
  /** Hears what those who run the bridge have to know. */
  readonly alerts: Pick<Alerts, "alert">;
  readonly presence: Presence;
  readonly activity: Activity;
  readonly puppets: Puppets;
  readonly files: FileServices;
  /** Given where logins have spaces. */
  readonly spaces?: SpacesSetting | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly isAllowed: (userId: string) => boolean;
  readonly tellOwner: (owner: string, sentence: string, topic?: Topic) => void;
  /** Whether something was said about a thing that is not over. */
  readonly hasTold: (about: string) => boolean;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}
