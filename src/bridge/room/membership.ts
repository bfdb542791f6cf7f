import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";

/** Whether the homeserver says that somebody is not in a room, may not do something there, or that there is none. */
export function isForbidden(error: unknown): boolean {
  return error instanceof MatrixError && (error.code === "forbidden" || error.code === "not-found");
}

/**
 * Brings one of our users into a room, invited by its keeper if necessary.
 * @returns whether the user was there already, has joined now, or cannot be brought there
 * @throws MatrixError for anything else
 */
export async function ensureJoined(
  mainIntent: UserIntent,
  user: UserIntent,
  roomId: string,
): Promise<"present" | "joined" | "refused"> {
  try {
    if (user.userId !== mainIntent.userId) {
      const membership = await mainIntent.membership(roomId, user.userId);
      if (membership === "join") return "present";
      await user.ensureRegistered();
      if (membership !== "invite") await mainIntent.invite(roomId, user.userId);
    }
    await user.join(roomId);
    return "joined";
  } catch (error) {
    if (isForbidden(error)) return "refused";
    throw error;
  }
}

/** Has one of our users out of a room, if she is there. @throws MatrixError */
export async function ensureLeft(user: UserIntent, roomId: string, reason?: string): Promise<void> {
  try {
    await user.leave(roomId, reason);
  } catch (error) {
    // She is not there.
    if (!(error instanceof MatrixError) || error.retryable) throw error;
  }
}

/** Has a person out of a room, as far as that is in our power. @throws MatrixError */
export async function kick(mainIntent: UserIntent, roomId: string, userId: string): Promise<void> {
  try {
    await mainIntent.kick(roomId, userId, "You deleted this chat.");
  } catch (error) {
    // She is not there, or made the room herself.
    if (!(error instanceof MatrixError) || error.retryable) throw error;
  }
}
