import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import { sleep, type Clock } from "../util/clock.ts";

export interface CreationOptions {
  /** Whether people of other homeservers may be in the rooms (`m.federate`). */
  readonly federate: boolean;
  readonly clock: Clock;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** A room that is to be there once, however often the bridge is stopped while it makes it. */
export interface Creation {
  /** Makes the room and stays in it. */
  readonly keeper: UserIntent;
  /** The person who is invited. */
  readonly owner: string;
  /** The same for ever, and that of no other room. */
  readonly key: string;
  /** When an earlier try began, if it is not known how that ended; milliseconds since the epoch. */
  readonly creating: number | null;
  /** Writes down that a try begins now, and returns when that is. */
  readonly markCreating: () => number;
  /** Whether a room is known to be another one. */
  readonly isOther: (roomId: string) => boolean;
  /** What the homeserver is asked for. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the room says about itself for ever, beside what it is found again by. */
  readonly content?: Readonly<Record<string, unknown>>;
}

// A homeserver goes on making a room whose asker has gone; a room that is not there after this long never will be.
const CREATION_MS = 20_000;

const KEY = "matrix-appservice-msn.portal";
// Tells the tries to make a room with the same key apart: one that its owner has left must not be found again.
const ATTEMPT_KEY = "matrix-appservice-msn.attempt";

/**
 * Makes a room, or finds the one that was being made when the bridge or the homeserver stopped.
 * @throws MatrixError
 */
export async function createOnce(
  options: CreationOptions,
  creation: Creation,
): Promise<{ roomId: string; isFound: boolean }> {
  const left = creation.creating === null ? undefined : await findUnfinished(options, creation.creating, creation);
  if (left !== undefined) {
    await inviteAgain(left, creation);
    return { roomId: left, isFound: true };
  }
  const { keeper, body, content, key, markCreating } = creation;
  const marks = { "m.federate": options.federate, [KEY]: key, [ATTEMPT_KEY]: markCreating() };
  return { roomId: await keeper.createRoom({ ...body, creation_content: { ...content, ...marks } }), isFound: false };
}

async function findUnfinished(
  { clock, signal }: CreationOptions,
  since: number,
  creation: Creation,
): Promise<string | undefined> {
  const found = await findRoom(since, creation);
  // A clock that was set back must not make it longer.
  const wait = Math.min(since + CREATION_MS - clock.now(), CREATION_MS);
  if (found !== undefined || wait <= 0) return found;
  await sleep(clock, wait, signal);
  signal.throwIfAborted();
  return findRoom(since, creation);
}

async function findRoom(attempt: number, { keeper, key, isOther }: Creation): Promise<string | undefined> {
  for (const roomId of await keeper.joinedRooms()) {
    // The bot is in many rooms.
    if (isOther(roomId)) continue;
    const content = await keeper.state(roomId, "m.room.create").catch(withoutRefusal);
    if (content?.[KEY] === key && content[ATTEMPT_KEY] === attempt) return roomId;
  }
  return undefined;
}

/** One room of many that cannot be read, or was left a moment ago, is not the one that is looked for. */
export function withoutRefusal(error: unknown): undefined {
  if (error instanceof MatrixError && !error.retryable) return undefined;
  throw error;
}

// The homeserver sends the invitations last, so a room that was cut short may lack them.
async function inviteAgain(roomId: string, { keeper, owner }: Creation): Promise<void> {
  const membership = await keeper.membership(roomId, owner);
  if (membership !== "join" && membership !== "invite") await keeper.invite(roomId, owner);
}
