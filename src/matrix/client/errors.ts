import { z } from "zod";

/**
 * What went wrong with a request to the homeserver. A refusal (4xx) is the homeserver's own only if it has a Matrix
 * error code; one without comes from whatever answers in its place, and says nothing about the request.
 * - `unreachable`: no connection, or the homeserver answered with a failure of its own (5xx)
 * - `timeout`: no whole answer in time; the request may have been carried out
 * - `rate-limited`: refused for now (429)
 * - `forbidden`, `not-found`: the homeserver's own 403 and 404
 * - `too-large`: 413, of the homeserver or a proxy, or an answer over our limit
 * - `token-refused`: the homeserver does not accept our as_token. It did when the bridge started, so while the bridge
 *   runs this is a homeserver that is being set up again
 * - `rejected`: any other refusal of the homeserver's own
 * - `bad-answer`: an answer that is not what the Matrix specification promises, such as a proxy's page
 * - `unexpected`: what was thrown is not about the homeserver, so most likely a fault of ours
 */
export type MatrixErrorCode =
  | "unreachable"
  | "timeout"
  | "rate-limited"
  | "forbidden"
  | "not-found"
  | "token-refused"
  | "too-large"
  | "rejected"
  | "bad-answer"
  | "unexpected";

export interface MatrixErrorDetails {
  /** HTTP status, when there was an answer. */
  status?: number;
  /** The homeserver's error code, such as M_FORBIDDEN. */
  errcode?: string;
  /** The homeserver's own words, shortened. */
  reason?: string;
  /** How long the homeserver asked us to wait, in milliseconds. */
  retryAfterMs?: number;
}

const RETRYABLE: ReadonlySet<MatrixErrorCode> = new Set([
  "unreachable",
  "timeout",
  "rate-limited",
  "token-refused",
  "bad-answer",
]);

/** The one error that everything in this folder throws about the homeserver. */
export class MatrixError extends Error {
  override readonly name = "MatrixError";
  readonly code: MatrixErrorCode;
  readonly status?: number;
  readonly errcode?: string;
  readonly reason?: string;
  readonly retryAfterMs?: number;

  constructor(code: MatrixErrorCode, message: string, details: MatrixErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.assign(this, details);
  }

  /**
   * Whether the same request may succeed later, once the homeserver is itself again. After `timeout`, `unreachable` and
   * `bad-answer` it may have been carried out already.
   */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

const MAX_REASON = 300;

// An answer of the homeserver that is none to what was asked.
const plainAnswer = z.object({ statusCode: z.number(), body: z.unknown().optional() });
const errorBody = z.object({
  errcode: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  retry_after_ms: z.number().nonnegative().optional().catch(undefined),
});

/** Whether something was refused for good: asking once more would not help. */
export function isRefusal(error: unknown): error is MatrixError {
  return error instanceof MatrixError && !error.retryable;
}

/** Takes a refusal for nothing: what is refused for good is not there, or not in our power. @throws whatever else it is */
export function unlessRefused(error: unknown): undefined {
  if (!isRefusal(error)) throw error;
}

/**
 * Makes ours of whatever a request threw, or of an answer that refuses it (`statusCode` and `body`).
 * @param doing what was being done, for the message: "sending a message to !room:example.org"
 */
export function toMatrixError(error: unknown, doing?: string): MatrixError {
  if (error instanceof MatrixError) return error;
  const answer = plainAnswer.safeParse(error);
  if (answer.success) {
    const body = errorBody.safeParse(answer.data.body).data;
    return fromAnswer(
      answer.data.statusCode,
      { errcode: body?.errcode, reason: body?.error, retryAfterMs: body?.retry_after_ms },
      doing,
    );
  }
  const network = networkCode(error);
  if (network !== undefined) {
    const message = `${start(doing)}the homeserver could not be reached (${network})`;
    return new MatrixError("unreachable", message, {}, { cause: error });
  }
  const words = error instanceof Error ? error.message : String(error);
  return new MatrixError("unexpected", `${start(doing)}something unexpected happened: ${words}`, {}, { cause: error });
}

/** Why a connection failed (ECONNREFUSED and the like), or undefined for an error that is not about a connection. */
function networkCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // fetch says only this much, and puts the reason under it: the system's code, a TLS code, or a sentence.
  if (error instanceof TypeError && (error.message === "fetch failed" || error.message === "terminated")) {
    return causeOf(error.cause) ?? "connection failed";
  }
  return "code" in error && typeof error.code === "string" && SOCKET_CODE.test(error.code) ? error.code : undefined;
}

const SOCKET_CODE = /^(E(?!RR_)[A-Z0-9_]+|UND_ERR_[A-Z_]+)$/;

function causeOf(cause: unknown): string | undefined {
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeOf(cause.errors[0]);
  if (!(cause instanceof Error)) return undefined;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

interface AnswerWords {
  errcode: string | undefined;
  reason: string | undefined;
  retryAfterMs: number | undefined;
}

function fromAnswer(status: number, words: AnswerWords, doing: string | undefined): MatrixError {
  const reason = words.reason === undefined ? undefined : shorten(words.reason);
  const details: MatrixErrorDetails = {
    status,
    ...(words.errcode === undefined ? {} : { errcode: words.errcode }),
    ...(reason === undefined ? {} : { reason }),
    ...(words.retryAfterMs === undefined ? {} : { retryAfterMs: words.retryAfterMs }),
  };
  const code = codeOf(status, words.errcode);
  const said = [status, words.errcode].filter((part) => part !== undefined).join(" ");
  const message = `${start(doing)}${SENTENCES[code]} (${said}${reason === undefined ? "" : `: ${reason}`})`;
  return new MatrixError(code, message, details);
}

const SENTENCES: Record<MatrixErrorCode, string> = {
  unreachable: "the homeserver has trouble",
  timeout: "the homeserver did not answer in time",
  "rate-limited": "the homeserver asks to slow down",
  forbidden: "the homeserver does not allow this",
  "not-found": "the homeserver knows no such thing",
  "token-refused": "the homeserver does not accept the bridge's token",
  "too-large": "the homeserver says that this is too large",
  rejected: "the homeserver refused this",
  "bad-answer": "the answer is not one of a Matrix homeserver",
  unexpected: "something unexpected happened",
};

const BY_ERRCODE: ReadonlyMap<string, MatrixErrorCode> = new Map([
  ["M_UNKNOWN_TOKEN", "token-refused"],
  ["M_MISSING_TOKEN", "token-refused"],
  ["M_LIMIT_EXCEEDED", "rate-limited"],
  ["M_TOO_LARGE", "too-large"],
]);

// These mean the same from the homeserver and from a proxy.
const BY_STATUS: ReadonlyMap<number, MatrixErrorCode> = new Map([
  [408, "timeout"],
  [413, "too-large"],
  [429, "rate-limited"],
]);

const BY_STATUS_WITH_ERRCODE: ReadonlyMap<number, MatrixErrorCode> = new Map([
  [401, "token-refused"],
  [403, "forbidden"],
  [404, "not-found"],
]);

function codeOf(status: number, errcode: string | undefined): MatrixErrorCode {
  const known = (errcode === undefined ? undefined : BY_ERRCODE.get(errcode)) ?? BY_STATUS.get(status);
  if (known !== undefined) return known;
  if (status >= 500) return "unreachable";
  if (status < 400 || errcode === undefined) return "bad-answer";
  return BY_STATUS_WITH_ERRCODE.get(status) ?? "rejected";
}

function start(doing: string | undefined): string {
  return doing === undefined ? "" : `${doing}: `;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\p{Cc}+/gu, " ").trim();
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…` : line;
}
