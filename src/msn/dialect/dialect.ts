import type { Command } from "../wire/command.ts";
import type { RosterChange } from "./roster-change.ts";

/** Everything that differs between the versions of the protocol. Nothing else may look at a version. */
export interface Dialect {
  readonly name: "MSNP8";
  /** What follows the transaction id of CVR, up to the account: the client that we say we are. */
  readonly clientVersion: readonly string[];
  /** The capabilities sent with CHG. */
  readonly capabilities: number;
  /** The commands of the server that carry a payload; their last argument is its length. */
  readonly payloadCommands: ReadonlySet<string>;
  /** The product id and the response for a challenge (CHL). */
  answerChallenge(challenge: string): { productId: string; response: Buffer };
  /** The own display name in the arguments of `USR t OK …`; undefined where the dialect does not send it there. */
  ownName(args: readonly string[]): string | undefined;
  /** What a command says about contacts and groups; undefined for commands that say nothing about them. */
  readRoster(command: Command): RosterChange | undefined;
}
