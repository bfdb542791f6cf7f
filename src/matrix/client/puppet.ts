import { z } from "zod";
import { MatrixError } from "./errors.ts";
import { checkedRequest, type Method, type Requester, type RequestOptions } from "./requester.ts";

/** By which right we act for a user: their own access token, or that of a registration that covers them. */
export type PuppetAccess =
  { readonly type: "own-token"; readonly token: string } | { readonly type: "registration"; readonly token: string };

const whoami = z.object({ user_id: z.string() });
const joined = z.object({ room_id: z.string() });
const anyObject = z.record(z.string(), z.unknown());

/**
 * Acts as a user of our homeserver who is not one of ours, in the few things that they would have to do by hand.
 * Every method throws MatrixError.
 */
export class PuppetIntent {
  readonly userId: string;
  readonly #requester: Requester;

  constructor(userId: string, requester: Requester) {
    this.userId = userId;
    this.#requester = requester;
  }

  /** Whom the homeserver takes us for. */
  async whoami(): Promise<string> {
    return (await this.#ask(whoami, "GET", "/account/whoami")).user_id;
  }

  /** Accepts an invitation; does nothing where they are in the room already. */
  async join(roomId: string): Promise<void> {
    await this.#ask(joined, "POST", `/rooms/${encodeURIComponent(roomId)}/join`, { body: {} });
  }

  /** Their direct chats, by the other one's user id, as their clients have written them down; empty where there are none. */
  async directChats(): Promise<Record<string, unknown>> {
    try {
      return await this.#ask(anyObject, "GET", this.#directPath());
    } catch (error) {
      if (error instanceof MatrixError && error.code === "not-found") return {};
      throw error;
    }
  }

  async setDirectChats(chats: Record<string, unknown>): Promise<void> {
    await this.#ask(anyObject, "PUT", this.#directPath(), { body: chats });
  }

  #directPath(): string {
    return `/user/${encodeURIComponent(this.userId)}/account_data/m.direct`;
  }

  async #ask<T>(schema: z.ZodType<T>, method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return checkedRequest(this.#requester, schema, method, `/_matrix/client/v3${path}`, options, this.userId);
  }
}
