import type { Logins } from "./logins.ts";

/** Somebody says something to the bot. */
export interface CommandRequest {
  /** A Matrix user id; she may use the bridge. */
  readonly sender: string;
  /** What she said, without the prefix. */
  readonly text: string;
  /** Answers her. */
  readonly say: (text: string) => Promise<void>;
  /** Removes what she said. False: the bot has not got the power. */
  readonly redact: () => Promise<boolean>;
  readonly logins: Logins;
}

/** Understands and runs a command. The bridge is handed it, so that it need not know any command. */
export type RunCommand = (request: CommandRequest) => Promise<void>;
