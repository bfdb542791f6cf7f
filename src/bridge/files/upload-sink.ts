import { PassThrough, Readable, Writable } from "node:stream";
import { callbackify } from "node:util";
import type { Media } from "../../matrix/media/media.ts";
import { imageSize } from "../../matrix/media/image-size.ts";
import { peek } from "../../matrix/media/media-content.ts";
import { sniff } from "../../matrix/media/sniff.ts";
import { thumbnail } from "../../matrix/media/thumbnail.ts";
import type { Clock } from "../../util/clock.ts";
import type { Limiter } from "../../util/limiter.ts";
import { safeFileName } from "../../util/file-name.ts";
import type { PortalMessage } from "../../convert/to-matrix.ts";
import { withExtension } from "./extension.ts";

/** A file on the homeserver, as the journal has it. */
export type ShownFile = Extract<PortalMessage, { type: "file" }>;

export interface StoreFileOptions {
  readonly media: Pick<Media, "upload">;
  readonly thumbnails: Limiter;
  readonly name: string;
  /** Bytes; another number of them is an error. */
  readonly size: number;
  /** The user, one of ours, whose file it is on the homeserver. */
  readonly as: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

// Enough to tell the type, and how large a picture is.
const PEEK_BYTES = 64 * 1024;
// The contact waits for its end, and not for ever.
const THUMBNAIL_MS = 15_000;
// Of a picture that is to have a thumbnail all is kept in memory.
const MAX_PICTURE_BYTES = 4 * 1024 * 1024;

/**
 * Where the bytes of a file go. It finishes when `store` has, and fails with it; `store` sees the end of its stream only
 * if there was one, and its signal is aborted when nobody wants what it stores any more.
 */
export function uploadSink(store: (content: Readable, gone: AbortSignal) => Promise<void>): Writable {
  const through = new PassThrough();
  const gone = new AbortController();
  // Whoever reads it sees it too.
  through.on("error", () => undefined);
  const stored = store(through, gone.signal);
  const sink = new Writable({
    write: (chunk: unknown, encoding, done) => void through.write(chunk, encoding, done),
    final: (done) => {
      through.end();
      callbackify(async () => stored)(done);
    },
    destroy: (error, done) => {
      through.destroy(error ?? undefined);
      gone.abort(error ?? new Error("the file is not wanted any more"));
      done(error);
    },
  });
  stored.catch((error: unknown) => sink.destroy(error instanceof Error ? error : new Error(String(error))));
  return sink;
}

/**
 * Puts a file on the homeserver while it comes, with a thumbnail where that helps.
 * @throws MatrixError, ContentError, what the content fails with
 */
export async function storeFile(
  content: Readable,
  { media, thumbnails, clock, ...file }: StoreFileOptions,
): Promise<Omit<ShownFile, "from">> {
  const { size } = file;
  const { beginning, content: whole } = await peek(content, PEEK_BYTES);
  const { mimetype, kind } = await sniff(beginning, file.name);
  const name = safeFileName(withExtension(file.name, { sniffed: mimetype }));
  const kept: Uint8Array[] | undefined = kind === "image" && size <= MAX_PICTURE_BYTES ? [] : undefined;
  const mxc = await media.upload({
    ...file,
    name,
    content: kept === undefined ? whole : keeping(whole, kept),
    type: mimetype,
  });
  const small = kept && (await storeThumbnail(Buffer.concat(kept), { media, thumbnails, clock, ...file }));
  const pixels = kind === "image" ? imageSize(beginning) : undefined;
  return { type: "file", name, kind, mxc, mimetype, size, ...pixels, ...(small && { thumbnail: small }) };
}

/** The same content; `kept` gets its bytes as they pass. */
function keeping(content: Readable, kept: Uint8Array[]): Readable {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("bytes were expected");
      kept.push(chunk);
      yield chunk;
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

// Never worth an error: the picture is there.
async function storeThumbnail(
  picture: Buffer,
  { media, thumbnails, clock, ...file }: StoreFileOptions,
): Promise<ShownFile["thumbnail"]> {
  const late = new AbortController();
  const timer = clock.after(THUMBNAIL_MS, () => late.abort(new Error("the thumbnail takes too long")));
  try {
    const small = await thumbnails.run(() => thumbnail(picture), tooMany);
    if (small === undefined) return undefined;
    const { bytes, mimetype, w, h } = small;
    const content = (): Readable => Readable.from([bytes], { objectMode: false });
    const signal = AbortSignal.any([file.signal, late.signal]);
    const upload = { ...file, signal, content, size: bytes.length, type: mimetype, name: `thumbnail of ${file.name}` };
    return { mxc: await media.upload(upload), mimetype, size: bytes.length, w, h };
  } catch {
    return undefined;
  } finally {
    timer.cancel();
  }
}

const tooMany = (): Error => new Error("too many thumbnails are being made");
