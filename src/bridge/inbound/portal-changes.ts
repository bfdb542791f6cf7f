import { MsnError } from "../../msn/index.ts";
import { ensureLeft } from "../room/membership.ts";
import {
  becameGroup,
  GROUPS_HAVE_ROOMS,
  NOBODY_IS_REMOVED,
  notCalled,
  ONLY_YOU,
  otherNetwork,
} from "../words/groups.ts";
import type { EventOf } from "../../convert/matrix-event.ts";
import type { Login } from "../login/login.ts";
import type { InboundScope } from "./scope.ts";
import type { Portal } from "../portal/portal.ts";

/** A portal whose room has changed, and the login that it belongs to. */
export interface ChangedPortal {
  readonly portal: Portal;
  readonly login: Login;
}

/** What has to be done with the homeserver. */
export type Work = () => Promise<void>;

const NOT_THE_OWNER = "Only the person whose MSN account this chat belongs to can call others to it.";

/** What follows from changes of the room of a portal. */
export class PortalChanges {
  readonly #scope: InboundScope;

  constructor(scope: InboundScope) {
    this.#scope = scope;
  }

  /** Somebody was invited who is not the bot. */
  invited(changed: ChangedPortal, { userId, sender, roomId }: EventOf<"member">): Work | undefined {
    const { portal, login } = changed;
    const { ghosts } = this.#scope;
    const { owner } = login.row;
    if (!ghosts.isGhost(userId)) {
      if (userId !== owner) portal.explain("only-you", ONLY_YOU);
      return undefined;
    }
    if (sender === owner) return this.#call(changed, userId, roomId);
    const account = accountOf(portal, userId);
    // Whoever moves a room invites all who were in the old one.
    if (account !== undefined) portal.show({ type: "join", from: account });
    return account === undefined ? () => ensureLeft(ghosts.byUserId(userId), roomId, NOT_THE_OWNER) : undefined;
  }

  /** Somebody left, was kicked or banned, or declined an invitation. */
  gone({ portal, login }: ChangedPortal, { userId, roomId }: EventOf<"member">): void {
    const { members, room } = portal;
    room.membership.noteGone(roomId, userId);
    if (userId === login.row.owner) {
      members.leave();
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
  renamed({ portal, login }: ChangedPortal, { sender, name }: EventOf<"room-name">): Work | undefined {
    const { state } = portal.room;
    state.noteName(sender, name === "" ? undefined : name);
    return sender === login.row.owner && name === "" ? () => state.tell() : undefined;
  }

  /** The room was upgraded, or closed for good. */
  moved({ portal }: ChangedPortal, { roomId, replacement: to }: EventOf<"tombstone">): Work | undefined {
    if (to === undefined) {
      portal.room.lose(roomId);
      return undefined;
    }
    const following = portal.room.follow(roomId, to);
    // It is awaited once it is its turn, which may be after it has failed.
    following.catch(() => undefined);
    return () => following;
  }

  // To invite a ghost is to call the person (docs/msnp.md 4.3). Her ghost joins when she does.
  #call(changed: ChangedPortal, ghost: string, roomId: string): Work | undefined {
    let called: Promise<Portal | string> | undefined;
    let reason: string | undefined;
    return async () => {
      // Only what the homeserver fails to do is done again.
      called ??= this.#called(changed, ghost);
      const outcome = await called;
      reason ??= typeof outcome === "string" ? outcome : await this.#goOn(changed.portal, outcome);
      if (reason !== undefined) await ensureLeft(this.#scope.ghosts.byUserId(ghost), roomId, reason);
    };
  }

  /** The chat goes on as a group. @returns why a ghost does not join the room into which it was invited */
  async #goOn(portal: Portal, group: Portal): Promise<string | undefined> {
    if (group === portal) return undefined;
    const { roomId } = await group.room.ensure();
    portal.show({ type: "notice", text: becameGroup(group.room.state.info.called, roomId) });
    return GROUPS_HAVE_ROOMS;
  }

  /** Calls somebody. @returns the portal in which the chat goes on, or why she could not be called, which is told */
  async #called({ portal, login }: ChangedPortal, ghost: string): Promise<Portal | string> {
    const refuse = (sentence: string): string => {
      portal.show({ type: "notice", text: sentence });
      return sentence;
    };
    const { ghosts, store } = this.#scope;
    const who = store.ghosts.findByUserId(ghost) ?? ghosts.accountOf(ghost);
    const name = who === undefined ? ghost : login.nameOf(who.passport);
    if (who?.server !== login.row.server) return refuse(otherNetwork(name, login.network.name));
    try {
      return await login.portals.invite(portal, who.passport);
    } catch (error) {
      if (error instanceof MsnError) return refuse(notCalled(error, name));
      throw error;
    }
  }
}

/** Whose ghost in a group a user is. */
function accountOf({ members }: Portal, userId: string): string | undefined {
  return members.all().find((account) => members.intentOf(account).userId === userId);
}
