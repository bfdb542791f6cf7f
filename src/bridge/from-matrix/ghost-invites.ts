import type { UserIntent } from "../../matrix/client/intent.ts";
import { ensureLeft } from "../room/membership.ts";
import type { Login } from "../login/login.ts";
import type { InboundScope } from "./scope.ts";
import { MAY_NOT_USE } from "../words/access.ts";

const UNKNOWN = "This is nobody whom the bridge knows. Say start-chat with the address in your chat with the bot.";
const NOT_DIRECT = "Contacts of MSN join direct chats. For a chat of several, say create-group to the bot.";
const ENCRYPTED = "Encrypted messages cannot cross to MSN. You have been invited to a chat without encryption.";
const HAVE_ONE = "You have a chat with this contact already, and have been invited to it again if you had left it.";

/**
 * A user has invited a ghost into a room that is no portal's, which is how people start a chat: the room becomes the
 * chat's, if it can be of use for that.
 * @returns whether it is now
 * @throws MatrixError
 */
export async function takeRoom(scope: InboundScope, roomId: string, inviter: string, ghost: string): Promise<boolean> {
  const intent = scope.ghosts.byUserId(ghost);
  const reason = await whyNot(scope, roomId, inviter, intent);
  if (reason !== undefined) await ensureLeft(intent, roomId, reason);
  return reason === undefined;
}

/** Adopts the room. @returns why that cannot be */
async function whyNot(
  scope: InboundScope,
  roomId: string,
  inviter: string,
  ghost: UserIntent,
): Promise<string | undefined> {
  const { store, ghosts, permissions, logins } = scope;
  if (!permissions.isAllowed(inviter)) return MAY_NOT_USE;
  const who = store.ghosts.findByUserId(ghost.userId) ?? ghosts.accountOf(ghost.userId);
  if (who === undefined || !who.passport.includes("@")) return UNKNOWN;
  const login = loginFor(logins.of(inviter), who);
  if (login === undefined) {
    const network = logins.networks.find(({ id }) => id === who.server)?.name ?? who.server;
    return `You are not logged in to ${network}. Say login in your chat with the bot.`;
  }
  const portal = login.portals.direct(who.passport);
  if (portal.roomId === roomId) return undefined;
  if (portal.roomId !== null) {
    await portal.room.membership.inviteOwner();
    return HAVE_ONE;
  }
  await ghost.join(roomId);
  const members = await ghost.joinedMembers(roomId);
  if (members.some((member) => member !== inviter && member !== ghost.userId)) return NOT_DIRECT;
  const isReadable = (await ghost.state(roomId, "m.room.encryption")) === undefined;
  if (isReadable && (await portal.room.adopt(roomId))) return undefined;
  await portal.room.ensure();
  return isReadable ? HAVE_ONE : ENCRYPTED;
}

/** The login of a user that has the contact on its list, or the first on that network. */
function loginFor(logins: readonly Login[], who: { server: string; passport: string }): Login | undefined {
  const there = logins.filter(({ row }) => row.server === who.server);
  return there.find(({ session }) => session.contacts.get(who.passport)?.lists.has("FL")) ?? there[0];
}
