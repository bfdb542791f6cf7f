import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import type { Clock } from "../../util/clock.ts";
import { http, https } from "../../util/node-http.ts";
import { MatrixError } from "./errors.ts";

export interface HttpRequest {
  readonly method: string;
  /** Path and query, below the server's address. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** For the whole answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether doing it twice is the same as doing it once. */
  readonly isRepeatable: boolean;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends requests to one server. Tests hand in others. */
export interface HttpClient {
  /** One request; any answer is returned. @throws MatrixError `unreachable`, `timeout`, `too-large` */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends what is under way, and does nothing more. */
  close(): void;
}

export interface HttpOptions {
  readonly clock: Clock;
  /** How many connections there may be at once. */
  readonly maxSockets: number;
  /** Largest answer that is read, in bytes. */
  readonly maxAnswerBytes: number;
}

// Shorter than servers and proxies keep a connection on which nothing happens (five seconds at least), so that none is
// closed in the moment in which it is used again.
const IDLE_MS = 4_000;

const STOPPING = "the bridge is stopping";

/**
 * HTTP over connections that are kept. Not `fetch`: for requests as small as ours it takes several times as long, and makes
 * an error in advance for everything that may go wrong.
 */
export class KeepAliveHttp implements HttpClient {
  readonly #options: HttpOptions;
  readonly #origin: string;
  readonly #path: string;
  readonly #server: RequestOptions;
  readonly #open: typeof http.request;
  /** Ends each request that is under way. */
  readonly #underWay = new Set<(error: Error) => void>();
  #isClosed = false;

  /** @param address of the server; what is asked for stands below its path */
  constructor(address: string, options: HttpOptions) {
    const { protocol, hostname, port, pathname, origin } = new URL(address);
    const isTls = protocol === "https:";
    this.#options = options;
    this.#origin = origin;
    this.#path = pathname.replace(/\/+$/u, "");
    this.#open = isTls ? https().request : http.request;
    const kept = { keepAlive: true, maxSockets: options.maxSockets, timeout: IDLE_MS };
    // An address of IPv6 stands in brackets in a URL only.
    const host = hostname.replace(/^\[|\]$/gu, "");
    this.#server = { host, ...(port !== "" && { port }), agent: new (isTls ? https() : http).Agent(kept) };
  }

  async exchange(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#isClosed) throw new MatrixError("unreachable", STOPPING);
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const ms = Math.max(0, request.timeoutMs);
    let current: ClientRequest | undefined;
    const end = (): void => {
      timer.cancel();
      this.#underWay.delete(stop);
    };
    const stop = (error: Error): void => {
      end();
      reject(error);
      current?.destroy();
    };
    const done = (answer: HttpAnswer): void => {
      end();
      resolve(answer);
    };
    const fail = (error: Error, isStale: boolean): void => {
      if (!this.#underWay.has(stop)) return;
      if (!isStale || !request.isRepeatable) return stop(this.#toMatrixError(error));
      // A connection of its own, since others that were kept may have been closed together with this one.
      current = this.#send(request, { ...this.#server, agent: false }, done, fail);
    };
    this.#underWay.add(stop);
    const timer = this.#options.clock.after(ms, () =>
      stop(new MatrixError("timeout", `the homeserver at ${this.#origin} did not answer within ${ms} ms`)),
    );
    try {
      current = this.#send(request, this.#server, done, fail);
    } catch (error) {
      // What cannot even be written: an address or a header that HTTP does not know.
      stop(error instanceof Error ? error : new Error(String(error)));
    }
    return promise;
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#underWay) stop(new MatrixError("unreachable", STOPPING));
    const { agent } = this.#server;
    if (agent instanceof http.Agent) agent.destroy();
  }

  /** @param onFailure told whether a connection that was kept was closed by the other side before it answered */
  #send(
    { method, target, headers, body }: HttpRequest,
    server: RequestOptions,
    onAnswer: (answer: HttpAnswer) => void,
    onFailure: (error: Error, isStale: boolean) => void,
  ): ClientRequest {
    const request = this.#open({ ...server, method, path: this.#path + target, headers });
    let [hasAnswered, isOver] = [false, false];
    const fail = (error: Error): void => {
      if (isOver) return;
      isOver = true;
      onFailure(error, !hasAnswered && request.reusedSocket && CLOSED.has(codeOf(error)));
    };
    const done = (answer: HttpAnswer): void => {
      isOver = true;
      onAnswer(answer);
    };
    request.once("response", (response) => {
      hasAnswered = true;
      this.#read(response, done, fail);
    });
    request.on("error", fail);
    // Also without an error, where what was answered is not HTTP as we know it.
    request.once("close", () => fail(CUT_OFF));
    request.end(body);
    return request;
  }

  #read(response: IncomingMessage, onAnswer: (answer: HttpAnswer) => void, onFailure: (error: Error) => void): void {
    const limit = this.#options.maxAnswerBytes;
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return;
      onFailure(new MatrixError("too-large", `the homeserver's answer is larger than ${limit} bytes`));
    });
    response.once("end", () => {
      if (!response.complete) return onFailure(CUT_OFF);
      const [first, ...more] = chunks;
      const body = first !== undefined && more.length === 0 ? first : Buffer.concat(chunks, size);
      onAnswer({ statusCode: response.statusCode ?? 0, headers: response.headers, body });
    });
    response.once("error", onFailure);
  }

  #toMatrixError(error: Error): MatrixError {
    if (error instanceof MatrixError) return error;
    return new MatrixError("unreachable", `the homeserver at ${this.#origin} could not be reached (${codeOf(error)})`);
  }
}

// Made once: it is handed over for every request that is over, too.
const CUT_OFF = new Error("connection closed");

const CLOSED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
