import { randomUUID } from "node:crypto";
import { z } from "zod";
import { UserRequests } from "../matrix/client/requests.ts";
import { checkedRequest, type Method, type RequestOptions } from "../matrix/client/requester.ts";
import { Transport } from "../matrix/client/transport.ts";
import { sleep, systemClock } from "../util/clock.ts";
import type { RegisteredUser } from "./register-user.ts";

/** A message that the user saw. */
export interface SeenMessage {
  readonly roomId: string;
  readonly sender: string;
  readonly body: string;
}

const message = z.object({
  type: z.literal("m.room.message"),
  sender: z.string(),
  content: z.object({ body: z.string() }),
});
const sync = z.object({
  next_batch: z.string(),
  rooms: z
    .object({
      invite: z.record(z.string(), z.unknown()).default({}),
      join: z.record(z.string(), z.object({ timeline: z.object({ events: z.array(z.unknown()) }) })).default({}),
    })
    .default({ invite: {}, join: {} }),
});
const room = z.object({ room_id: z.string() });
const rooms = z.object({ joined_rooms: z.array(z.string()) });
const anything = z.unknown();

const SYNC_MS = 30_000;
const PAUSE_MS = 1000;

/** The user of the demo, who accepts invitations and reads everything. */
export class DemoUser {
  readonly userId: string;
  /** What the user has seen, oldest first. */
  readonly seen: SeenMessage[] = [];
  readonly #requests: UserRequests;
  readonly #onMessage: (message: SeenMessage) => void;
  readonly #stopping = new AbortController();

  /** @param onMessage told of every message, the user's own included */
  constructor(url: string, { userId, accessToken: token }: RegisteredUser, onMessage: (message: SeenMessage) => void) {
    this.userId = userId;
    this.#onMessage = onMessage;
    const transport = new Transport(url, { signal: this.#stopping.signal });
    this.#requests = new UserRequests(transport, { token, userId, isOwner: true });
  }

  /** Begins to see what happens. */
  async start(): Promise<void> {
    void this.#follow(await this.#look(undefined));
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Starts a direct chat, as the "new chat" of a client does, and waits until the other has joined. */
  async chatWith(userId: string): Promise<string> {
    const body = { is_direct: true, invite: [userId], preset: "trusted_private_chat" };
    return (await this.#ask(room, "POST", "/createRoom", { body })).room_id;
  }

  async say(roomId: string, text: string): Promise<void> {
    const path = `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`;
    await this.#ask(anything, "PUT", path, { body: { msgtype: "m.text", body: text } });
  }

  /** Says something if the user is in the room already. */
  async trySay(roomId: string, text: string): Promise<boolean> {
    if (!(await this.#ask(rooms, "GET", "/joined_rooms")).joined_rooms.includes(roomId)) return false;
    await this.say(roomId, text);
    return true;
  }

  // Ends only when it is stopped: a homeserver that fails is asked again.
  async #follow(since: string): Promise<void> {
    for (let next = since; !this.#stopping.signal.aborted;) {
      try {
        next = await this.#look(next);
      } catch {
        await sleep(systemClock, PAUSE_MS, this.#stopping.signal);
      }
    }
  }

  /** Waits for what is new, and takes it. @returns from where to look on */
  async #look(since: string | undefined): Promise<string> {
    const query = since === undefined ? { timeout: 0 } : { timeout: SYNC_MS, since };
    const { next_batch: next, rooms: news } = await this.#ask(sync, "GET", "/sync", { query, timeoutMs: 2 * SYNC_MS });
    for (const roomId of Object.keys(news.invite)) this.#accept(roomId);
    for (const [roomId, { timeline }] of Object.entries(news.join)) {
      for (const event of timeline.events) this.#see(roomId, event);
    }
    return next;
  }

  #see(roomId: string, event: unknown): void {
    const { success, data } = message.safeParse(event);
    if (!success) return;
    const seen = { roomId, sender: data.sender, body: data.content.body };
    this.seen.push(seen);
    this.#onMessage(seen);
  }

  // What comes of an invitation that cannot be accepted is shown as missing at the end.
  #accept(roomId: string): void {
    this.#ask(room, "POST", `/rooms/${encodeURIComponent(roomId)}/join`, { body: {} }).catch(() => undefined);
  }

  async #ask<T>(schema: z.ZodType<T>, method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return checkedRequest(this.#requests, schema, method, `/_matrix/client/v3${path}`, options, this.userId);
  }
}
