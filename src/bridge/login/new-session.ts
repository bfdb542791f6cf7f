import type { Network } from "../session/session.ts";

/** Whom somebody wants to be on MSN. */
export interface NewSession {
  readonly owner: string;
  readonly network: Network;
  readonly passport: string;
  readonly password: string;
  /** Ends the login of another Matrix user for the same account. */
  readonly takesOver?: boolean;
}

/** A login that this bridge itself does not allow; the message is for the person. */
export class LoginRefused extends Error {
  override readonly name = "LoginRefused";
}

/** Another Matrix user is signed in with the account on this bridge. Said only to people who know its password. */
export class AccountInUse extends Error {
  override readonly name = "AccountInUse";
}
