import type { Logins } from "./logins.ts";
import type { Portal } from "./portal.ts";

/** Somebody says something to the bot, or says a command in one of her chats. */
export interface CommandRequest {
  /** A Matrix user id; she may use the bridge. */
  readonly sender: string;
  readonly roomId: string;
  /** When she said it, in milliseconds since the epoch. */
  readonly now: number;
  /** What she said, without the prefix. */
  readonly text: string;
  /** The chat in which she said it, if it was not said to the bot. */
  readonly portal?: Portal;
  /** Answers her. */
  readonly say: (text: string) => Promise<void>;
  /** Removes what she said. False: that is not in our power. */
  readonly redact: () => Promise<boolean>;
  readonly logins: Logins;
}

/** Understands and runs a command. The bridge is handed it, so that it need not know any command. */
export type RunCommand = (request: CommandRequest) => Promise<void>;
