import { predecessorIn } from "../../convert/matrix-event.ts";
import { isRefusal } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { BaseScope } from "../base/scope.ts";
import { createOnce, leaveDouble, type CreationScope } from "./create-once.ts";
import { ensureJoined } from "./membership.ts";
import { afterTelling, untold, type RoomInfo } from "./room-info.ts";

/** The room of a portal, and whether it was made just now. */
export interface OpenRoom {
  readonly roomId: string;
  readonly isNew: boolean;
  /** The homeserver encrypts every room, so that nothing written in it can be read. */
  readonly isEncrypted: boolean;
}

/** Whom a room is for. */
export interface RoomParties {
  /** Makes the room and stays in it: the ghost of a contact, or the bot where several people come and go. */
  readonly mainIntent: UserIntent;
  readonly owner: string;
  /** The same for a portal for ever, and for no other portal. */
  readonly key: string;
  /** Whose ghosts are to be in it from the beginning, beside the main user. */
  readonly ghosts: readonly UserIntent[];
  readonly info: RoomInfo;
}

// An override replaces the homeserver's own map as a whole (measured on Synapse), so all that must be guarded stands
// here. The creator is not named, because room version 12 refuses that.
const GUARDED = {
  "m.room.canonical_alias": 50,
  "m.room.power_levels": 100,
  "m.room.history_visibility": 100,
  "m.room.server_acl": 100,
  "m.room.encryption": 100,
  "m.room.tombstone": 100,
};
// In a chat of two the owner deletes messages and sets name and picture. Levels of zero give that also in room version
// 12, and no other user can come in.
const DIRECT_LEVELS = {
  invite: 100,
  redact: 0,
  events: { ...GUARDED, "m.room.name": 0, "m.room.avatar": 0, "m.room.topic": 0 },
};
// In a group every member may call further people (docs/msnp.md 4.3), and its name is up to the owner.
const GROUP_LEVELS = {
  invite: 0,
  events: { ...GUARDED, "m.room.name": 0, "m.room.avatar": 0, "m.room.topic": 0 },
};

type RoomScope = CreationScope & Pick<BaseScope, "log">;

/**
 * Makes the room of a portal. That a room is being made is written down before the homeserver is asked, and one that may
 * exist already is looked for instead of making a second.
 * @throws MatrixError
 */
export async function makeRoom(scope: RoomScope, row: PortalRow, parties: RoomParties): Promise<OpenRoom> {
  const { store, settings, log } = scope;
  const { portals } = store;
  const { mainIntent, info, ghosts } = parties;
  const state = untold(info, {});
  const created = await createOnce(scope, {
    ...parties,
    of: { type: "portal", row },
    body: {
      ...(row.kind === "direct" ? directRoom(parties.owner, settings.federate) : groupRoom(parties)),
      ...(info.name !== undefined && { name: info.name }),
      initial_state: state.filter(({ type }) => type !== "m.room.name"),
    },
  });
  const { roomId, isFound } = created;
  const isEncrypted = (await mainIntent.state(roomId, "m.room.encryption")) !== undefined;
  // Before the room is the portal's, so that after a crash in between it is done again.
  for (const ghost of row.kind === "direct" ? [] : ghosts) await ensureJoined(mainIntent, ghost, roomId);
  store.batch(() => {
    portals.setRoom(row.id, roomId);
    portals.setTold(row.id, afterTelling({}, state));
  });
  log.info({ portal: row.id, room: roomId, found: isFound, isEncrypted }, "a portal has its room");
  // What is left of it does no harm.
  await leaveDouble(parties, created).catch((error: unknown) => log.warn({ error }, "a room was made twice"));
  return { roomId, isNew: true, isEncrypted };
}

function groupRoom({ owner, ghosts }: RoomParties): Record<string, unknown> {
  return {
    preset: "private_chat",
    invite: [owner, ...ghosts.map(({ userId }) => userId)],
    power_level_content_override: GROUP_LEVELS,
  };
}

/** What the homeserver is asked for when one of our users makes a room for another user. */
export function directRoom(owner: string, federate: boolean): Record<string, unknown> {
  return {
    preset: "private_chat",
    is_direct: true,
    invite: [owner],
    creation_content: { "m.federate": federate },
    power_level_content_override: DIRECT_LEVELS,
  };
}

/**
 * Goes into the room that is said to replace another. False: it cannot be entered, or does not say itself that it
 * replaces that one (Matrix spec, "Room Upgrades").
 * @throws MatrixError
 */
export async function isSuccessor(user: UserIntent, from: string, to: string): Promise<boolean> {
  try {
    await user.join(to);
    return predecessorIn(await user.state(to, "m.room.create")) === from;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
