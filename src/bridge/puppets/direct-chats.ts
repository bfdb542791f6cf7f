/** A room that stands among the direct chats of a user, under the one they talk to in it. */
export interface DirectChat {
  /** A Matrix user id. */
  readonly directWith: string;
  readonly roomId: string;
}

/**
 * The direct chats of a user (`m.direct`) with ours put in and taken out. What else stands there is their own, and
 * stays as it is.
 * @returns undefined when nothing has to change
 */
export function mergeDirectChats(
  chats: Readonly<Record<string, unknown>>,
  add: readonly DirectChat[],
  remove: readonly DirectChat[],
): Record<string, unknown> | undefined {
  const after = new Map(Object.entries(chats));
  let isChanged = false;
  for (const { directWith, roomId } of remove) {
    const rooms = roomsIn(after.get(directWith));
    if (!rooms.includes(roomId)) continue;
    const others = rooms.filter((other) => other !== roomId);
    if (others.length > 0) after.set(directWith, others);
    else after.delete(directWith);
    isChanged = true;
  }
  for (const { directWith, roomId } of add) {
    const rooms = roomsIn(after.get(directWith));
    if (rooms.includes(roomId)) continue;
    after.set(directWith, [...rooms, roomId]);
    isChanged = true;
  }
  return isChanged ? Object.fromEntries(after) : undefined;
}

// Clients may have written anything there.
function roomsIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
