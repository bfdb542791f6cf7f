import type { CommandRoom } from "./command-room.ts";

/** A command of a user: what they said, and where. */
export interface CommandRequest {
  /** A Matrix user id; they may use the bridge. */
  readonly sender: string;
  /** When they said it. */
  readonly now: number;
  /** What they said, without the prefix. */
  readonly text: string;
  /** They have chosen one of the answers that a notice offers, so this is a command, whatever the bot has asked them. */
  readonly isChosen: boolean;
  /** The bridge was stopped while this was being done. It is not to be done again. */
  readonly isInterrupted: boolean;
  readonly room: CommandRoom;
}

/** Understands and runs commands. The bridge is handed one, so that it need not know any command. */
export interface CommandRunner {
  run(request: CommandRequest): Promise<void>;
}
