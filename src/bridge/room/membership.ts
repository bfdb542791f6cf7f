import { MatrixError, unlessRefused } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";

/** Whether the homeserver says that a user is not in a room, may not do something there, or that there is none. */
export function isForbidden(error: unknown): boolean {
  return error instanceof MatrixError && (error.code === "forbidden" || error.code === "not-found");
}

/**
 * Brings one of our users into a room, invited by its main user if necessary.
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

/** Has one of our users leave a room, if they are there. @throws MatrixError */
export async function ensureLeft(user: UserIntent, roomId: string, reason?: string): Promise<void> {
  // A refusal says that they are not there.
  await user.leave(roomId, reason).catch(unlessRefused);
}
