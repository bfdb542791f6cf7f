import type { LoginRow } from "../../store/logins.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Network } from "./state.ts";

/** What there is of a login before it has a session. */
export interface AccountScope extends BaseScope {
  readonly row: LoginRow;
  readonly network: Network;
}

export function accountScope(scope: BaseScope, row: LoginRow, network: Network): AccountScope {
  return { ...scope, row, network };
}
