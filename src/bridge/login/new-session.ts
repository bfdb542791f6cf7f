import type { Network } from "../session/session.ts";

/** The account that a user wants to sign in. */
export interface NewSession {
  readonly owner: string;
  readonly network: Network;
  readonly passport: string;
  readonly password: string;
  /** Ends the login of another Matrix user for the same account. */
  readonly takesOver?: boolean;
}

/** Why this bridge itself does not allow a login. */
export type Refusal =
  | { readonly type: "too-many-logins"; readonly most: number }
  /** The user gave too many wrong passwords, and has to wait for so long, in milliseconds. */
  | { readonly type: "too-many-wrong-passwords"; readonly waitMs: number };

/** A login that this bridge itself does not allow. */
export class LoginRefused extends Error {
  override readonly name = "LoginRefused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`a login was refused: ${refusal.type}`);
    this.refusal = refusal;
  }
}

/** Another Matrix user is signed in with the account on this bridge. Said only to people who know its password. */
export class AccountInUse extends Error {
  override readonly name = "AccountInUse";
}
