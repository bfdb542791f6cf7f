import type { CommandRequest as Said } from "../bridge/inbound/command-request.ts";
import type { Clock } from "../util/clock.ts";
import type { SecretMark } from "../bridge/bot/secret-mark.ts";
import type { Logins } from "../bridge/login/logins.ts";
import type { Stats } from "../bridge/actions/stats.ts";
import type { Portal } from "../bridge/portal/portal.ts";
import type { Removal } from "../bridge/room/removal.ts";

/** Somebody says something to the bot, or says a command in one of her chats. */
export interface CommandRequest {
  /** A Matrix user id; she may use the bridge. */
  readonly sender: string;
  /** Whether she looks after the bridge. */
  readonly isAdmin: boolean;
  readonly roomId: string;
  /** When she said it, in milliseconds since the epoch. */
  readonly now: number;
  /** What she said, without the prefix. */
  readonly text: string;
  /** She has chosen one of the answers that a notice offers, so this is a command, whatever the bot has asked her. */
  readonly isChosen?: boolean;
  /** The chat in which she said it, if it was not said to the bot. */
  readonly portal?: Portal;
  /** The bridge was stopped while this was being done. It is not to be done again. */
  readonly isInterrupted?: boolean;
  readonly secretMark: SecretMark;
  /** Answers her. */
  readonly say: (text: string) => Promise<void>;
  /** Removes what was said, as far as that can be done. */
  readonly redact: () => Promise<Removal>;
  /**
   * Asks the homeserver whether the room holds the sender and the bot and nobody else at this moment.
   * @throws MatrixError
   */
  readonly isPrivate: () => Promise<boolean>;
  readonly logins: Logins;
  /** What those who look after the bridge can see and do. */
  readonly stats: Stats;
}

/** Who the commands are for, and what they work on. */
export interface CommandScope {
  readonly logins: Logins;
  readonly stats: Stats;
  readonly clock: Clock;
}

export function requestOf({ room, ...said }: Said, { logins, stats }: CommandScope): CommandRequest {
  return {
    ...said,
    isAdmin: stats.levelOf(said.sender) === "admin",
    roomId: room.roomId,
    secretMark: room.secretMark,
    ...(room.portal !== undefined && { portal: room.portal }),
    say: (text) => Promise.resolve(room.say(text)),
    redact: async () => room.redact(),
    isPrivate: async () => room.isPrivate(),
    logins,
    stats,
  };
}
