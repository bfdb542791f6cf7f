import { Presences } from "./presences.ts";
import { FakeRoom, type FakeEvent } from "./room.ts";

/** What a homeserver answers when it does not do something. */
export class FakeRefusal extends Error {
  readonly status: number;
  readonly errcode: string;

  constructor(status: number, errcode: string, message: string) {
    super(message);
    this.status = status;
    this.errcode = errcode;
  }
}

export interface CreateRoomOptions {
  preset?: "private_chat" | "trusted_private_chat" | "public_chat";
  invite?: string[];
  is_direct?: boolean;
  name?: string;
  topic?: string;
  room_version?: string;
  creation_content?: Record<string, unknown>;
  initial_state?: { type: string; state_key?: string; content: Record<string, unknown> }[];
  power_level_content_override?: Record<string, unknown>;
}

// What Synapse puts there.
const EVENT_LEVELS = {
  "m.room.name": 50,
  "m.room.power_levels": 100,
  "m.room.history_visibility": 100,
  "m.room.canonical_alias": 50,
  "m.room.avatar": 50,
  "m.room.tombstone": 100,
  "m.room.server_acl": 100,
  "m.room.encryption": 100,
};

/** Users and rooms, and what users do, as far as the homeserver's rules go. Throws FakeRefusal. */
export class FakeWorld {
  readonly domain: string;
  readonly rooms = new Map<string, FakeRoom>();
  readonly users = new Set<string>();
  readonly displayNames = new Map<string, string>();
  readonly presence = new Presences();
  /** What clients keep on the server, by user and type. */
  readonly accountData = new Map<string, Map<string, Record<string, unknown>>>();
  /** Under which transaction id an event was sent, by the id of the event. */
  readonly transactionIds = new Map<string, string>();
  /** Access tokens besides the bridge's own: of one person, or of a registration with these people. */
  readonly tokens = new Map<string, string | RegExp>();
  /** Of rooms for which none is asked. */
  roomVersion = "11";
  /** How it tells of edits: with the event, as Synapse does, by a list alone, as Conduit does, or not at all. */
  edits: "bundled" | "listed" | "untold" = "bundled";
  /** Every new room is made encrypted, as an administrator can ask for. */
  forceEncryption = false;
  readonly #onEvent: (event: FakeEvent, room: FakeRoom) => void;
  #count = 0;

  constructor(domain: string, onEvent: (event: FakeEvent, room: FakeRoom) => void) {
    this.domain = domain;
    this.#onEvent = onEvent;
  }

  /** @throws FakeRefusal 404 for one that does not exist */
  room(roomId: string): FakeRoom {
    const room = this.rooms.get(roomId);
    if (room === undefined) throw new FakeRefusal(404, "M_NOT_FOUND", `Unknown room ${roomId}`);
    return room;
  }

  createRoom(creator: string, options: CreateRoomOptions): FakeRoom {
    const { preset = "private_chat", invite = [], room_version: version = this.roomVersion } = options;
    const overrideUsers = options.power_level_content_override?.["users"];
    if (version === "12" && JSON.stringify(overrideUsers ?? {}).includes(`"${creator}"`)) {
      throw new FakeRefusal(400, "M_BAD_JSON", "Creator must not be in the power levels of a room of version 12");
    }
    const room = new FakeRoom(`!${this.#next("room")}:${this.domain}`, creator, version);
    this.rooms.set(room.id, room);
    const state = (type: string, content: Record<string, unknown>, stateKey = ""): void =>
      void this.#add(room, { type, content, sender: creator, state_key: stateKey });
    state("m.room.create", { ...options.creation_content, creator, room_version: version });
    state("m.room.member", this.#profile(creator, "join"), creator);
    const equals = preset === "trusted_private_chat" ? invite : [];
    const users = Object.fromEntries([...(version === "12" ? [] : [creator]), ...equals].map((user) => [user, 100]));
    state("m.room.power_levels", {
      users,
      users_default: 0,
      events: EVENT_LEVELS,
      events_default: 0,
      state_default: 50,
      redact: 50,
      invite: preset === "public_chat" ? 50 : 0,
      ...options.power_level_content_override,
    });
    state("m.room.join_rules", { join_rule: preset === "public_chat" ? "public" : "invite" });
    state("m.room.history_visibility", { history_visibility: "shared" });
    if (this.forceEncryption) state("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
    for (const { type, content, state_key: stateKey } of options.initial_state ?? []) state(type, content, stateKey);
    if (options.name !== undefined) state("m.room.name", { name: options.name });
    if (options.topic !== undefined) state("m.room.topic", { topic: options.topic });
    for (const user of invite) this.invite(creator, room.id, user, options.is_direct ?? false);
    return room;
  }

  invite(sender: string, roomId: string, userId: string, isDirect = false): void {
    const room = this.#joinedRoom(sender, roomId);
    if (room.powerOf(sender) < room.powerNeeded("invite")) throw forbidden("You may not invite.");
    if (room.membership(userId) === "join") throw forbidden(`${userId} is already in the room.`);
    if (room.membership(userId) === "ban") throw forbidden(`${userId} is banned from the room.`);
    this.#setMembership(room, sender, userId, {
      ...this.#profile(userId, "invite"),
      ...(isDirect && { is_direct: true }),
    });
  }

  join(userId: string, roomId: string): void {
    const room = this.room(roomId);
    const membership = room.membership(userId);
    if (membership === "join") return;
    const open = room.state("m.room.join_rules")?.["join_rule"] === "public";
    if (membership !== "invite" && !(open && membership !== "ban"))
      throw forbidden("You are not invited to this room.");
    this.#setMembership(room, userId, userId, this.#profile(userId, "join"));
  }

  leave(userId: string, roomId: string, reason?: string): void {
    const room = this.room(roomId);
    const membership = room.membership(userId);
    if (membership !== "join" && membership !== "invite") throw forbidden(`${userId} is not in the room.`);
    this.#setMembership(room, userId, userId, { membership: "leave", ...(reason !== undefined && { reason }) });
  }

  kick(sender: string, roomId: string, userId: string, reason?: string): void {
    const room = this.#joinedRoom(sender, roomId);
    if (room.powerOf(sender) < room.powerNeeded("kick") || room.powerOf(userId) >= room.powerOf(sender))
      throw forbidden("You cannot kick this user.");
    this.#setMembership(room, sender, userId, { membership: "leave", ...(reason !== undefined && { reason }) });
  }

  /** Also for state, when a state key is given. Returns the event's id. */
  send(sender: string, roomId: string, type: string, content: Record<string, unknown>, stateKey?: string): string {
    const room = this.#joinedRoom(sender, roomId);
    if (room.powerOf(sender) < room.powerToSend(type, stateKey !== undefined))
      throw forbidden("You may not send this.");
    const state = stateKey === undefined ? {} : { state_key: stateKey };
    return this.#add(room, { type, content, sender, ...state }).event_id;
  }

  redact(sender: string, roomId: string, eventId: string, reason?: string): string {
    const room = this.#joinedRoom(sender, roomId);
    const target = room.event(eventId);
    if (target === undefined) throw new FakeRefusal(404, "M_NOT_FOUND", "Event not found.");
    if (target.sender !== sender && room.powerOf(sender) < room.powerNeeded("redact")) {
      throw forbidden("You don't have permission to redact events");
    }
    const content = { redacts: eventId, ...(reason !== undefined && { reason }) };
    const redaction = this.#add(room, { type: "m.room.redaction", content, sender, redacts: eventId });
    target.content = {};
    target.unsigned = { ...target.unsigned, redacted_because: redaction };
    return redaction.event_id;
  }

  /** What somebody with power over the server, or the room, does to somebody's membership. */
  setMembership(roomId: string, sender: string, userId: string, membership: "leave" | "ban"): void {
    this.#setMembership(this.room(roomId), sender, userId, { membership });
  }

  /** What somebody with power over the server does to the state of a room. */
  setState(roomId: string, sender: string, type: string, content: Record<string, unknown>): void {
    this.#add(this.room(roomId), { type, content, sender, state_key: "" });
  }

  /** Upgrades a room as an administrator of the server can, and invites some people to the new one, whose id it gives. */
  upgrade(roomId: string, ...invite: string[]): string {
    const admin = `@admin:${this.domain}`;
    this.users.add(admin);
    const next = this.createRoom(admin, { creation_content: { predecessor: { room_id: roomId } } });
    this.setState(roomId, admin, "m.room.tombstone", { body: "moved", replacement_room: next.id });
    for (const user of invite) this.invite(admin, next.id, user);
    return next.id;
  }

  #joinedRoom(userId: string, roomId: string): FakeRoom {
    const room = this.room(roomId);
    if (room.membership(userId) !== "join") throw forbidden(`User ${userId} not in room ${roomId}`);
    return room;
  }

  #setMembership(room: FakeRoom, sender: string, userId: string, content: Record<string, unknown>): void {
    this.#add(room, { type: "m.room.member", content, sender, state_key: userId });
  }

  #profile(userId: string, membership: string): Record<string, unknown> {
    const displayname = this.displayNames.get(userId);
    return { membership, ...(displayname !== undefined && { displayname }) };
  }

  #add(room: FakeRoom, part: Omit<FakeEvent, "event_id" | "room_id" | "origin_server_ts">): FakeEvent {
    const event: FakeEvent = {
      ...part,
      event_id: `$${this.#next("event")}`,
      room_id: room.id,
      origin_server_ts: Date.now(),
      ...(part.content["membership"] === "invite" && { unsigned: { invite_room_state: preview(room) } }),
    };
    room.append(event);
    this.#onEvent(event, room);
    return event;
  }

  #next(what: string): string {
    this.#count += 1;
    return `${what}${this.#count}`;
  }
}

// What somebody who is invited may see of a room.
function preview(room: FakeRoom): unknown[] {
  return ["m.room.create", "m.room.join_rules", "m.room.encryption", "m.room.name"].flatMap((type) => {
    const event = room.stateEvent(type);
    return event === undefined ? [] : [{ type, content: event.content, sender: event.sender, state_key: "" }];
  });
}

function forbidden(message: string): FakeRefusal {
  return new FakeRefusal(403, "M_FORBIDDEN", message);
}
