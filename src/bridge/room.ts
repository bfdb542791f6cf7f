import { z } from "zod";
import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { PortalRow, Portals } from "../store/portals.ts";
import { sleep, type Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";

export interface RoomOptions {
  readonly portals: Portals;
  /** Whether people of other homeservers may be in the rooms (`m.federate`). */
  readonly federate: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** The room of a portal, and whether it was made just now. */
export interface OpenRoom {
  readonly roomId: string;
  readonly isNew: boolean;
  /** The homeserver encrypts every room, so that nothing written in it can be read. */
  readonly isEncrypted: boolean;
}

/** Whom a room is for. */
export interface RoomParties {
  readonly ghost: UserIntent;
  readonly owner: string;
  /** The same for a portal for ever, and for no other portal. */
  readonly key: string;
}

// A homeserver goes on making a room whose asker has gone; a room that is not there after this long never will be.
const CREATION_MS = 20_000;

const PORTAL_KEY = "matrix-appservice-msn.portal";
// Tells the tries to make a room for the same portal apart: one that its owner has left must not be found again.
const ATTEMPT_KEY = "matrix-appservice-msn.attempt";

// An override replaces the homeserver's own map as a whole (measured on Synapse), so all that must be guarded stands
// here. The creator is not named, because room version 12 refuses that.
const POWER_LEVELS = {
  invite: 100,
  events: {
    "m.room.name": 50,
    "m.room.avatar": 50,
    "m.room.topic": 50,
    "m.room.canonical_alias": 50,
    "m.room.power_levels": 100,
    "m.room.history_visibility": 100,
    "m.room.server_acl": 100,
    "m.room.encryption": 100,
    "m.room.tombstone": 100,
  },
};

/**
 * The room of a direct portal; made by the ghost if there is none. That a room is being made is written down before
 * the homeserver is asked, and one that may exist already is looked for instead of making a second.
 * @throws MatrixError
 */
export async function ensureRoom(options: RoomOptions, row: PortalRow, parties: RoomParties): Promise<OpenRoom> {
  if (row.roomId !== null) return { roomId: row.roomId, isNew: false, isEncrypted: false };
  const { portals } = options;
  const left = row.creating === null ? undefined : await findUnfinished(options, row.creating, parties);
  if (left !== undefined) await inviteAgain(left, parties);
  const roomId = left ?? (await createRoom(options, portals.markCreating(row.id), parties));
  const isEncrypted = (await parties.ghost.state(roomId, "m.room.encryption")) !== undefined;
  portals.setRoom(row.id, roomId);
  options.log.info({ portal: row.id, room: roomId, found: left !== undefined, isEncrypted }, "a portal has its room");
  return { roomId, isNew: true, isEncrypted };
}

async function createRoom({ federate }: RoomOptions, attempt: number, parties: RoomParties): Promise<string> {
  return parties.ghost.createRoom({
    ...directRoom(parties.owner, federate),
    creation_content: { "m.federate": federate, [PORTAL_KEY]: parties.key, [ATTEMPT_KEY]: attempt },
  });
}

/** What the homeserver is asked for when one of our users makes a room for a person. */
export function directRoom(owner: string, federate: boolean): Record<string, unknown> {
  return {
    preset: "private_chat",
    is_direct: true,
    invite: [owner],
    creation_content: { "m.federate": federate },
    power_level_content_override: POWER_LEVELS,
  };
}

/** The room that was being made when the bridge or the homeserver stopped, if it came about. */
async function findUnfinished(options: RoomOptions, since: number, parties: RoomParties): Promise<string | undefined> {
  const { clock, signal } = options;
  const found = await findRoom(since, parties);
  // A clock that was set back must not make it longer.
  const wait = Math.min(since + CREATION_MS - clock.now(), CREATION_MS);
  if (found !== undefined || wait <= 0) return found;
  await sleep(clock, wait, signal);
  signal.throwIfAborted();
  return findRoom(since, parties);
}

async function findRoom(attempt: number, { ghost, key }: RoomParties): Promise<string | undefined> {
  for (const roomId of await ghost.joinedRooms()) {
    const content = await ghost.state(roomId, "m.room.create");
    if (content?.[PORTAL_KEY] === key && content[ATTEMPT_KEY] === attempt) return roomId;
  }
  return undefined;
}

// The homeserver sends the invitations last, so a room that was cut short may lack them.
async function inviteAgain(roomId: string, { ghost, owner }: RoomParties): Promise<void> {
  const membership = await ghost.membership(roomId, owner);
  if (membership !== "join" && membership !== "invite") await ghost.invite(roomId, owner);
}

const creation = z.object({ predecessor: z.object({ room_id: z.string() }) });

/**
 * Goes into the room that is said to replace another. False: it cannot be entered, or does not say itself that it
 * replaces that one (Matrix spec, "Room Upgrades").
 * @throws MatrixError
 */
export async function isSuccessor(user: UserIntent, from: string, to: string): Promise<boolean> {
  try {
    await user.join(to);
    const read = creation.safeParse(await user.state(to, "m.room.create"));
    return read.data?.predecessor.room_id === from;
  } catch (error) {
    if (error instanceof MatrixError && !error.retryable) return false;
    throw error;
  }
}
