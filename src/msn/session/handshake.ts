import type { Dialect } from "../dialect/dialect.ts";
import { MsnError } from "../base/errors.ts";
import { parseAddress, type Address } from "../net/dial.ts";
import type { Connection } from "../net/connection.ts";

/** How a server answers when an account introduces itself. */
export type Introduction =
  | { readonly type: "referral"; readonly address: Address }
  | { readonly type: "challenge"; readonly policy: string }
  /** The server asks for no ticket. The own display name, where the server sends it. */
  | { readonly type: "signed-in"; readonly name: string | undefined };

/**
 * The first half of signing in: VER, CVR, USR I (docs/msnp.md 2.2-2.4).
 * @returns another server to go to, the policy with which a ticket is asked for, or that no ticket is needed
 * @throws MsnError
 */
export async function introduce(connection: Connection, dialect: Dialect, account: string): Promise<Introduction> {
  const version = await connection.request("VER", [dialect.name, "CVR0"]);
  if (!version.args.includes(dialect.name)) {
    throw new MsnError("rejected", `the server does not speak ${dialect.name}`);
  }
  await connection.request("CVR", [...dialect.clientVersion, account]);
  const answer = await connection.request("USR", ["TWN", "I", account], { answers: ["USR", "XFR"] });
  if (answer.name === "XFR") return readReferral(answer.args);
  if (isOk(answer.args)) return { type: "signed-in", name: dialect.ownName(answer.args) };
  return readChallenge(answer.args);
}

/**
 * The second half of signing in: USR S.
 * @returns the account's own display name, where the server sends it
 * @throws MsnError `bad-credentials` when the ticket is refused
 */
export async function authenticate(
  connection: Connection,
  dialect: Dialect,
  ticket: string,
): Promise<string | undefined> {
  const { args } = await connection.request("USR", ["TWN", "S", ticket]);
  if (!isOk(args)) throw new MsnError("protocol", "the server answered the ticket with something unknown");
  return dialect.ownName(args);
}

// USR t OK account name verified kid
function isOk([, state]: readonly string[]): boolean {
  return state?.toUpperCase() === "OK";
}

// XFR t NS host[:port] [0 current]
function readReferral([, kind, target]: readonly string[]): Introduction {
  const address = target === undefined ? undefined : parseAddress(target);
  if (kind !== "NS" || address === undefined) {
    throw new MsnError("protocol", "the server referred us to a server that cannot be understood");
  }
  return { type: "referral", address };
}

// USR t TWN S policy
function readChallenge([, , step, policy]: readonly string[]): Introduction {
  if (step !== "S" || !policy) throw new MsnError("protocol", "the server asked for a ticket in a way that is unknown");
  return { type: "challenge", policy };
}
