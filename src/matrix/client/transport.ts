import type { ReadableStream } from "node:stream/web";
import { setRequestFn } from "@vector-im/matrix-bot-sdk";
import { Backoff } from "../../util/backoff.ts";
import { sleep, systemClock, type Clock } from "../../util/clock.ts";
import { MatrixError, networkCode } from "./errors.ts";
import { Limiter } from "../../util/limiter.ts";

export interface TransportOptions {
  fetch?: typeof fetch;
  clock?: Clock;
  /** Time for one try when the request names none, in milliseconds. */
  tryTimeoutMs?: number;
  /** Tries of a request that may be repeated. Being told to slow down does not count. */
  tries?: number;
  /** Time for all tries and the waits between them, in milliseconds; more where one try may take longer. */
  deadlineMs?: number;
  /** Largest answer that is read, in bytes. */
  maxAnswerBytes?: number;
  /** How many requests may be under way at once. */
  maxAtOnce?: number;
  /** How many more may wait for their turn. */
  maxWaiting?: number;
  random?: () => number;
  /** Ends every request and every wait when aborted. */
  signal?: AbortSignal;
}

/** The part of the `request` package's parameters that the bot SDK uses. */
export interface RequestParams {
  uri: string;
  method: string;
  qs?: Record<string, unknown> | null;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** For one try, in milliseconds. */
  timeout?: number;
  /** null: the body is handed over as a Buffer. */
  encoding?: string | null | undefined;
}

export interface HomeserverAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export type RequestFn = (
  params: RequestParams,
  callback: (error: Error | null, answer?: HomeserverAnswer, body?: string | Buffer) => void,
) => void;

const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);
// A homeserver that restarts forgets transaction ids, so that sending an event again may make it twice. The sender
// has to look first.
const SENDS_EVENT = /\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:send|redact)\//;
const MAX_RETRY_AFTER_MS = 60_000;
const DEFAULTS = {
  tryTimeoutMs: 60_000,
  tries: 4,
  deadlineMs: 120_000,
  maxAnswerBytes: 32 * 1024 * 1024,
  maxAtOnce: 50,
  maxWaiting: 10_000,
};

/**
 * Every request to the homeserver goes through here. Requests that may be repeated (GET, PUT, DELETE) are, after a
 * failed connection, a time-out or a failure of the homeserver. POST never is, nor is what makes an event. Any request is
 * sent again after 429, because then nothing was done.
 */
export class Transport {
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #limits: typeof DEFAULTS;
  readonly #limiter: Limiter;
  readonly #random: () => number;
  readonly #signal: AbortSignal | undefined;
  #serverAheadMs = 0;

  constructor(options: TransportOptions = {}) {
    const { fetch: fetchFn = fetch, clock = systemClock, random = Math.random, signal, ...limits } = options;
    this.#fetch = fetchFn;
    this.#clock = clock;
    this.#limits = { ...DEFAULTS, ...limits };
    this.#limiter = new Limiter(this.#limits.maxAtOnce, this.#limits.maxWaiting);
    this.#random = random;
    this.#signal = signal;
  }

  /** By how much the homeserver's clock is ahead of ours, in milliseconds, as its last answer says; 0 if none did. */
  get serverAheadMs(): number {
    return this.#serverAheadMs;
  }

  /** Puts this under the bot SDK. The SDK knows one such function for the whole process: the last one counts. */
  install(): void {
    setRequestFn(this.#requestFn);
  }

  /**
   * One request with all its tries. Any answer of the homeserver is returned, also a refusal.
   * @throws MatrixError `unreachable`, `timeout`, `too-large`, or `rate-limited` when too many requests wait here
   */
  async request(params: RequestParams): Promise<HomeserverAnswer> {
    const deadline = this.#clock.now() + Math.max(this.#limits.deadlineMs, params.timeout ?? 0);
    const backoff = new Backoff({ first: 500, most: 8_000, random: this.#random });
    let triesLeft = isRepeatable(params) ? this.#limits.tries : 1;
    for (;;) {
      const outcome = await this.#limiter.run(async () => this.#try(params, deadline), tooMany);
      const askedToWait = outcome instanceof MatrixError ? undefined : retryAfter(outcome, this.#clock.now());
      if (askedToWait === undefined) triesLeft -= 1;
      const wait = Math.max(backoff.next(), askedToWait ?? 0);
      const again = askedToWait !== undefined || (triesLeft > 0 && mayPass(outcome));
      if (!again || this.#signal?.aborted || this.#clock.now() + wait >= deadline) return settle(outcome);
      await sleep(this.#clock, wait, this.#signal);
    }
  }

  readonly #requestFn: RequestFn = (params, callback) => {
    void this.#callBack(params, callback);
  };

  async #callBack(params: RequestParams, callback: Parameters<RequestFn>[1]): Promise<void> {
    let answer: HomeserverAnswer;
    try {
      answer = await this.request(params);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    callback(null, answer, answer.body);
  }

  // Network failures come back as values, because most of them are not the end.
  async #try(params: RequestParams, deadline: number): Promise<HomeserverAnswer | MatrixError> {
    const url = new URL(params.uri);
    if (this.#signal?.aborted) return new MatrixError("unreachable", "the bridge is stopping");
    const ms = Math.min(params.timeout ?? this.#limits.tryTimeoutMs, deadline - this.#clock.now());
    const expired = new AbortController();
    const timer = this.#clock.after(Math.max(0, ms), () => expired.abort());
    const signals = [expired.signal, ...(this.#signal === undefined ? [] : [this.#signal])];
    try {
      return await this.#exchange(url, params, AbortSignal.any(signals));
    } catch (error) {
      if (error instanceof MatrixError) return error;
      if (this.#signal?.aborted) return new MatrixError("unreachable", "the bridge is stopping");
      if (expired.signal.aborted) {
        return new MatrixError("timeout", `the homeserver at ${url.origin} did not answer within ${ms} ms`);
      }
      const network = networkCode(error);
      if (network === undefined) throw error;
      return new MatrixError("unreachable", `the homeserver at ${url.origin} could not be reached (${network})`);
    } finally {
      timer.cancel();
    }
  }

  async #exchange(url: URL, params: RequestParams, signal: AbortSignal): Promise<HomeserverAnswer> {
    appendQuery(url, params.qs ?? {});
    const response = await this.#fetch(url, {
      method: params.method,
      headers: params.headers ?? {},
      signal,
      // A homeserver does not redirect: following it would hide a wrong address, and could turn a PUT into a GET.
      redirect: "manual",
      ...(params.body === undefined
        ? {}
        : { body: typeof params.body === "string" ? params.body : new Uint8Array(params.body) }),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) this.#serverAheadMs = date - this.#clock.now();
    const bytes = await readLimited(response, this.#limits.maxAnswerBytes);
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: params.encoding === null ? bytes : bytes.toString("utf8"),
    };
  }
}

function settle(outcome: HomeserverAnswer | MatrixError): HomeserverAnswer {
  if (outcome instanceof MatrixError) throw outcome;
  return outcome;
}

function tooMany(): MatrixError {
  return new MatrixError("rate-limited", "too many requests to the homeserver are waiting already");
}

// A failure with an errcode is the homeserver's considered answer; one without comes from it breaking down or from a
// proxy in front of it.
function mayPass(outcome: HomeserverAnswer | MatrixError): boolean {
  if (outcome instanceof MatrixError) return outcome.retryable;
  const { statusCode } = outcome;
  if (statusCode === 502 || statusCode === 503 || statusCode === 504) return true;
  return statusCode >= 500 && field(outcome, "errcode") === undefined;
}

function isRepeatable({ method, uri }: RequestParams): boolean {
  return REPEATABLE.has(method) && !SENDS_EVENT.test(uri);
}

// In milliseconds, or undefined when the answer is not 429. Matrix spec, Client-Server API, "Rate limiting": the header
// Retry-After, and `retry_after_ms` in the body in older versions.
export function retryAfter(answer: HomeserverAnswer, now: number): number | undefined {
  if (answer.statusCode !== 429) return undefined;
  const inBody = field(answer, "retry_after_ms");
  const header = answer.headers["retry-after"] ?? "";
  const inHeader = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  const ms = typeof inBody === "number" ? inBody : inHeader;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;
}

function field(answer: HomeserverAnswer, name: string): unknown {
  try {
    const body: unknown = JSON.parse(answer.body.toString());
    return typeof body === "object" && body !== null
      ? Object.entries(body).find(([key]) => key === name)?.[1]
      : undefined;
  } catch {
    return undefined;
  }
}

function appendQuery(url: URL, query: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
    }
  }
}

async function readLimited(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: ReadableStream<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body, and with it the connection.
    if (size > limit) throw new MatrixError("too-large", `the homeserver's answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
