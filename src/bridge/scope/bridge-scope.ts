import type { BaseScope } from "../base/scope.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";
import type { Activity } from "../presence/activity.ts";
import type { Presence } from "../presence/presence.ts";
import type { Puppets } from "../puppets/puppets.ts";
import type { FileServices } from "./file-services.ts";

/** What the logins share. Made once, in `start.ts`. */
export interface BridgeScope extends BaseScope {
  readonly ghosts: Ghosts;
  readonly presence: Presence;
  readonly activity: Activity;
  readonly puppets: Puppets;
  readonly files: FileServices;
}
