import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { LookupFunction } from "node:net";
import type { Clock } from "../../util/clock.ts";
import { countOf } from "../../util/count.ts";
import { refusedAddress } from "../../util/destinations.ts";
import { http, https } from "../../util/node-http.ts";
import { onAbort } from "../../util/on-abort.ts";
import { MatrixError, toMatrixError } from "../client/errors.ts";
import { BodySender, type BodyWatch, type MediaBodyToSend } from "./media-body.ts";
import { ContentError, holdContent } from "./media-content.ts";
import { retryAfter } from "../client/transport.ts";
import { Watchdog } from "./watchdog.ts";

/** Time-outs in milliseconds. */
export interface MediaTimeouts {
  /** For the answer to begin, once all has been sent. */
  readonly answerMs: number;
  /** For the next bytes to come, or to be taken. */
  readonly stallMs: number;
  /** For the next bytes of what we were given to send. */
  readonly contentMs: number;
}

/** What is the same for every request of one transfer. */
export interface MediaCircumstances {
  readonly timeouts: MediaTimeouts;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

export interface MediaRequest extends MediaCircumstances {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: MediaBodyToSend;
  /** What looks the host up, and fails where the connection must not go; the system does if not given. */
  readonly lookup?: LookupFunction | undefined;
}

const MAX_ERROR_BYTES = 64 * 1024;

/**
 * One request, whose body is sent as fast as it is taken, and whose answer has begun when this resolves: the reader of the
 * answer has to end it. Not `fetch`, which piles up what it has sent until the memory is tidied.
 * @throws MatrixError `unreachable` or `timeout`; ContentError, what the content fails with, or the signal's reason
 */
export async function openMedia(options: MediaRequest): Promise<IncomingMessage> {
  const { url, method, headers, body, clock, timeouts, signal, lookup } = options;
  if (body !== undefined) holdContent(body.content);
  if (signal?.aborted) {
    body?.content.destroy();
    throw signal.reason;
  }
  const open = url.protocol === "https:" ? https().request : http.request;
  // A connection of its own: one that was kept may be closed in this very moment, and not all content can be sent again.
  const request = open(url, { method, headers, agent: false, ...(lookup && { lookup }) });
  const watchdog = new Watchdog(clock);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", (answer) => {
    // Where the homeserver has answered before it had everything, there is more to close than the answer.
    answer.once("close", () => request.destroy());
    resolve(answer);
  });
  request.on("error", (error) => reject(toMediaError(error, url)));
  request.once("close", () => reject(toMediaError(new Error("connection closed"), url)));
  const stopWaiting = signal && onAbort(signal, () => reject(signal.reason));
  const awaitAnswer = (): void => watchdog.expect(timeouts.answerMs, () => reject(late(url, timeouts.answerMs)));
  const sender = body && new BodySender(request, body, watchBody(watchdog, timeouts, url, reject));
  if (sender === undefined) request.end();
  (sender?.send() ?? Promise.resolve()).then(awaitAnswer, reject);
  try {
    const answer = await promise;
    if (sender?.isSent === false && answer.statusCode === 200)
      throw new MatrixError("bad-answer", "the homeserver took a file of which it has only a part");
    return answer;
  } catch (error) {
    request.destroy();
    throw error;
  } finally {
    watchdog.end();
    stopWaiting?.();
    body?.content.destroy();
  }
}

function watchBody(
  watchdog: Watchdog,
  { contentMs, stallMs }: MediaTimeouts,
  url: URL,
  onLate: (error: Error) => void,
): BodyWatch {
  const noContent = (): void => {
    const seconds = countOf(Math.round(contentMs / 1000), "second");
    onLate(new ContentError("stalled", `Nothing more of the file came for ${seconds}.`));
  };
  const noRoom = (): void => onLate(late(url, stallMs));
  return {
    awaitContent: () => watchdog.expect(contentMs, noContent),
    awaitRoom: () => watchdog.expect(stallMs, noRoom),
  };
}

/** Makes ours of what a connection failed with; what is ours, or comes from the content, stays as it is. */
export function toMediaError(error: unknown, url: URL): Error {
  if (error instanceof MatrixError || error instanceof ContentError) return error;
  const refused = refusedAddress(error);
  if (refused !== undefined) {
    const message = `the homeserver redirected to a place that must not be connected to: ${refused.message}`;
    return new MatrixError("rejected", message, {}, { cause: refused });
  }
  if (!(error instanceof Error))
    return new MatrixError("unexpected", `something unexpected happened: ${String(error)}`);
  const why = "code" in error && typeof error.code === "string" ? error.code : error.message;
  return new MatrixError(
    "unreachable",
    `the homeserver at ${url.origin} could not be reached (${why})`,
    {},
    { cause: error },
  );
}

export function late(url: URL, ms: number): MatrixError {
  return new MatrixError("timeout", `the homeserver at ${url.origin} did not go on within ${ms} ms`);
}

/** What an answer that is no success means. Reads it to its end, or ends it. */
export async function toRefusal(answer: IncomingMessage, doing: string, request: MediaRequest): Promise<MatrixError> {
  const statusCode = answer.statusCode ?? 0;
  const text = await readBodyText(answer, MAX_ERROR_BYTES, request).catch(() => "");
  const { "retry-after": after, date } = answer.headers;
  const waitMs = retryAfter({ statusCode, headers: { "retry-after": after, date }, body: text });
  return toMatrixError(
    { statusCode, body: { ...toObject(text), ...(waitMs === undefined ? {} : { retry_after_ms: waitMs }) } },
    doing,
  );
}

/**
 * A short answer as text.
 * @throws MatrixError
 */
export async function readBodyText(answer: IncomingMessage, limit: number, request: MediaRequest): Promise<string> {
  const { url, timeouts, clock, signal } = request;
  const watchdog = new Watchdog(clock);
  watchdog.expect(timeouts.answerMs, () => answer.destroy(late(url, timeouts.answerMs)));
  const stopWaiting = signal && onAbort(signal, () => void answer.destroy());
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError("bytes were expected");
      size += chunk.length;
      // Leaving the loop ends the connection.
      if (size > limit) throw new MatrixError("too-large", `the homeserver's answer is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw toMediaError(error, url);
  } finally {
    watchdog.end();
    stopWaiting?.();
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function toObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
