import { Readable } from "node:stream";

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
  holdContent(content);
  if (content.readableEnded) return { beginning, content: Readable.from(chunks, { objectMode: false }) };
  content.unshift(beginning);
  return { beginning, content };
}

export function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return Buffer.from(chunk);
  throw new TypeError("a stream of bytes was expected");
}
