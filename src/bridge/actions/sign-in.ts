import { MsnError } from "../../msn/index.ts";
import type { Logins } from "../login/logins.ts";
import { AccountInUse, LoginRefused, type NewSession, type Refusal } from "../login/new-session.ts";

export type SignInOutcome =
  | { readonly type: "signed-in" }
  /** Another user of this bridge has the account; it can be taken over. */
  | { readonly type: "account-in-use" }
  | Refusal
  | { readonly type: "sign-in-refused"; readonly error: MsnError };

/** Signs an account in; its password is kept if the network takes it. @throws the signal's reason */
export async function signIn(
  logins: Pick<Logins, "signIn">,
  wish: NewSession,
  signal: AbortSignal,
): Promise<SignInOutcome> {
  try {
    await logins.signIn(wish, signal);
    return { type: "signed-in" };
  } catch (error) {
    if (error instanceof AccountInUse) return { type: "account-in-use" };
    if (error instanceof LoginRefused) return error.refusal;
    if (error instanceof MsnError) return { type: "sign-in-refused", error };
    throw error;
  }
}
