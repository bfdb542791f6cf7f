import type { MatrixClient } from "@vector-im/matrix-bot-sdk";
import type { Bridge } from "matrix-appservice-bridge";
import { toMatrixError } from "./errors.ts";
import type { Method, Requester, RequestOptions } from "./requester.ts";
import type { TokenListener } from "./token.ts";
import type { Transport } from "./transport.ts";

/** Asks in the name of one of our users. */
export class OwnRequests implements Requester {
  readonly #bridge: Bridge;
  readonly #userId: string;
  readonly #transport: Transport;
  readonly #watch: TokenListener;

  constructor(bridge: Bridge, userId: string, transport: Transport, watch: TokenListener) {
    this.#bridge = bridge;
    this.#userId = userId;
    this.#transport = transport;
    this.#watch = watch;
  }

  get serverAheadMs(): number {
    return this.#transport.serverAheadMs;
  }

  // The library forgets its intents after a while, so it is asked each time. Its client adds `user_id` to the query
  // for all but the bot, who is the owner of the token.
  async request(method: Method, path: string, options: RequestOptions = {}): Promise<unknown> {
    try {
      return await ask(this.#bridge.getIntent(this.#userId).matrixClient, method, path, options);
    } catch (error) {
      if (toMatrixError(error).code === "token-refused") this.#watch.tokenRefused();
      throw error;
    }
  }
}

/** Asks with a token of its own, in the name of a user who is not one of ours. */
export class PuppetRequests implements Requester {
  readonly #client: MatrixClient;

  constructor(client: MatrixClient) {
    this.#client = client;
  }

  async request(method: Method, path: string, options: RequestOptions = {}): Promise<unknown> {
    return ask(this.#client, method, path, options);
  }
}

async function ask(client: MatrixClient, method: Method, path: string, options: RequestOptions): Promise<unknown> {
  const answer: unknown = await client.doRequest(method, path, { ...options.query }, options.body, options.timeoutMs);
  return answer;
}
