import { pipeline, PassThrough, type Readable } from "node:stream";
import { countOf } from "../../util/count.ts";

/** A stream gives its bytes once; a function gives them again for each try. */
export type MediaBody = Readable | (() => Readable);

/** Bytes that were to be sent are not what was said, or did not come. Not the homeserver's fault. */
export class ContentError extends Error {
  override readonly name = "ContentError";
  readonly code: "too-short" | "too-long" | "stalled";

  constructor(code: ContentError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const nothing = (): void => undefined;

/** A stream may fail before it is read; its reader is told then. */
export function holdContent(content: MediaBody): void {
  if (typeof content !== "function") content.on("error", nothing);
}

/** Ends a stream that will not be read. */
export function dropContent(content: MediaBody): void {
  holdContent(content);
  if (typeof content !== "function") content.destroy();
}

/**
 * The bytes of `content`, if they are as many as was said. The last of them are held back until the end has come, so
 * that nothing is complete that has too many.
 * @throws ContentError, or what the stream fails with
 */
export async function* exactly(content: Readable, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    const bytes = toBytes(chunk);
    left -= bytes.byteLength;
    if (left < 0)
      throw new ContentError("too-long", `The file is longer than the ${countOf(size, "byte")} that were announced.`);
    if (held !== undefined) yield held;
    held = bytes;
  }
  if (left > 0) throw new ContentError("too-short", `The file ended after ${size - left} of ${countOf(size, "byte")}.`);
  if (held !== undefined) yield held;
}

/**
 * Looks at the beginning of a stream: at least `bytes` of it, or all when there are fewer. What has to be read from then
 * on is the `content` that is returned, which has everything.
 * @throws what the stream fails with meanwhile
 */
export async function peek(content: Readable, bytes: number): Promise<{ beginning: Buffer; content: Readable }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content.iterator({ destroyOnReturn: false })) {
    const part = toBytes(chunk);
    chunks.push(part);
    size += part.byteLength;
    if (size >= bytes) break;
  }
  const beginning = Buffer.concat(chunks);
  const whole = new PassThrough();
  holdContent(whole);
  if (size > 0) whole.write(beginning);
  if (size < bytes) whole.end();
  else pipeline(content, whole, nothing);
  return { beginning, content: whole };
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return Buffer.from(chunk);
  throw new TypeError("a stream of bytes was expected");
}
