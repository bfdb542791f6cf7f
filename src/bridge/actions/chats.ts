import { plainName } from "../../convert/to-matrix.ts";
import { accountKey, MsnError } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Login } from "../login/login.ts";
import type { RoomEnd } from "../room/farewell.ts";
import type { Portal } from "../portal/portal.ts";
import { withHomeserver, type HomeserverFailure } from "./homeserver.ts";
import { contactOf } from "./lists.ts";

/** The chat with a contact; undefined if there is none. */
export function chatWith({ portals }: Login, account: string): PortalRow | undefined {
  return portals.list().find(({ kind, remote }) => kind === "direct" && remote === accountKey(account));
}

export type ChatOutcome =
  | {
      readonly type: "chat-opened";
      readonly account: string;
      readonly roomId: string;
      readonly isNew: boolean;
      /** They are not one of the contacts, so nothing is known of their presence. */
      readonly isStranger: boolean;
    }
  // The homeserver encrypts every room, so nothing that is written there can be read.
  | { readonly type: "chat-encrypted"; readonly account: string }
  | { readonly type: "logged-out"; readonly passport: string }
  | HomeserverFailure;

/** Opens the room with a contact, and invites the user. @throws the signal's reason */
export async function startChat(login: Login, called: string, signal: AbortSignal): Promise<ChatOutcome> {
  const account = accountKey(called);
  if (login.session.state.type === "logged-out") return { type: "logged-out", passport: login.row.passport };
  signal.throwIfAborted();
  return withHomeserver(async () => {
    const portal = login.portals.direct(account);
    const { roomId, isNew, isEncrypted } = await portal.room.ensure();
    login.portals.welcome(portal.row);
    if (isEncrypted) return { type: "chat-encrypted", account };
    const isStranger = login.session.roster !== undefined && contactOf(login, account)?.lists.has("FL") !== true;
    return { type: "chat-opened", account, roomId, isNew, isStranger };
  });
}

export type GroupChatOutcome =
  /** `missing`: those who could not be called, by name. */
  | {
      readonly type: "group-opened";
      readonly name: string;
      readonly roomId: string;
      readonly missing: readonly string[];
    }
  /** The chat goes on where it is. */
  | { readonly type: "invited" }
  | { readonly type: "not-called"; readonly who: readonly string[]; readonly error: MsnError }
  | HomeserverFailure;

/** Calls several contacts to one chat and opens its room. */
export async function createGroup(login: Login, accounts: readonly string[]): Promise<GroupChatOutcome> {
  const portal = login.portals.groupOf(accounts);
  const names = (those: readonly string[]): string[] => those.map((account) => nameOf(login, account));
  return calling(names(accounts), async () => {
    const missing = await (await login.session.conversation(portal.members)).gather();
    const { roomId } = await portal.room.ensure();
    return { type: "group-opened", name: portal.room.state.info.called, roomId, missing: names(missing) };
  });
}

/** Calls one more contact to a chat; a chat of two goes on as a group. */
export async function inviteToChat(login: Login, portal: Portal, account: string): Promise<GroupChatOutcome> {
  return calling([nameOf(login, account)], async () => {
    const next = await login.portals.invite(portal, account);
    const { roomId } = await next.room.ensure();
    if (next === portal) return { type: "invited" };
    return { type: "group-opened", name: next.room.state.info.called, roomId, missing: [] };
  });
}

function nameOf(login: Login, account: string): string {
  return plainName(login.nameOf(account)) || account;
}

async function calling(who: readonly string[], work: () => Promise<GroupChatOutcome>): Promise<GroupChatOutcome> {
  try {
    return await withHomeserver(work);
  } catch (error) {
    if (!(error instanceof MsnError)) throw error;
    return { type: "not-called", who, error };
  }
}

export type NudgeOutcome =
  { readonly type: "nudged" } | { readonly type: "not-nudged"; readonly name: string; readonly error: MsnError };

interface NudgedPortal extends Pick<Portal, "say"> {
  readonly members: Pick<Portal["members"], "name">;
}

/** @param now since when it waits for a connection */
export async function nudge(portal: NudgedPortal, now: number): Promise<NudgeOutcome> {
  const delivery = await portal.say({ type: "nudge" }, now);
  if (delivery.state === "delivered") return { type: "nudged" };
  return { type: "not-nudged", name: portal.members.name(), error: delivery.error };
}

export type NicknameOutcome =
  /** `title` null: the room is called as the contact calls themselves. */
  { readonly type: "nicknamed"; readonly account: string; readonly title: string | null } | HomeserverFailure;

/** Calls the room with a contact something that only the user sees. */
export async function setNickname(login: Login, account: string, title: string | null): Promise<NicknameOutcome> {
  return withHomeserver(async () => {
    await login.portals.direct(accountKey(account)).room.state.rename(title);
    return { type: "nicknamed", account, title };
  });
}

export type CloseOutcome =
  | {
      readonly type: "closed";
      readonly name: string;
      readonly end: RoomEnd;
      /** False: the homeserver did not let all of them leave. */
      readonly isEmpty: boolean;
    }
  | { readonly type: "no-room" };

/** Gives the room of a chat up. */
export async function closeChat(portal: Pick<Portal, "members" | "room">, end: RoomEnd): Promise<CloseOutcome> {
  if (portal.room.roomId === null) return { type: "no-room" };
  const name = portal.members.name();
  return { type: "closed", name, end, isEmpty: await portal.room.close(end) };
}

export type RetryOutcome = { readonly type: "retried" | "nothing-to-retry" } | HomeserverFailure;

/** Sends again what was not delivered last. */
export async function retryLast(portal: Pick<Portal, "retry">): Promise<RetryOutcome> {
  return withHomeserver(async () => ({ type: (await portal.retry()) ? "retried" : "nothing-to-retry" }));
}
