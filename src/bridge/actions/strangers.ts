import { accountKey } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { HeldBack } from "../from-msn/held-back.ts";
import type { Login } from "../login/login.ts";

/** A login whose strangers are decided about. */
export interface StrangersLogin {
  readonly row: Pick<Login["row"], "passport">;
  readonly network: Pick<Login["network"], "name">;
  readonly heldBack: Pick<HeldBack, "list" | "label" | "open" | "ignore">;
}

/** Those who have written and wait, as they are called. */
export interface WaitingStrangers {
  readonly passport: string;
  readonly network: string;
  readonly who: readonly string[];
}

export function waitingStrangers({ row, network, heldBack }: StrangersLogin): WaitingStrangers {
  return { passport: row.passport, network: network.name, who: heldBack.list().map((one) => heldBack.label(one)) };
}

/** What can be done with those who wait. */
export type Decision = "open" | "ignore";

export type StrangersOutcome =
  | { readonly type: "decided"; readonly decision: Decision; readonly who: readonly string[] }
  | { readonly type: "nobody-waits"; readonly account: string | undefined };

/** @param account undefined: all of them */
export function decide({ heldBack }: StrangersLogin, decision: Decision, account?: string): StrangersOutcome {
  const rows = heldBack.list().filter((row) => account === undefined || isOf(row, account));
  if (rows.length === 0) return { type: "nobody-waits", account };
  // Before they are called something else.
  const who = rows.map((row) => heldBack.label(row));
  heldBack[decision](rows);
  return { type: "decided", decision, who };
}

// A group has no address of its own: it goes with the others.
function isOf({ kind, remote }: PortalRow, account: string): boolean {
  return kind === "direct" && remote === accountKey(account);
}
