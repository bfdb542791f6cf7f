import { MsnError } from "../../msn/index.ts";
import type { LogoutWay } from "../base/settings.ts";
import type { Login } from "../login/login.ts";
import type { Logins } from "../login/logins.ts";
import type { Session, SessionState } from "../session/session.ts";

/** A login as its owner and the admin see it. */
export interface LoginInfo {
  /** What no other login of its owner is called. */
  readonly name: string;
  readonly owner: string;
  readonly passport: string;
  readonly network: string;
  readonly state: SessionState;
}

export interface NamedLogin {
  readonly row: Pick<Login["row"], "server" | "passport" | "owner">;
  readonly network: Pick<Login["network"], "name">;
}

interface SeenLogin extends NamedLogin {
  readonly session: Pick<Session, "state" | "lastHeard" | "contacts" | "ping">;
  readonly strangers: Pick<Login["strangers"], "ignored">;
}

export function loginInfo({ row, network, session }: NamedLogin & { session: Pick<Session, "state"> }): LoginInfo {
  return {
    name: fullName({ row }),
    owner: row.owner,
    passport: row.passport,
    network: network.name,
    state: session.state,
  };
}

/** The name of a login that no other login of the same user has. */
export function fullName({ row }: Pick<NamedLogin, "row">): string {
  return `${row.server}/${row.passport.toLowerCase()}`;
}

/** The logins that go by a name, which is an address, or a server and an address with a slash between. */
export function loginsNamed<L extends Pick<NamedLogin, "row">>(all: readonly L[], name: string): L[] {
  const wanted = name.toLowerCase();
  const exact = all.filter((login) => fullName(login) === wanted);
  return exact.length > 0 ? exact : all.filter(({ row }) => row.passport.toLowerCase() === wanted);
}

/** Why no login was found. `known` are those that can be named, as short as that can be done. */
export type NoLogin =
  | { readonly type: "no-logins" }
  | { readonly type: "unknown-login"; readonly name: string; readonly known: readonly string[] }
  | { readonly type: "ambiguous-login" | "several-logins"; readonly known: readonly string[] };

/**
 * The login of a name, or the only one there is.
 * @param name empty: none is named
 * @param choices which logins are a choice where none is named, the first that are any
 */
export function findLogin<L extends Pick<NamedLogin, "row">>(
  mine: readonly L[],
  name: string,
  choices: ReadonlyArray<(login: L) => boolean>,
): L | NoLogin {
  const suiting = name === "" ? choices.map((suits) => mine.filter(suits)).find(({ length }) => length > 0) : mine;
  const all = suiting ?? mine;
  const [only, ...more] = name === "" ? all : loginsNamed(all, name);
  if (all.length === 0) return { type: "no-logins" };
  if (only === undefined) return { type: "unknown-login", name, known: shortNames(all) };
  if (more.length === 0) return only;
  return { type: name === "" ? "several-logins" : "ambiguous-login", known: shortNames(all) };
}

function shortNames(logins: ReadonlyArray<Pick<NamedLogin, "row">>): string[] {
  const addresses = logins.map(({ row }) => row.passport.toLowerCase());
  const areUnique = new Set(addresses).size === addresses.length;
  return logins.map((login) => (areUnique ? login.row.passport : fullName(login)));
}

/** A login, and what was last seen of it. */
export interface LoginReport extends LoginInfo {
  /** Undefined while there is no session. */
  readonly seen?: {
    /** When the server was last heard: a moment of the clock. */
    readonly lastHeard: number;
    readonly contacts: number;
    readonly online: number;
    /** How many messages of strangers were ignored since the start. */
    readonly ignored: number;
  };
}

export function loginReport(login: SeenLogin): LoginReport {
  const { state, lastHeard, contacts } = login.session;
  if (state.type !== "connected" || lastHeard === undefined) return loginInfo(login);
  const listed = [...contacts.values()].filter(({ lists }) => lists.has("FL"));
  const online = listed.filter(({ status }) => status !== "FLN").length;
  return {
    ...loginInfo(login),
    seen: { lastHeard, contacts: listed.length, online, ignored: login.strangers.ignored },
  };
}

/** A login, and how long its server took to answer, in milliseconds, if it is signed in. */
export interface PingedLogin extends LoginInfo {
  readonly answer?:
    { readonly type: "answered"; readonly ms: number } | { readonly type: "unanswered"; readonly error: MsnError };
}

export async function pingLogin(login: SeenLogin): Promise<PingedLogin> {
  if (login.session.state.type !== "connected") return loginInfo(login);
  try {
    const ms = await login.session.ping();
    return { ...loginInfo(login), answer: { type: "answered", ms } };
  } catch (error) {
    if (!(error instanceof MsnError)) throw error;
    return { ...loginInfo(login), answer: { type: "unanswered", error } };
  }
}

export interface SignedOut {
  readonly passport: string;
  readonly network: string;
  readonly way: LogoutWay;
  /** How many rooms the contacts have left. */
  readonly left: number;
}

/** Signs a login out and forgets its password. */
export async function signOut(logins: Logins, login: Login, way = logins.cleanupOnLogout): Promise<SignedOut> {
  const left = await logins.signOut(login, way);
  return { passport: login.row.passport, network: login.network.name, way, left };
}

export interface Reconnected {
  readonly type: "signing-in" | "logged-out";
  readonly passport: string;
  readonly network: string;
}

/** Signs a login in again with the password that is kept. */
export function reconnect(logins: Logins, login: Login): Reconnected {
  const type = logins.reconnect(login) ? "signing-in" : "logged-out";
  return { type, passport: login.row.passport, network: login.network.name };
}
