import { randomUUID } from "node:crypto";
import type { Pusher } from "./pusher.ts";
import type { CreateRoomOptions, FakeWorld } from "./world.ts";

export interface FakeMessage {
  sender: string;
  body: string;
  content: Record<string, unknown>;
  eventId: string;
}

/** Somebody with an account on the fake homeserver. Acts at once; throws FakeRefusal. */
export class FakePerson {
  readonly userId: string;
  readonly #world: FakeWorld;
  readonly #pusher: Pusher;
  #count = 0;

  constructor(userId: string, world: FakeWorld, pusher: Pusher) {
    this.userId = userId;
    this.#world = world;
    this.#pusher = pusher;
  }

  /** Creates a room the way a client does for a chat of two, and returns its id. */
  createDirectRoom(
    invite: string,
    options: { preset?: CreateRoomOptions["preset"]; encrypted?: boolean } = {},
  ): string {
    const { preset = "trusted_private_chat", encrypted = false } = options;
    const encryption = { type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    return this.createRoom({ preset, is_direct: true, invite: [invite], initial_state: encrypted ? [encryption] : [] });
  }

  createRoom(options: CreateRoomOptions = {}): string {
    return this.#world.createRoom(this.userId, options).id;
  }

  /** The ids of the rooms that this person is invited to. */
  invites(): string[] {
    return this.#roomsWith("invite");
  }

  joinedRooms(): string[] {
    return this.#roomsWith("join");
  }

  join(roomId: string): void {
    this.#world.join(this.userId, roomId);
  }

  leave(roomId: string): void {
    this.#world.leave(this.userId, roomId);
  }

  invite(roomId: string, userId: string): void {
    this.#world.invite(this.userId, roomId, userId);
  }

  /** Sends a text and returns its event id. */
  say(roomId: string, text: string): string {
    return this.send(roomId, "m.room.message", { msgtype: "m.text", body: text });
  }

  send(roomId: string, type: string, content: Record<string, unknown>): string {
    return this.#world.send(this.userId, roomId, type, content);
  }

  redact(roomId: string, eventId: string, reason?: string): string {
    return this.#world.redact(this.userId, roomId, eventId, reason);
  }

  /** Signs this person in once more, and returns the access token. */
  newToken(): string {
    const token = `syt_${randomUUID()}`;
    this.#world.tokens.set(token, this.userId);
    return token;
  }

  /** Empty while there are none. */
  get directChats(): Record<string, unknown> {
    return this.#world.accountData.get(this.userId)?.get("m.direct") ?? {};
  }

  set directChats(chats: Record<string, unknown>) {
    this.#world.accountData.set(this.userId, new Map(this.#world.accountData.get(this.userId)).set("m.direct", chats));
  }

  setDisplayName(name: string): void {
    this.#world.displayNames.set(this.userId, name);
  }

  typing(roomId: string, isTyping: boolean): void {
    const content = { user_ids: isTyping ? [this.userId] : [] };
    this.#pusher.addEphemeral({ type: "m.typing", room_id: roomId, content });
  }

  read(roomId: string, eventId: string): void {
    const content = { [eventId]: { "m.read": { [this.userId]: { ts: Date.now() + this.#count++ } } } };
    this.#pusher.addEphemeral({ type: "m.receipt", room_id: roomId, content });
  }

  setPresence(presence: "online" | "unavailable" | "offline"): void {
    if (!this.#world.presence.set(this.userId, { presence })) return;
    this.#pusher.addEphemeral({ type: "m.presence", sender: this.userId, content: { presence } });
  }

  /** What this person sees in a room, oldest first. */
  messages(roomId: string): FakeMessage[] {
    return this.#world
      .room(roomId)
      .timeline.filter(
        ({ type, unsigned }) => type === "m.room.message" && unsigned?.["redacted_because"] === undefined,
      )
      .map(({ sender, content, event_id: eventId }) => ({ sender, body: String(content["body"]), content, eventId }));
  }

  #roomsWith(membership: string): string[] {
    return [...this.#world.rooms.values()]
      .filter((room) => room.membership(this.userId) === membership)
      .map(({ id }) => id);
  }
}
