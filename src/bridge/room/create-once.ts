import { unlessRefused } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { SpaceRow } from "../../store/spaces.ts";
import { sleep } from "../../util/clock.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Settings } from "../base/settings.ts";
import { ensureLeft } from "./membership.ts";

/** What making a room takes of the bridge. */
export interface CreationScope extends Pick<BaseScope, "store" | "calendar" | "clock" | "signal"> {
  readonly settings: Pick<Settings, "federate">;
}

/** What a room is for, as the disk knows it: also when a try to make it began of which the end is not known. */
type CreationFor =
  | { readonly type: "portal"; readonly row: Pick<PortalRow, "id" | "creating"> }
  | { readonly type: "space"; readonly row: Pick<SpaceRow, "loginId" | "group" | "creating"> };

/** A room that is to be there once, however often the bridge is stopped while it makes it. */
export interface Creation {
  /** Makes the room and stays in it. */
  readonly mainIntent: UserIntent;
  /** The user who is invited. */
  readonly owner: string;
  /** The same for ever, and that of no other room. */
  readonly key: string;
  readonly of: CreationFor;
  /** What the homeserver is asked for. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the room says about itself for ever, beside what it is found again by. */
  readonly content?: Readonly<Record<string, unknown>>;
}

// A homeserver goes on making a room whose asker has gone; a room that is not there after this long never will be.
const CREATION_MS = 20_000;

const MADE_TWICE = "The homeserver made this room a second time.";

const KEY = "matrix-appservice-msn.portal";
// Tells the tries to make a room with the same key apart: one that its owner has left must not be found again.
const ATTEMPT_KEY = "matrix-appservice-msn.attempt";

/** The room, and one that was made beside it and has to be left once the room is known to be the right one. */
export interface Created {
  readonly roomId: string;
  readonly isFound: boolean;
  readonly double?: string;
}

/**
 * Makes a room, or finds the one that was being made when the bridge or the homeserver stopped.
 * @throws MatrixError
 */
export async function createOnce(scope: CreationScope, creation: Creation): Promise<Created> {
  const { creating } = creation.of.row;
  const left = creating === null ? undefined : await findUnfinished(scope, creating, creation);
  if (left !== undefined) {
    await inviteAgain(left, creation);
    return { roomId: left, isFound: true };
  }
  const { mainIntent, body, content, key } = creation;
  const { federate } = scope.settings;
  const marks = { "m.federate": federate, [KEY]: key, [ATTEMPT_KEY]: markCreating(scope, creation.of).getTime() };
  const roomId = await mainIntent.createRoom({ ...body, creation_content: { ...content, ...marks } });
  // The earlier try may have taken longer than we waited for it. The owner was invited to that room first, and may be
  // writing there already.
  const late = creating === null ? undefined : await findRoom(scope, creating, creation, roomId);
  if (late === undefined) return { roomId, isFound: false };
  await inviteAgain(late, creation);
  return { roomId: late, isFound: true, double: roomId };
}

/** Withdraws the invitation to a room that was made beside another, and leaves it. @throws MatrixError */
export async function leaveDouble(
  { mainIntent, owner }: Pick<Creation, "mainIntent" | "owner">,
  { double }: Pick<Created, "double">,
): Promise<void> {
  if (double === undefined) return;
  await mainIntent.kick(double, owner, MADE_TWICE).catch(unlessRefused);
  await ensureLeft(mainIntent, double, MADE_TWICE);
}

/** Writes down that a try begins. @returns when that is */
function markCreating({ store }: CreationScope, { type, row }: CreationFor): Date {
  return type === "portal" ? store.portals.markCreating(row.id) : store.spaces.markCreating(row);
}

async function findUnfinished(scope: CreationScope, since: Date, creation: Creation): Promise<string | undefined> {
  const { calendar, clock, signal } = scope;
  const found = await findRoom(scope, since, creation);
  const wait = CREATION_MS - calendar.ageOf(since);
  if (found !== undefined || wait <= 0) return found;
  await sleep(clock, wait, signal);
  signal.throwIfAborted();
  return findRoom(scope, since, creation);
}

async function findRoom(
  { store }: CreationScope,
  attempt: Date,
  { mainIntent, key }: Creation,
  except?: string,
): Promise<string | undefined> {
  for (const roomId of await mainIntent.joinedRooms()) {
    // The bot is in many rooms, most of which are known.
    const isOther = store.portals.findByRoom(roomId) !== undefined || store.spaces.findByRoom(roomId) !== undefined;
    if (isOther || roomId === except) continue;
    const content = await mainIntent.state(roomId, "m.room.create").catch(unlessRefused);
    if (content?.[KEY] === key && content[ATTEMPT_KEY] === attempt.getTime()) return roomId;
  }
  return undefined;
}

/**
 * Invites the owner to a room that was found, if they are not there: the homeserver sends the invitations last, so a room
 * that was cut short may lack them.
 * @throws MatrixError
 */
export async function inviteAgain(
  roomId: string,
  { mainIntent, owner }: Pick<Creation, "mainIntent" | "owner">,
): Promise<void> {
  const membership = await mainIntent.membership(roomId, owner);
  if (membership !== "join" && membership !== "invite") await mainIntent.invite(roomId, owner);
}
