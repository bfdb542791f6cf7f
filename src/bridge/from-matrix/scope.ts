import type { Management } from "../bot/management.ts";
import type { Logins } from "../login/logins.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";

/** What takes in what the homeserver gives us. Made once, in `start.ts`. */
export interface InboundScope extends BridgeScope {
  readonly logins: Logins;
  readonly management: Management;
}

/** Whether a user is the bot or a ghost. What these do comes back to us, and they know better what became of it. */
export function isOurs({ bot, ghosts }: InboundScope, userId: string): boolean {
  return userId === bot.userId || ghosts.isGhost(userId);
}
