import { unlessRefused } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Store } from "../../store/store.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Settings } from "../base/settings.ts";
import { inviteAgain, leaveDouble } from "./create-once.ts";
import { directRoom } from "./room.ts";

/** What making a room of the bot takes of the bridge. */
interface BotRoomScope extends Pick<BaseScope, "bot"> {
  readonly store: Pick<Store, "said">;
  readonly settings: Pick<Settings, "federate">;
}

export interface BotRoom {
  /** The user it is for. */
  readonly owner: string;
  /** Why it is made; no other room has the same. */
  readonly purpose: string;
  readonly name?: string | undefined;
}

// Says what a room that the bot makes is for, so that one that was being made is found again.
const PURPOSE_KEY = "matrix-appservice-msn.purpose";

/**
 * Makes a room for a user and the bot. That it is being made for a purpose is written down first; the second time it is
 * looked for, before another is made and after that, since the homeserver may have gone on with the first try until then.
 * @throws MatrixError
 */
export async function makeBotRoom(
  { bot, store, settings: { federate } }: BotRoomScope,
  { owner, purpose, name }: BotRoom,
): Promise<string> {
  const parties = { mainIntent: bot, owner };
  const wasTried = !store.said.once(purpose, "room");
  const found = wasTried ? await findMade(bot, purpose) : undefined;
  if (found !== undefined) {
    await inviteAgain(found, parties);
    return found;
  }
  const made = await bot.createRoom({
    ...directRoom(owner, federate),
    ...(name !== undefined && { name }),
    creation_content: { "m.federate": federate, [PURPOSE_KEY]: purpose },
  });
  const late = wasTried ? await findMade(bot, purpose, made) : undefined;
  if (late === undefined) return made;
  await leaveDouble(parties, { double: made });
  await inviteAgain(late, parties);
  return late;
}

async function findMade(bot: UserIntent, purpose: string, except?: string): Promise<string | undefined> {
  for (const roomId of await bot.joinedRooms()) {
    if (roomId === except) continue;
    const content = await bot.state(roomId, "m.room.create").catch(unlessRefused);
    if (content?.[PURPOSE_KEY] === purpose) return roomId;
  }
  return undefined;
}
