import { unlessRefused } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { ensureLeft } from "./membership.ts";
import { retry } from "../base/retry.ts";
import type { BaseScope } from "../base/scope.ts";
import { toMatrix } from "../../convert/to-matrix.ts";

/** Why a room is given up; if not by a wish of its owner, because the owner has left it. */
export type RoomEnd = "left" | "unbridged" | "deleted" | "logged-out" | "forgotten" | "unanswered";

// Said as the reason with which the contacts leave.
const REASONS: Readonly<Record<RoomEnd, string>> = {
  left: "The person this chat is for has left it.",
  unbridged: "You disconnected this room from MSN with unbridge.",
  deleted: "You deleted this chat.",
  "logged-out": "You logged out of MSN, and had the contacts leave your rooms.",
  forgotten: "You logged out of MSN, and had your chats deleted.",
  unanswered: "You do not know who wrote this, and did not come for two weeks.",
};

const LEADS_NOWHERE = "This room leads nowhere any more: what you write here is not delivered.";

const NEXT: Readonly<Record<Exclude<RoomEnd, "left" | "unanswered">, string>> = {
  unbridged: "The next message from MSN, or start-chat, opens a new room.",
  deleted: "The next message from MSN, or start-chat, opens a new room.",
  "logged-out": "After your next login, the next message from MSN, or start-chat, opens a new room.",
  forgotten: "After your next login, the next message from MSN, or start-chat, opens a new room.",
};

/** A room that is given up, and who is in it. */
export interface GivenUp {
  readonly roomId: string;
  readonly end: RoomEnd;
  readonly owner: string;
  readonly mainIntent: UserIntent;
  /** Whose ghosts may be in it beside the main user. */
  readonly others: readonly UserIntent[];
}

/**
 * Empties a room, after saying there what became of it. Whatever fails, the rest is done.
 * @param tries how often the homeserver is asked for each
 * @returns what went wrong
 */
export async function giveUpRoom(
  { clock, signal }: Pick<BaseScope, "clock" | "signal">,
  { roomId, end, owner, mainIntent, others }: GivenUp,
  tries: number,
): Promise<unknown[]> {
  const problems: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    await retry(work, { clock, signal, tries }).catch((error: unknown) => problems.push(error));
  };
  if (end !== "left" && end !== "unanswered")
    await attempt(() => sayFarewell(mainIntent, roomId, `${REASONS[end]} ${LEADS_NOWHERE} ${NEXT[end]}`));
  // They may be gone already, or have made the room themselves.
  if (end === "deleted" || end === "unanswered")
    await attempt(() => mainIntent.kick(roomId, owner, REASONS[end]).catch(unlessRefused));
  // The main user last, because it alone can remove the others.
  for (const user of [...others, mainIntent]) await attempt(() => ensureLeft(user, roomId, REASONS[end]));
  return problems;
}

async function sayFarewell(mainIntent: UserIntent, roomId: string, text: string): Promise<void> {
  const key = `farewell-${roomId}`;
  await mainIntent.send(roomId, "m.room.message", key, toMatrix({ type: "notice", text }, key));
}
