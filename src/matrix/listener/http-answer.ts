import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../util/clock.ts";

/** A request is answered with this status and a Matrix error instead of being carried out. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly errcode: string;
  readonly headers: Record<string, string>;

  constructor(status: number, errcode: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.errcode = errcode;
    this.headers = headers;
  }
}

/** Answers with JSON, unless an answer has begun or the other side is gone. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = begin(response, status, body, headers);
  if (text !== undefined) response.end(text);
}

/** As `answerJson`, but the answer is ended by the caller, when it has nothing more to wait for. */
export function beginJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string>,
): void {
  const text = begin(response, status, body, headers);
  if (text !== undefined) response.write(text);
}

function begin(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string>,
): string | undefined {
  if (response.headersSent || response.destroyed) return undefined;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  return text;
}

/** Whether something comes after the header. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

// What a piece costs, however little is in it.
const PIECE_BYTES = 1024;

/** Reads what is left of a body and forgets it: to its end, or so much of it, or for so long. */
export async function readLittle(
  request: IncomingMessage,
  { bytes, ms, clock }: { readonly bytes: number; readonly ms: number; readonly clock: Clock },
): Promise<void> {
  const enough = Promise.withResolvers<void>();
  let left = bytes;
  const take = (chunk: Buffer): void => {
    left -= Math.max(chunk.length, PIECE_BYTES);
    if (left <= 0) enough.resolve();
  };
  const timer = clock.after(ms, enough.resolve);
  request.removeAllListeners("data");
  request.on("data", take).once("end", enough.resolve).once("close", enough.resolve);
  await enough.promise;
  timer.cancel();
  request.off("data", take).pause();
}

/**
 * The body of a request as JSON.
 * @throws HttpRefusal 413 over `limit` bytes, 400 when it is no JSON object, or was cut off
 */
export async function readJsonObject(request: IncomingMessage, limit: number): Promise<Record<string, unknown>> {
  const bytes = await readBody(request, limit);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new HttpRefusal(400, "M_NOT_JSON", "The body is not JSON.");
  }
  if (!isObject(value)) throw new HttpRefusal(400, "M_BAD_JSON", "The body is not a JSON object.");
  return value;
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  // Made when it is so: an error costs more than reading a small body.
  const tooLarge = (): HttpRefusal => new HttpRefusal(413, "M_TOO_LARGE", `The body is larger than ${limit} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const whole = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  // Listeners rather than `for await`: leaving such a loop destroys the socket before the refusal is written.
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    whole.reject(tooLarge());
  });
  request.once("end", () => whole.resolve(Buffer.concat(chunks)));
  request.once("error", () => whole.reject(new HttpRefusal(400, "M_NOT_JSON", "The body was cut off.")));
  return whole.promise;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
