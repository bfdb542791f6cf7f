import type { EventOf } from "../../convert/matrix-event.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Portal } from "../portal/portal.ts";
import type { LoginSpaces } from "../spaces/spaces.ts";
import type { GhostCall } from "./ghost-call.ts";

/** What has to be done with the homeserver after a change of a room. */
export type RoomStep =
  /** The bot was invited. */
  | { readonly type: "manage"; readonly event: EventOf<"member"> }
  /** The main user of a portal was invited into its room: what was said meanwhile is read. */
  | { readonly type: "catch-up"; readonly event: EventOf<"member"> }
  /** A ghost was invited into a room that is none of ours. */
  | { readonly type: "adopt"; readonly event: EventOf<"member"> }
  /** A ghost was invited into the room of a portal, by its owner. */
  | { readonly type: "call"; readonly call: GhostCall }
  /** One of our users is not to be in a room. */
  | { readonly type: "leave"; readonly user: UserIntent; readonly roomId: string; readonly reason: string }
  /** The owner of a portal has taken away what they called it. */
  | { readonly type: "name"; readonly portal: Portal }
  /** The room of a portal was upgraded. */
  | { readonly type: "follow-portal"; readonly following: Promise<void> }
  /** The owner of a space has left it. */
  | { readonly type: "leave-space"; readonly spaces: LoginSpaces; readonly roomId: string }
  /** Another was invited into a user's room with the bot, while the bot waited there for a secret. */
  | { readonly type: "warn"; readonly event: EventOf<"member"> }
  /** Another has come into a user's room with the bot. */
  | { readonly type: "leave-crowded"; readonly roomId: string }
  /** A user has come into a room with the bot that takes the place of another. */
  | { readonly type: "leave-replaced"; readonly roomId: string }
  /** A user, or the bot, has left their room. */
  | { readonly type: "give-up"; readonly roomId: string }
  /** A user's room with the bot was upgraded. */
  | { readonly type: "follow"; readonly roomId: string; readonly to: string; readonly owner: string }
  /** A user writes to the bot in a room that is encrypted. */
  | { readonly type: "offer-readable"; readonly roomId: string; readonly owner: string };
