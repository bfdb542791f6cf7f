import { isState, readMatrixEvent } from "../../convert/matrix-event.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";

const LATEST_EVENTS = 50;

/**
 * What a user has said in a room after inviting one of our users and before that user came, oldest first: homeservers
 * give an appservice only what is said while its users are there, and clients send the first words with the invitation.
 * @param since when the invitation was sent, in milliseconds since the epoch
 * @throws MatrixError
 */
export async function saidMeanwhile(
  user: UserIntent,
  roomId: string,
  { sender, since }: { sender: string; since: number },
): Promise<unknown[]> {
  const latest = await user.eventsBefore(roomId, LATEST_EVENTS);
  return latest.events.toReversed().filter((event) => {
    const read = readMatrixEvent(event, roomId);
    return read !== undefined && !isState(read) && read.sender === sender && read.sentAt >= since;
  });
}
