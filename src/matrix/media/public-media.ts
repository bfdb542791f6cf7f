import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Calendar } from "../../util/calendar.ts";
import type { Clock } from "../../util/clock.ts";
import { onAbort } from "../../util/on-abort.ts";
import { safeFileName } from "../../util/file-name.ts";
import type { Log } from "../../util/log.ts";
import { encodeContentRange, parseRange, RangeNotSatisfiable } from "./byte-range.ts";
import { attachment, percentEncode } from "./content-disposition.ts";
import { MatrixError } from "../client/errors.ts";
import { linkHolder } from "./link-holder.ts";
import { linkKey, readClaim, signClaim, type MediaClaim } from "./media-link.ts";
import type { MediaDownload } from "./media-fetch.ts";
import type { Media } from "./media.ts";
import { ReaderPace } from "./reader-pace.ts";
import { PublicMediaUse, type LinkUse, type UseLimits } from "./public-media-use.ts";

/** Where it is written down which links have been given away. */
export interface GivenLinks {
  /** A link is given away for a file of an event. @returns its id */
  add(eventId: string, expires: Date): string;
  /** False: its message has been deleted. */
  has(id: string): boolean;
}

export interface PublicMediaOptions {
  /** What signs the links: at least 16 bytes that nobody can guess. Another one makes all links of before worthless. */
  readonly secret: string | Uint8Array;
  /** How people reach our listener, as a URL without a slash at the end. */
  readonly address: string;
  /** How long a link is good for, in milliseconds. */
  readonly lifeMs: number;
  /** The largest file that is served, in bytes. */
  readonly maxBytes: number;
  readonly given: GivenLinks;
  readonly media: Pick<Media, "download">;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly log: Log;
  readonly limits?: Partial<UseLimits>;
}

/** Where the files are on our listener; a token and a name follow. */
export const PUBLIC_MEDIA_PATH = "/_matrix/msn/media/";

const LIMITS: UseLimits = { atOnce: 32, atOnceByLink: 4, burst: 60, everyMs: 1000 };
const MIN_SECRET_BYTES = 16;
// Names stand in links, and links in messages.
const MAX_NAME_BYTES = 80;
// No reader may hold a place for ever.
const MAX_MS = 60 * 60_000;
const MAX_IDLE_MS = 60_000;

// What does nothing by itself wherever it is opened. Everything else is octets, above all HTML, SVG and XML.
const HARMLESS =
  /^(?:image\/(?:png|apng|jpeg|gif|webp|bmp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain|application\/(?:pdf|zip))$/;

const GUARD = {
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
  "cache-control": "private",
};

interface Outcome {
  readonly status: number;
  readonly sentence: string;
  readonly headers?: OutgoingHttpHeaders;
}

// Whatever is wrong with a link, the answer is the same.
const NOT_FOUND: Outcome = {
  status: 404,
  sentence: "There is no such file. The link may have been cut off: copy all of it.",
};
const EXPIRED: Outcome = {
  status: 410,
  sentence: "This link has expired. Ask whoever sent it to send the file again.",
};
const TOO_OFTEN: Outcome = {
  status: 429,
  sentence: "Too many files were asked for from where you are. Try again in a minute.",
  headers: { "retry-after": "60" },
};
const BUSY: Outcome = {
  status: 503,
  sentence: "Too many files are being fetched right now. Try again in a minute.",
  headers: { "retry-after": "60" },
};
const TROUBLE: Outcome = { ...BUSY, status: 502, sentence: "The file cannot be had right now. Try again in a minute." };
const TOO_LARGE: Outcome = { status: 413, sentence: "This file is too large to be fetched by a link." };

/** Files for people without Matrix: those with a link get the file, until the link expires; others get none. */
export class PublicMedia {
  readonly #options: PublicMediaOptions;
  readonly #key: Buffer;
  readonly #use: PublicMediaUse;

  constructor(options: PublicMediaOptions) {
    if (Buffer.byteLength(options.secret) < MIN_SECRET_BYTES) {
      throw new RangeError(`the secret for links to files needs ${MIN_SECRET_BYTES} bytes at least`);
    }
    this.#options = options;
    this.#key = linkKey(options.secret);
    this.#use = new PublicMediaUse({ ...LIMITS, ...options.limits }, options.clock);
  }

  /** The largest file that may be given a link, in bytes. */
  get maxBytes(): number {
    return this.#options.maxBytes;
  }

  /**
   * A link to a file, and until when it works.
   * @param eventId the message that the file came with: when it is deleted, the link ends
   * @throws what the disk throws
   */
  link(mxc: string, fileName: string, eventId: string): { url: string; expires: Date } {
    const { address, calendar, lifeMs, given } = this.#options;
    const expires = new Date(calendar.now().getTime() + lifeMs);
    const name = safeFileName(fileName, MAX_NAME_BYTES);
    const claim: MediaClaim = { mxc, name, expires: expires.getTime(), id: given.add(eventId, expires) };
    const token = signClaim(this.#key, claim);
    return { url: `${address}${PUBLIC_MEDIA_PATH}${token}/${percentEncode(claim.name)}`, expires };
  }

  /**
   * Answers a request; it never rejects.
   * @param path what follows `PUBLIC_MEDIA_PATH` in the address, as it was asked for
   */
  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isHead = request.method === "HEAD";
    const [token = "", encodedName = "", ...more] = path.split("/");
    const claim = more.length > 0 ? undefined : this.#claim(token, encodedName);
    if (claim === undefined || this.#isEnded(claim)) return refuse(response, NOT_FOUND, isHead);
    if (this.#isOver(claim)) return refuse(response, EXPIRED, isHead);
    const use = this.#use.enter(token, linkHolder(request, token));
    if (use === "too-often") return refuse(response, TOO_OFTEN, isHead);
    if (use === "busy") return refuse(response, BUSY, isHead);
    try {
      await this.#give(claim, `"${token.slice(-43)}"`, use, request, response);
    } catch (error) {
      refuse(response, this.#outcomeOf(error), isHead);
    } finally {
      use.leave();
    }
  }

  // Whoever sets the machine's date neither ends a link nor makes it last.
  #isOver({ expires }: MediaClaim): boolean {
    const { calendar, lifeMs } = this.#options;
    return calendar.ageOf(new Date(expires - lifeMs)) >= lifeMs;
  }

  #isEnded({ id }: MediaClaim): boolean {
    return id !== undefined && !this.#options.given.has(id);
  }

  #claim(token: string, encodedName: string): MediaClaim | undefined {
    try {
      return readClaim(this.#key, token, decodeURIComponent(encodedName));
    } catch (error) {
      if (error instanceof URIError) return undefined;
      throw error;
    }
  }

  async #give(
    claim: MediaClaim,
    etag: string,
    { signal }: LinkUse,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { media, maxBytes, clock } = this.#options;
    const gone = new AbortController();
    const enough = (): void => gone.abort(new Error("whoever asked for the file is gone"));
    response.once("close", enough);
    response.setTimeout(MAX_IDLE_MS, () => response.destroy());
    const timer = clock.after(MAX_MS, () => response.destroy());
    const pace = new ReaderPace(clock, response);
    const stays = onAbort(signal, () => response.destroy());
    try {
      const ifRange = request.headers["if-range"] ?? etag;
      const range = ifRange === etag ? parseRange(request.headers.range) : undefined;
      const download = await media.download(claim.mxc, { maxBytes, range, signal: gone.signal });
      response.writeHead(download.range === undefined ? 200 : 206, headersFor(claim, etag, download));
      if (request.method === "HEAD") {
        download.content.destroy();
        response.end();
      } else {
        await pipeline(download.content, response);
      }
    } finally {
      timer.cancel();
      pace.end();
      stays();
      response.off("close", enough);
    }
  }

  #outcomeOf(error: unknown): Outcome {
    if (error instanceof RangeNotSatisfiable) {
      const headers = error.whole === undefined ? {} : { "content-range": `bytes */${error.whole}` };
      return { status: 416, sentence: "The file has no such part.", headers };
    }
    const code = error instanceof MatrixError ? error.code : undefined;
    if (code === "too-large") return TOO_LARGE;
    if (code === "not-found" || code === "forbidden" || code === "rejected") return NOT_FOUND;
    this.#options.log.debug({ error }, "A file could not be given to whoever had a link to it.");
    return TROUBLE;
  }
}

function headersFor(claim: MediaClaim, etag: string, { type, size, range }: MediaDownload): OutgoingHttpHeaders {
  const [bare = ""] = type.toLowerCase().split(";");
  const mimetype = HARMLESS.test(bare.trim()) ? bare.trim() : "application/octet-stream";
  return {
    ...GUARD,
    "content-type": mimetype === "text/plain" ? "text/plain; charset=utf-8" : mimetype,
    "content-disposition": attachment(claim.name),
    "accept-ranges": "bytes",
    etag,
    ...(size !== undefined && { "content-length": size }),
    ...(range !== undefined && { "content-range": encodeContentRange(range) }),
  };
}

function refuse(response: ServerResponse, { status, sentence, headers }: Outcome, isHead: boolean): void {
  // In the middle of a file the only way to say that something is wrong is to stop.
  if (response.headersSent || response.destroyed) return void response.destroy();
  const text = `${sentence}\n`;
  response.writeHead(status, {
    ...GUARD,
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(isHead ? undefined : text);
}
