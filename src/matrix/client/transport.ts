import { Backoff } from "../../util/backoff.ts";
import { sleep, systemClock, type Clock } from "../../util/clock.ts";
import { Limiter } from "../../util/limiter.ts";
import { silentLog, type Log } from "../../util/log.ts";
import { onAbort } from "../../util/on-abort.ts";
import { MatrixError } from "./errors.ts";
import { KeepAliveHttp, type HttpAnswer, type HttpClient, type HttpRequest } from "./http.ts";

export interface TransportOptions {
  /** What sends each try; over the network if not given. */
  http?: HttpClient;
  log?: Log;
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

export interface TransportRequest extends Pick<HttpRequest, "method" | "target" | "headers" | "body"> {
  /** For one try, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

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
  readonly #http: HttpClient;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #limits: typeof DEFAULTS;
  readonly #limiter: Limiter;
  readonly #random: () => number;
  readonly #signal: AbortSignal | undefined;
  #serverAheadMs: number | undefined;

  /** @param address the homeserver's, as we reach it */
  constructor(address: string, options: TransportOptions = {}) {
    const { http, log = silentLog, clock = systemClock, random = Math.random, signal, ...limits } = options;
    this.#limits = { ...DEFAULTS, ...limits };
    const { maxAtOnce, maxWaiting, maxAnswerBytes } = this.#limits;
    this.#http = http ?? new KeepAliveHttp(address, { clock, maxSockets: maxAtOnce, maxAnswerBytes });
    this.#log = log;
    this.#clock = clock;
    this.#limiter = new Limiter(maxAtOnce, maxWaiting);
    this.#random = random;
    this.#signal = signal;
    if (signal !== undefined) onAbort(signal, () => this.#http.close());
  }

  /**
   * What the homeserver's last answer says of its time, in milliseconds since the epoch, less the moment of our clock at
   * which it came; undefined if none said anything.
   */
  get serverAheadMs(): number | undefined {
    return this.#serverAheadMs;
  }

  /**
   * One request with all its tries. Any answer of the homeserver is returned, also a refusal.
   * @throws MatrixError `unreachable`, `timeout`, `too-large`, or `rate-limited` when too many requests wait here
   */
  async request(request: TransportRequest): Promise<HttpAnswer> {
    const deadline = this.#clock.now() + Math.max(this.#limits.deadlineMs, request.timeoutMs ?? 0);
    const isRepeatable = REPEATABLE.has(request.method) && !SENDS_EVENT.test(request.target);
    let triesLeft = isRepeatable ? this.#limits.tries : 1;
    let backoff: Backoff | undefined;
    for (;;) {
      const outcome = await this.#limiter.run(async () => this.#try(request, isRepeatable, deadline), tooMany);
      if (!(outcome instanceof MatrixError) && outcome.statusCode < 429) return outcome;
      const askedToWait = outcome instanceof MatrixError ? undefined : retryAfter(outcome);
      if (askedToWait === undefined) triesLeft -= 1;
      backoff ??= new Backoff({ first: 500, most: 8_000, random: this.#random });
      const wait = Math.max(backoff.next(), askedToWait ?? 0);
      const again = askedToWait !== undefined || (triesLeft > 0 && mayPass(outcome));
      if (!again || this.#signal?.aborted || this.#clock.now() + wait >= deadline) return settle(outcome);
      await sleep(this.#clock, wait, this.#signal);
    }
  }

  // Network failures come back as values, because most of them are not the end.
  async #try(request: TransportRequest, isRepeatable: boolean, deadline: number): Promise<HttpAnswer | MatrixError> {
    const { method, target, headers, body } = request;
    const left = deadline - this.#clock.now();
    const timeoutMs = Math.min(request.timeoutMs ?? this.#limits.tryTimeoutMs, left);
    try {
      const answer = await this.#http.exchange({ method, target, headers, body, timeoutMs, isRepeatable });
      const { date } = answer.headers;
      const sentAt = date === undefined ? Number.NaN : Date.parse(date);
      if (!Number.isNaN(sentAt)) this.#serverAheadMs = sentAt - this.#clock.now();
      this.#log.debug({ method, target, status: answer.statusCode }, "the homeserver has answered");
      return answer;
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      this.#log.debug({ method, target, error: error.message }, "the homeserver has not answered");
      return error;
    }
  }
}

/** The fields of a query, with its question mark; empty if there are none. */
export function queryOf(fields: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) query.append(name, String(one));
    }
  }
  return query.size === 0 ? "" : `?${query.toString()}`;
}

function settle(outcome: HttpAnswer | MatrixError): HttpAnswer {
  if (outcome instanceof MatrixError) throw outcome;
  return outcome;
}

function tooMany(): MatrixError {
  return new MatrixError("rate-limited", "too many requests to the homeserver are waiting already");
}

// A failure with an errcode is the homeserver's considered answer; one without comes from it breaking down or from a
// proxy in front of it.
function mayPass(outcome: HttpAnswer | MatrixError): boolean {
  if (outcome instanceof MatrixError) return outcome.retryable;
  const { statusCode } = outcome;
  if (statusCode === 502 || statusCode === 503 || statusCode === 504) return true;
  return statusCode >= 500 && field(outcome, "errcode") === undefined;
}

interface AnswerParts {
  readonly statusCode: number;
  readonly headers: { readonly "retry-after"?: string | undefined; readonly date?: string | undefined };
  readonly body: string | Buffer;
}

// In milliseconds, or undefined when the answer is not 429. Matrix spec, Client-Server API, "Rate limiting": the header
// Retry-After, and `retry_after_ms` in the body in older versions.
// A date there is compared with the date of the answer: both are of one clock.
export function retryAfter(answer: AnswerParts): number | undefined {
  if (answer.statusCode !== 429) return undefined;
  const inBody = field(answer, "retry_after_ms");
  const { "retry-after": header = "", date = "" } = answer.headers;
  const inHeader = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.parse(date);
  const ms = typeof inBody === "number" ? inBody : inHeader;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;
}

function field(answer: AnswerParts, name: string): unknown {
  try {
    const body: unknown = JSON.parse(answer.body.toString());
    return typeof body === "object" && body !== null
      ? Object.entries(body).find(([key]) => key === name)?.[1]
      : undefined;
  } catch {
    return undefined;
  }
}
