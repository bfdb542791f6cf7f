import { Limiter } from "../../util/limiter.ts";
import type { AccountScope } from "../session/account-scope.ts";
import type { Session } from "../session/session.ts";
import type { BridgeScope } from "./bridge-scope.ts";
import { ContactNames } from "./contact-names.ts";
import { FileBudget } from "./file-budget.ts";
import type { FileLimits } from "./file-services.ts";
import { RoomFollowers } from "./room-followers.ts";

/** What the chats of a login share. Made once for each, by `Login`. */
export interface LoginScope extends BridgeScope, AccountScope {
  readonly session: Session;
  /** What the contacts are called. */
  readonly names: ContactNames;
  readonly fileLimits: FileLimits;
  /** Hear that a chat has got its room, or has lost it. */
  readonly roomFollowers: RoomFollowers;
}

// How many files go each way at once, of one contact, and how many more wait. The client has room for both ways.
const [FILES_AT_ONCE, FILES_OF_ONE, FILES_WAITING] = [10, 4, 500] as const;

export function loginScope(bridge: BridgeScope, { row, network }: AccountScope, session: Session): LoginScope {
  return {
    ...bridge,
    row,
    network,
    session,
    names: new ContactNames(bridge, row, session),
    fileLimits: {
      daily: new FileBudget(bridge.clock, bridge.settings.files.dailyLimit),
      fromMsn: new Limiter(FILES_AT_ONCE, FILES_WAITING, FILES_OF_ONE),
      toMsn: new Limiter(FILES_AT_ONCE, FILES_WAITING),
    },
    roomFollowers: new RoomFollowers(),
  };
}
