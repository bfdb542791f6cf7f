import type { Status } from "../../msn/index.ts";
import type { StatusPolicy } from "../../store/logins.ts";
import type { Login } from "../login/login.ts";
import type { OwnStatus } from "../own-status/own-status.ts";
import type { Session } from "../session/session.ts";
import { changeLists, notSignedIn, type ListFailure, type ListLogin, type NotSignedIn } from "./lists.ts";

// docs/msnp.md 1.4: so long may a name be when it is percent-encoded.
const LONGEST_NAME = 387;

/** The status that contacts see of a login. */
export interface StatusInfo {
  readonly passport: string;
  readonly network: string;
  /** False: it is shown once the login is signed in. */
  readonly isConnected: boolean;
  readonly status: Status;
  readonly policy: StatusPolicy;
}

export interface StatusLogin {
  readonly row: Pick<Login["row"], "passport">;
  readonly network: Pick<Login["network"], "name">;
  readonly session: Pick<Session, "state">;
  readonly ownStatus: Pick<OwnStatus, "policy" | "wanted" | "choose" | "setPolicy">;
}

export type StatusChange =
  | { readonly type: "policy"; readonly policy: StatusPolicy }
  | { readonly type: "status"; readonly status: Exclude<Status, "FLN"> };

export function statusOf({ row, network, session, ownStatus }: StatusLogin): StatusInfo {
  const { wanted: status, policy } = ownStatus;
  const isConnected = session.state.type === "connected";
  return { passport: row.passport, network: network.name, isConnected, status, policy };
}

export function setStatus(login: StatusLogin, change: StatusChange): StatusInfo {
  if (change.type === "policy") login.ownStatus.setPolicy(change.policy);
  else login.ownStatus.choose(change.status);
  return statusOf(login);
}

export type NameOutcome =
  | { readonly type: "renamed"; readonly passport: string; readonly network: string; readonly name: string }
  | { readonly type: "nameless" }
  | { readonly type: "name-too-long" }
  | ListFailure;

/** Sets the name that contacts see. */
export async function setName(login: ListLogin, called: string): Promise<NameOutcome> {
  const name = called.toWellFormed();
  if (name === "") return { type: "nameless" };
  if (encodeURIComponent(name).length > LONGEST_NAME) return { type: "name-too-long" };
  return changeLists(login, `"${name}"`, async (lists) => {
    await lists.rename(name);
    return { type: "renamed", passport: login.row.passport, network: login.network.name, name };
  });
}

/** Who may see an account, and what other clients are to do about those who add it. */
export interface PrivacyInfo {
  readonly type: "privacy";
  readonly passport: string;
  /** True: all who are not blocked. False: only those who are allowed. */
  readonly isOpen: boolean;
  readonly asksOnAdd: boolean;
}

export type PrivacyChange = Pick<PrivacyInfo, "isOpen"> | Pick<PrivacyInfo, "asksOnAdd">;

export function privacyOf(login: ListLogin): PrivacyInfo | NotSignedIn {
  const { roster } = login.session;
  if (roster === undefined) return notSignedIn(login);
  const { privacy, asksOnAdd } = roster;
  return { type: "privacy", passport: login.row.passport, isOpen: privacy === "AL", asksOnAdd };
}

export async function setPrivacy(login: ListLogin, change: PrivacyChange): Promise<PrivacyInfo | ListFailure> {
  return changeLists(login, "", async (lists) => {
    if ("isOpen" in change) await lists.setPrivacy(change.isOpen ? "AL" : "BL");
    else await lists.setAsksOnAdd(change.asksOnAdd);
    return privacyOf(login);
  });
}
