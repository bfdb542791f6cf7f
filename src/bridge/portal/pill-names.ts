import type { UserIntent } from "../../matrix/client/intent.ts";
import { displayNameIn, withContent, type MatrixEvent } from "../../convert/matrix-event.ts";
import { peopleIn, withNames } from "../../convert/text/pills.ts";
import { plainName } from "../../convert/to-matrix.ts";
import type { ContactNames } from "../scope/contact-names.ts";

/** An event with the names that the contact knows in place of mentions: of contacts theirs, of others as the room has it. */
export async function withPillNames(
  event: MatrixEvent,
  reader: Pick<UserIntent, "state">,
  contacts: Pick<ContactNames, "nameOfGhost">,
): Promise<MatrixEvent> {
  const names = new Map<string, string>();
  for (const userId of peopleIn(event.content)) {
    const name = contacts.nameOfGhost(userId) ?? (await displayName(reader, event.roomId, userId));
    if (name !== "") names.set(userId, name);
  }
  if (names.size === 0) return event;
  return withContent(
    event,
    withNames(event.content, (userId) => names.get(userId)),
  );
}

// Without it, the words of the link have to do: no message waits for a name.
async function displayName(reader: Pick<UserIntent, "state">, roomId: string, userId: string): Promise<string> {
  const content = await reader.state(roomId, "m.room.member", userId).catch(() => undefined);
  return plainName(displayNameIn(content) ?? "");
}
