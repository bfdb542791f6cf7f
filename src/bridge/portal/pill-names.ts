import { z } from "zod";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { peopleIn, withNames } from "../../convert/text/pills.ts";
import { plainName } from "../../convert/to-matrix.ts";

const member = z.object({ displayname: z.string() });

/** An event with the names that the contact knows in place of mentions: of contacts theirs, of others as the room has it. */
export async function withPillNames(
  event: unknown,
  roomId: string | null,
  reader: Pick<UserIntent, "state">,
  nameOfGhost: (userId: string) => string | undefined,
): Promise<unknown> {
  const names = new Map<string, string>();
  for (const userId of peopleIn(event)) {
    const name = nameOfGhost(userId) ?? (roomId === null ? "" : await displayName(reader, roomId, userId));
    if (name !== "") names.set(userId, name);
  }
  return names.size === 0 ? event : withNames(event, (userId) => names.get(userId));
}

// Without it, the words of the link have to do: no message waits for a name.
async function displayName(reader: Pick<UserIntent, "state">, roomId: string, userId: string): Promise<string> {
  const content = await reader.state(roomId, "m.room.member", userId).catch(() => undefined);
  return plainName(member.safeParse(content).data?.displayname ?? "");
}
