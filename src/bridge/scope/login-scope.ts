import type { AccountScope } from "../session/account-scope.ts";
import type { Session } from "../session/session.ts";
import type { BridgeScope } from "./bridge-scope.ts";
import type { ContactNames } from "./contact-names.ts";
import type { FileLimits } from "./file-services.ts";
import type { RoomFollowers } from "./room-followers.ts";

/** What the chats of a login share. Made once for each, by `Login`. */
export interface LoginScope extends BridgeScope, AccountScope {
  readonly session: Session;
  /** What the contacts are called. */
  readonly names: ContactNames;
  readonly fileLimits: FileLimits;
  /** Hear that a chat has got its room, or has lost it. */
  readonly roomFollowers: RoomFollowers;
}
