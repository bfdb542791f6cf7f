import { toMatrixError } from "./errors.ts";
import type { Method, Requester, RequestOptions } from "./requester.ts";
import type { TokenListener } from "./token.ts";
import { queryOf, type Transport } from "./transport.ts";

/** Whom a request is made for, and by which right. */
export interface Asker {
  readonly userId: string;
  readonly token: string;
  /** Whether the token is that user's own, and not one that can act for others. */
  readonly isOwner: boolean;
}

/** Asks in the name of one user. */
export class UserRequests implements Requester {
  readonly #transport: Transport;
  readonly #asker: Asker;
  readonly #watch: TokenListener | undefined;
  readonly #headers: { readonly bare: Record<string, string>; readonly json: Record<string, string> };
  readonly #query: string;

  /** @param watch told when the token is refused */
  constructor(transport: Transport, asker: Asker, watch?: TokenListener) {
    this.#transport = transport;
    this.#asker = asker;
    this.#watch = watch;
    const bare = { accept: "application/json", authorization: `Bearer ${asker.token}` };
    this.#headers = { bare, json: { ...bare, "content-type": "application/json" } };
    // Matrix spec, Application Service API, "Identity assertion".
    this.#query = asker.isOwner ? "" : queryOf({ user_id: asker.userId });
  }

  get serverAheadMs(): number | undefined {
    return this.#transport.serverAheadMs;
  }

  /** @throws MatrixError */
  async request(method: Method, path: string, { query, body, timeoutMs }: RequestOptions = {}): Promise<unknown> {
    const { statusCode, body: bytes } = await this.#transport.request({
      method,
      target: path + (query === undefined ? this.#query : queryOf({ ...query, ...this.#own() })),
      headers: body === undefined ? this.#headers.bare : this.#headers.json,
      body: body && JSON.stringify(body),
      timeoutMs,
    });
    const answer = parse(bytes.toString("utf8"));
    if (statusCode >= 200 && statusCode < 300) return answer;
    const error = toMatrixError({ statusCode, body: answer }, `${method} ${path} as ${this.#asker.userId}`);
    if (error.code === "token-refused") this.#watch?.tokenRefused();
    throw error;
  }

  #own(): { user_id?: string } {
    return this.#asker.isOwner ? {} : { user_id: this.#asker.userId };
  }
}

// What is no JSON comes from something else than a homeserver, which the reader of the answer finds out.
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
