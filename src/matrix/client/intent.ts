import { z } from "zod";
import { MatrixError } from "./errors.ts";
import { checkedRequest, type Method, type Requester, type RequestOptions } from "./requester.ts";

// Homeservers under load take minutes for it, and giving up early leaves a room that the bridge does not know.
const CREATE_ROOM_TIMEOUT_MS = 5 * 60_000;
const [REPLACEMENTS, REPLACEMENTS_TIMEOUT_MS] = [50, 10_000] as const;

/** Which of our users exist on the homeserver, remembered on disk. */
export interface Registrations {
  has(userId: string): boolean;
  add(userId: string): void;
}

/** Knows the user ids of ghosts; the homeserver may ask before the bridge acted as one. */
export interface GhostDirectory {
  isGhost(userId: string): boolean;
}

/** Some events of a room, newest first. */
export interface TimelinePage {
  readonly events: readonly unknown[];
  /** Where the page before this one begins; undefined when there is nothing before it. */
  readonly next: string | undefined;
}

export type Membership = "join" | "invite" | "leave" | "ban" | "knock";
export type PresenceState = "online" | "unavailable" | "offline";

const created = z.object({ room_id: z.string() });
const sent = z.object({ event_id: z.string() });
const joined = z.object({ joined_rooms: z.array(z.string()) });
const members = z.object({ joined: z.record(z.string(), z.unknown()) });
const timeline = z.object({ chunk: z.array(z.unknown()), end: z.string().nullish() });
const memberEvents = z.object({
  chunk: z.array(z.object({ state_key: z.string(), content: z.object({ membership: z.string() }) })),
});
const presenceStatus = z.object({ presence: z.string() });
const anyObject = z.record(z.string(), z.unknown());
const profileName = z.object({ displayname: z.string().nullish() });
const member = z.object({ membership: z.enum(["join", "invite", "leave", "ban", "knock"]) });

/**
 * Acts as one Matrix user, the bot or a ghost, who is registered before its first deed. Nothing is done in the
 * background: no joining, no second try under another transaction id. Every method throws MatrixError.
 */
export class UserIntent {
  readonly userId: string;
  readonly #requester: Requester;
  readonly #bot: Requester;
  readonly #registrations: Registrations;
  #registering: Promise<void> | undefined;

  /**
   * @param requester asks in the name of this user
   * @param bot asks in the name of the appservice itself
   */
  constructor(userId: string, requester: Requester, bot: Requester, registrations: Registrations) {
    this.userId = userId;
    this.#requester = requester;
    this.#bot = bot;
    this.#registrations = registrations;
  }

  /** The homeserver's time, in milliseconds since the epoch, less that of our clock; undefined where that is not known. */
  get serverAheadMs(): number | undefined {
    return this.#requester.serverAheadMs;
  }

  /** Makes sure that the user exists. Costs a request once in the life of a ghost, however many ask at once. */
  async ensureRegistered(): Promise<void> {
    if (this.#registrations.has(this.userId)) return;
    this.#registering ??= this.#register().finally(() => (this.#registering = undefined));
    await this.#registering;
  }

  /**
   * Creates a room and returns its id; takes up to five minutes. After `timeout`, `unreachable` or `bad-answer` it may
   * exist: this is never repeated.
   */
  async createRoom(options: Record<string, unknown>): Promise<string> {
    const request = { body: options, timeoutMs: CREATE_ROOM_TIMEOUT_MS };
    return (await this.#ask(created, "POST", "/createRoom", request)).room_id;
  }

  async join(roomId: string): Promise<void> {
    await this.#ask(created, "POST", inRoom(roomId, "join"), { body: {} });
  }

  /** Leaves a room, or declines an invitation. */
  async leave(roomId: string, reason?: string): Promise<void> {
    await this.#ask(anyObject, "POST", inRoom(roomId, "leave"), { body: withReason(reason) });
  }

  async invite(roomId: string, userId: string): Promise<void> {
    await this.#ask(anyObject, "POST", inRoom(roomId, "invite"), { body: { user_id: userId } });
  }

  async kick(roomId: string, userId: string, reason: string): Promise<void> {
    await this.#ask(anyObject, "POST", inRoom(roomId, "kick"), { body: { user_id: userId, reason } });
  }

  /**
   * Sends an event and returns its id. The same `txnId` again gives the same event, unless the homeserver was restarted
   * in between.
   * @param txnId unique among all our users, because homeservers do not keep them apart; what is sent under it in another
   * room is another event
   */
  async send(roomId: string, type: string, txnId: string, content: Record<string, unknown>): Promise<string> {
    const path = inRoom(roomId, "send", type, txnIdIn(roomId, txnId));
    return (await this.#ask(sent, "PUT", path, { body: content })).event_id;
  }

  async sendState(roomId: string, type: string, stateKey: string, content: Record<string, unknown>): Promise<string> {
    return (await this.#ask(sent, "PUT", inRoom(roomId, "state", type, stateKey), { body: content })).event_id;
  }

  /** @param txnId as for `send` */
  async redact(roomId: string, eventId: string, txnId: string, reason?: string): Promise<string> {
    const path = inRoom(roomId, "redact", eventId, txnId);
    return (await this.#ask(sent, "PUT", path, { body: withReason(reason) })).event_id;
  }

  async setDisplayName(name: string): Promise<void> {
    await this.#ask(anyObject, "PUT", join("profile", this.userId, "displayname"), { body: { displayname: name } });
  }

  async displayName(): Promise<string | undefined> {
    const profile = await this.#find(profileName, join("profile", this.userId, "displayname"));
    return profile?.displayname ?? undefined;
  }

  async joinedRooms(): Promise<string[]> {
    return (await this.#ask(joined, "GET", "/joined_rooms")).joined_rooms;
  }

  async joinedMembers(roomId: string): Promise<string[]> {
    return Object.keys((await this.#ask(members, "GET", inRoom(roomId, "joined_members"))).joined);
  }

  /** Who is in a room or invited to it, as the homeserver knows it at this moment. */
  async people(roomId: string): Promise<string[]> {
    const query = { not_membership: "leave" };
    const found = await this.#find(memberEvents, inRoom(roomId, "members"), { query });
    // Not every homeserver says who is invited; each says who is there.
    if (found === undefined) return this.joinedMembers(roomId);
    return found.chunk
      .filter(({ content: { membership } }) => membership === "join" || membership === "invite")
      .map(({ state_key: userId }) => userId);
  }

  /** The content of a state event, or undefined when the room has none. */
  async state(roomId: string, type: string, stateKey = ""): Promise<Record<string, unknown> | undefined> {
    return this.#find(anyObject, inRoom(roomId, "state", type, stateKey));
  }

  /** A whole event, or undefined when there is none, or none that this user may see. */
  async event(roomId: string, eventId: string): Promise<Record<string, unknown> | undefined> {
    return this.#find(anyObject, inRoom(roomId, "event", eventId));
  }

  /**
   * Events of a room, newest first, as far as this user may see them.
   * @param from what an earlier page gave as `next`; the newest events if not given
   */
  async eventsBefore(roomId: string, limit: number, from?: string): Promise<TimelinePage> {
    const query = { dir: "b", limit, ...(from !== undefined && { from }) };
    const { chunk, end } = await this.#ask(timeline, "GET", inRoom(roomId, "messages"), { query });
    return { events: chunk, next: end ?? undefined };
  }

  /**
   * The newest edits of an event that the homeserver knows, in no certain order, redacted ones left out. Short-lived:
   * not every homeserver can tell them, and nothing waits long for it.
   */
  async replacements(roomId: string, eventId: string, type: string): Promise<unknown[]> {
    await this.ensureRegistered();
    const path = `/_matrix/client/v1${inRoom(roomId, "relations", eventId, "m.replace", type)}`;
    const options = { query: { dir: "b", limit: REPLACEMENTS }, timeoutMs: REPLACEMENTS_TIMEOUT_MS };
    return (await checkedRequest(this.#requester, timeline, "GET", path, options, this.userId)).chunk;
  }

  /** Undefined when that user never had anything to do with the room. */
  async membership(roomId: string, userId: string): Promise<Membership | undefined> {
    return (await this.#find(member, inRoom(roomId, "state", "m.room.member", userId)))?.membership;
  }

  async readReceipt(roomId: string, eventId: string): Promise<void> {
    await this.#ask(anyObject, "POST", inRoom(roomId, "receipt", "m.read", eventId), { body: {} });
  }

  /** @param timeoutMs how long the homeserver shows it, unless told otherwise before */
  async typing(roomId: string, isTyping: boolean, timeoutMs: number): Promise<void> {
    const body = isTyping ? { typing: true, timeout: timeoutMs } : { typing: false };
    await this.#ask(anyObject, "PUT", inRoom(roomId, "typing", this.userId), { body });
  }

  async setPresence(presence: PresenceState, statusMsg?: string): Promise<void> {
    const body = { presence, ...(statusMsg === undefined ? {} : { status_msg: statusMsg }) };
    await this.#ask(anyObject, "PUT", join("presence", this.userId, "status"), { body });
  }

  /** What the homeserver shows of a user, as it says it: `online`, `unavailable`, `offline`, or what it thinks of. */
  async presence(userId: string): Promise<string> {
    return (await this.#ask(presenceStatus, "GET", join("presence", userId, "status"))).presence;
  }

  async #ask<T>(schema: z.ZodType<T>, method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    await this.ensureRegistered();
    return checkedRequest(this.#requester, schema, method, `/_matrix/client/v3${path}`, options, this.userId);
  }

  async #find<T>(schema: z.ZodType<T>, path: string, options: RequestOptions = {}): Promise<T | undefined> {
    try {
      return await this.#ask(schema, "GET", path, options);
    } catch (error) {
      if (error instanceof MatrixError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  // Asked as the appservice: acting as a user who does not exist yet would be refused.
  async #register(): Promise<void> {
    const username = this.userId.slice(1, this.userId.indexOf(":"));
    const body = { type: "m.login.application_service", username, inhibit_login: true };
    try {
      await checkedRequest(this.#bot, anyObject, "POST", "/_matrix/client/v3/register", { body }, this.userId);
    } catch (error) {
      if (!(error instanceof MatrixError && error.errcode === "M_USER_IN_USE")) throw error;
    }
    this.#registrations.add(this.userId);
  }
}

// The Conduit lineage does not keep rooms apart either: it would answer with the event in the other room, and send nothing.
function txnIdIn(roomId: string, txnId: string): string {
  return `${txnId}~${roomId}`;
}

/** What an event was sent under, as its sender reads it. */
export function sentUnder(transactionId: string): string {
  return transactionId.replace(/~!.*$/su, "");
}

function inRoom(roomId: string, ...parts: string[]): string {
  return join("rooms", roomId, ...parts);
}

function join(...parts: string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}

function withReason(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
