import type { Said } from "../store/said.ts";
import type { Logins } from "./logins.ts";
import type { Oversight } from "./oversight.ts";
import type { Portal } from "./portal.ts";

/** Something that is noted on disk about a room. */
export interface RoomMark {
  readonly isSet: boolean;
  set(): void;
  clear(): void;
}

/** Whether the bot has asked for a password in a room and has had no answer yet. */
export function passwordMark(said: Said, roomId: string): RoomMark {
  const what = "asks-password";
  return {
    get isSet() {
      return said.has(roomId, what);
    },
    set: () => void said.once(roomId, what),
    clear: () => said.forget(roomId, what),
  };
}

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
  /** The bot has asked for a password in this room, and has had no answer yet. */
  readonly asksPassword: RoomMark;
  /** Answers her. */
  readonly say: (text: string) => Promise<void>;
  /** Removes what she said. False: that is not in our power. */
  readonly redact: () => Promise<boolean>;
  readonly logins: Logins;
  /** What those who look after the bridge can see and do. */
  readonly oversight: Oversight;
}

/** Understands and runs a command. The bridge is handed it, so that it need not know any command. */
export type RunCommand = (request: CommandRequest) => Promise<void>;
