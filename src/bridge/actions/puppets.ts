import type { Puppets, PuppetState, TokenVerdict } from "../puppets/puppets.ts";
import { withHomeserver, type HomeserverFailure } from "./homeserver.ts";

export type TokenOutcome = TokenVerdict | { readonly type: "no-token" } | HomeserverFailure;

/** Acts for a user from now on with their access token. @throws the signal's reason */
export async function logInMatrix(
  puppets: Pick<Puppets, "logIn">,
  owner: string,
  token: string,
  signal: AbortSignal,
): Promise<TokenOutcome> {
  // What else it may be does not fit into a request's head.
  if (!/^[!-~]+$/u.test(token)) return { type: "no-token" };
  return withHomeserver(async () => puppets.logIn(owner, token, signal));
}

export type TokenForgotten =
  | { readonly type: "no-token" }
  /** `goesOn`: the registration lets the bridge act for the user all the same. */
  | { readonly type: "forgotten"; readonly goesOn: boolean };

/** Forgets the access token of a user. */
export async function logOutMatrix(puppets: Pick<Puppets, "logOut" | "check">, owner: string): Promise<TokenForgotten> {
  if (!puppets.logOut(owner)) return { type: "no-token" };
  const state = await withHomeserver(async () => puppets.check(owner));
  return { type: "forgotten", goesOn: state.type === "works" };
}

/** Whether the bridge can act for a user. */
export async function pingMatrix(
  puppets: Pick<Puppets, "check">,
  owner: string,
): Promise<PuppetState | HomeserverFailure> {
  return withHomeserver(async () => puppets.check(owner));
}
