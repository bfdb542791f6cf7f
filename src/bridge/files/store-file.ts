import { Readable } from "node:stream";
import { imageSize } from "../../matrix/media/image-size.ts";
import { peek } from "../../matrix/media/media-content.ts";
import { sniff } from "../../matrix/media/sniff.ts";
import { thumbnail } from "../../matrix/media/thumbnail.ts";
import type { Clock } from "../../util/clock.ts";
import { safeFileName } from "../../util/file-name.ts";
import type { PortalMessage } from "../../convert/to-matrix.ts";
import type { FileServices } from "../scope/file-services.ts";
import { withExtension } from "./extension.ts";

/** A file on the homeserver, as the journal has it. */
type StoredFile = Extract<PortalMessage, { type: "file" }>;

/** What storing a file takes of the bridge. */
interface StoreScope {
  readonly files: Pick<FileServices, "thumbnails"> & { readonly media: Pick<FileServices["media"], "upload"> };
  readonly clock: Clock;
}

interface NewFile {
  readonly name: string;
  /** Bytes; another number of them is an error. */
  readonly size: number;
  /** The user, one of ours, who uploads it. */
  readonly as: string;
  readonly signal: AbortSignal;
}

// Enough to tell the type, and how large a picture is.
const PEEK_BYTES = 64 * 1024;
// The contact waits for the end of it.
const THUMBNAIL_MS = 15_000;
// A picture that gets a thumbnail is held in memory as a whole.
const MAX_PICTURE_BYTES = 4 * 1024 * 1024;

/**
 * Puts a file on the homeserver while it arrives, with a thumbnail where that helps.
 * @throws MatrixError, ContentError, what the content fails with
 */
export async function storeFile(
  scope: StoreScope,
  content: Readable,
  file: NewFile,
): Promise<Omit<StoredFile, "from">> {
  const { size, as, signal } = file;
  const { beginning, content: whole } = await peek(content, PEEK_BYTES);
  const { mimetype, kind } = await sniff(beginning, file.name);
  const name = safeFileName(withExtension(file.name, { sniffed: mimetype }));
  const kept: Uint8Array[] | undefined = kind === "image" && size <= MAX_PICTURE_BYTES ? [] : undefined;
  const body = kept === undefined ? whole : copying(whole, kept);
  const pixels = kind === "image" ? imageSize(beginning) : undefined;
  // From here on `beginning` may be gone.
  const ownsPieces = kept === undefined;
  const mxc = await scope.files.media.upload({ content: body, size, type: mimetype, name, as, signal, ownsPieces });
  const small = kept && (await storeThumbnail(scope, Buffer.concat(kept), file));
  return { type: "file", name, kind, mxc, mimetype, size, ...pixels, ...(small && { thumbnail: small }) };
}

/** The same content; `copy` gets its bytes as they pass. */
function copying(content: Readable, copy: Uint8Array[]): Readable {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("bytes were expected");
      copy.push(chunk);
      yield chunk;
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

// The picture is there without it, so nothing that goes wrong here is an error.
async function storeThumbnail(
  { files, clock }: StoreScope,
  picture: Buffer,
  { name, as, signal }: NewFile,
): Promise<StoredFile["thumbnail"]> {
  const late = new AbortController();
  const timer = clock.after(THUMBNAIL_MS, () => late.abort(new Error("the thumbnail takes too long")));
  try {
    const small = await files.thumbnails.run(() => thumbnail(picture), tooMany);
    if (small === undefined) return undefined;
    const { bytes, mimetype, w, h } = small;
    const size = bytes.length;
    const mxc = await files.media.upload({
      content: () => Readable.from([bytes], { objectMode: false }),
      size,
      type: mimetype,
      name: `thumbnail of ${name}`,
      as,
      signal: AbortSignal.any([signal, late.signal]),
    });
    return { mxc, mimetype, size, w, h };
  } catch {
    return undefined;
  } finally {
    timer.cancel();
  }
}

const tooMany = (): Error => new Error("too many thumbnails are being made");
