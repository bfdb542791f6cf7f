import { settleAll } from "../../util/settle-all.ts";
import type { PermissionLevel } from "../base/permissions.ts";
import type { Login } from "../login/login.ts";
import { disconnectedByAdmin, fromAdmins, signedOutByAdmin } from "../words/access.ts";
import { fullName, loginInfo, loginsNamed, type LoginInfo } from "./logins.ts";
import type { AdminScope } from "./stats.ts";

export interface UserInfo {
  readonly userId: string;
  readonly level: PermissionLevel;
  /** The names of their logins. */
  readonly logins: readonly string[];
}

/** Those who talk to the bot or have a login, in the order of their names. */
export function listUsers({ bridge: { store, permissions }, logins }: AdminScope): UserInfo[] {
  const owners = [...store.managementRooms.list(), ...store.logins.list()].map(({ owner }) => owner);
  return [...new Set(owners)]
    .toSorted()
    .map((userId) => ({ userId, level: permissions.levelOf(userId), logins: logins.of(userId).map(fullName) }));
}

export function listAllLogins({ logins }: AdminScope): LoginInfo[] {
  return logins.all.map(loginInfo);
}

export type KickOutcome = {
  readonly type: "kicked" | "not-signed-in";
  readonly who: string;
  /** The names of the logins that were signed out. */
  readonly logins: readonly string[];
};

/** Signs a user out of all logins, and tells them. Their rooms stay. */
export async function kickUser({ logins, bridge }: AdminScope, who: string, by: string): Promise<KickOutcome> {
  const kept = logins.of(who).filter((login) => logins.isKept(login));
  if (kept.length === 0) return { type: "not-signed-in", who, logins: [] };
  // One that cannot be signed out keeps no other signed in.
  await settleAll(kept.map((login) => logins.signOut(login, "keep")));
  const names = kept.map(fullName);
  bridge.notices.tell(who, signedOutByAdmin(names));
  bridge.log.info({ by, who }, "an admin has signed a user out");
  return { type: "kicked", who, logins: names };
}

/** An admin's change of one login, or why there was none. */
export type LoginOutcome =
  | { readonly type: "disconnected" | "signing-in"; readonly name: string; readonly owner: string }
  | { readonly type: "not-allowed"; readonly owner: string }
  | { readonly type: "unknown-login"; readonly name: string }
  | { readonly type: "ambiguous-login"; readonly known: readonly string[] };

/** Ends the session of a login, until `reconnect` or the next start of the bridge, and tells its owner. */
export async function disconnect(scope: AdminScope, called: string, by: string): Promise<LoginOutcome> {
  const login = keptLogin(scope, called);
  if ("type" in login) return login;
  const { owner, passport, id } = login.row;
  await login.session.stop();
  scope.bridge.notices.tell(owner, disconnectedByAdmin(passport));
  scope.bridge.log.info({ by, login: id }, "an admin has disconnected a login");
  return { type: "disconnected", name: fullName(login), owner };
}

/** Signs a login in again with the password that is kept. */
export function reconnectLogin(scope: AdminScope, called: string): LoginOutcome {
  const login = keptLogin(scope, called);
  if ("type" in login) return login;
  const { owner } = login.row;
  if (!scope.logins.reconnect(login)) return { type: "not-allowed", owner };
  return { type: "signing-in", name: fullName(login), owner };
}

function keptLogin({ logins }: AdminScope, called: string): Login | Exclude<LoginOutcome, { owner: string }> {
  const kept = logins.all.filter((login) => logins.isKept(login));
  const [found, another] = loginsNamed(kept, called);
  if (found === undefined) return { type: "unknown-login", name: called };
  if (another !== undefined) return { type: "ambiguous-login", known: [found, another].map(fullName) };
  return found;
}

/** Tells all users who are kept signed in something. @returns how many they are */
export function broadcast({ bridge, logins }: AdminScope, text: string, by: string): number {
  const count = logins.signedIn().length;
  // All of them or none.
  bridge.store.batch(() => logins.tellAll(fromAdmins(text)));
  bridge.log.info({ by, count }, "an admin has told everybody something");
  return count;
}
