import { NOBODY_IS_REMOVED, ONLY_YOU } from "../words/groups.ts";
import type { EventOf } from "../../convert/matrix-event.ts";
import { GhostCall, type ChangedPortal } from "./ghost-call.ts";
import type { RoomStep } from "./room-step.ts";
import type { InboundScope } from "./scope.ts";
import type { Portal } from "../portal/portal.ts";

const NOT_THE_OWNER = "Only the person whose MSN account this chat belongs to can call others to it.";

/** What follows from changes of the room of a portal. */
export class PortalChanges {
  readonly #scope: InboundScope;

  constructor(scope: InboundScope) {
    this.#scope = scope;
  }

  /** Another user than the bot was invited. */
  invited(changed: ChangedPortal, event: EventOf<"member">): RoomStep | undefined {
    const { portal, login } = changed;
    const { ghosts } = this.#scope;
    const { userId, sender, roomId } = event;
    const { owner } = login.row;
    if (!ghosts.isGhost(userId)) {
      if (userId !== owner) portal.explain("only-you", ONLY_YOU);
      return undefined;
    }
    if (sender === owner) return { type: "call", call: new GhostCall(this.#scope, changed, event) };
    const account = accountOf(portal, userId);
    // Who moves a room invites all who were in the old one.
    if (account !== undefined) portal.show({ type: "join", from: account });
    if (account !== undefined) return undefined;
    return { type: "leave", user: ghosts.byUserId(userId), roomId, reason: NOT_THE_OWNER };
  }

  /** A user left, was kicked or banned, or declined an invitation. */
  gone({ portal, login }: ChangedPortal, { userId, roomId }: EventOf<"member">): void {
    const { members, room } = portal;
    room.membership.noteGone(roomId, userId);
    if (userId === login.row.owner) {
      members.leave();
      // Who declines the room of a stranger wants no other, until they say so.
      if (portal.row.standing === "stranger") login.heldBack.hold(portal.row);
      room.lose(roomId);
    } else if (userId === members.mainIntent.userId) {
      room.lose(roomId);
    } else {
      const account = accountOf(portal, userId);
      if (account === undefined || !members.isPresent(account)) return;
      portal.explain("nobody-is-removed", NOBODY_IS_REMOVED);
      portal.show({ type: "join", from: account });
    }
  }

  /** The room has another name: what its owner calls a chat stays, until they take it away. */
  renamed({ portal, login }: ChangedPortal, { sender, name }: EventOf<"room-name">): RoomStep | undefined {
    portal.room.state.noteName(sender, name === "" ? undefined : name);
    return sender === login.row.owner && name === "" ? { type: "name", portal } : undefined;
  }

  /** The room was upgraded, or closed for good. */
  moved({ portal }: ChangedPortal, { roomId, replacement: to }: EventOf<"tombstone">): RoomStep | undefined {
    if (to === undefined) {
      portal.room.lose(roomId);
      return undefined;
    }
    const following = portal.room.follow(roomId, to);
    // It is awaited once it is its turn, which may be after it has failed.
    following.catch(() => undefined);
    return { type: "follow-portal", following };
  }
}

/** Whose ghost in a group a user is. */
function accountOf({ members }: Portal, userId: string): string | undefined {
  return members.all().find((account) => members.intentOf(account).userId === userId);
}
