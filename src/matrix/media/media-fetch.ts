import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { Destinations, placeOf, type DestinationOptions } from "../../util/destinations.ts";
import { encodeRange, parseContentRange, RangeNotSatisfiable, resolveRange } from "./byte-range.ts";
import type { ByteRange, WantedRange } from "./byte-range.ts";
import { fileNameIn } from "./content-disposition.ts";
import { MatrixError } from "../client/errors.ts";
import { openMedia, toMediaError, toRefusal, type MediaCircumstances, type MediaRequest } from "./media-http.ts";
import { MediaStream } from "./media-stream.ts";

export interface MediaDownload {
  /** No faster than it is read. A reader that does not read it to the end has to destroy it. */
  readonly content: Readable;
  /** How many bytes `content` has, when the homeserver says so. */
  readonly size: number | undefined;
  /** The MIME type, as the uploader has given it. */
  readonly type: string;
  /** As the uploader has called it: not safe as a file name. */
  readonly name: string | undefined;
  /** Which part `content` is, where one was asked for and could be had. */
  readonly range: ByteRange | undefined;
}

export interface FetchOptions extends MediaCircumstances {
  readonly authorization: string;
  readonly range: WantedRange | undefined;
  /** The largest file that may be fetched, also where a part of it is asked for. */
  readonly maxBytes: number;
  /** Where the homeserver may send us. */
  readonly redirects?: DestinationOptions | undefined;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/**
 * Begins to fetch a file.
 * @throws MatrixError, RangeNotSatisfiable, the signal's reason
 */
export async function fetchMedia(from: URL, options: FetchOptions): Promise<MediaDownload> {
  const { answer, request } = await get(from, options);
  try {
    if (answer.statusCode === 416) throw new RangeNotSatisfiable(wholeSize(answer));
    if (answer.statusCode === 200) return toDownload(answer, request.url, options);
    if (answer.statusCode === 206) return toDownload(answer, request.url, options, rangeOf(answer));
    throw await toRefusal(answer, "fetching a file", request);
  } catch (error) {
    answer.destroy();
    throw error;
  }
}

// What a homeserver keeps somewhere else it may redirect to; our token is not for there.
async function get(from: URL, options: FetchOptions): Promise<{ answer: IncomingMessage; request: MediaRequest }> {
  const { authorization, range, maxBytes: _, redirects: allowed, ...circumstances } = options;
  const destinations = new Destinations(placeOf(from.href), allowed);
  let url = from;
  for (let redirects = 0; ; redirects += 1) {
    const headers = {
      ...(url.origin === from.origin && { authorization }),
      "accept-encoding": "identity",
      ...(range !== undefined && { range: encodeRange(range) }),
    };
    const lookup = lookupFor(destinations, url);
    const request: MediaRequest = { ...circumstances, method: "GET", url, headers, lookup };
    const answer = await openMedia(request);
    const next = REDIRECTS.has(answer.statusCode) ? webAddress(answer.headers.location, url) : undefined;
    if (next === undefined || redirects === MAX_REDIRECTS) return { answer, request };
    answer.destroy();
    url = next;
  }
}

function lookupFor(destinations: Destinations, url: URL): LookupFunction {
  try {
    return destinations.check(placeOf(url.href));
  } catch (error) {
    throw toMediaError(error, url);
  }
}

function webAddress(location: string | undefined, base: URL): URL | undefined {
  const url = location === undefined ? null : URL.parse(location, base.href);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

function toDownload(answer: IncomingMessage, url: URL, options: FetchOptions, given?: ByteRange): MediaDownload {
  const { range: wanted, maxBytes, clock, signal } = options;
  const size = sizeOf(answer);
  const whole = given?.whole ?? size;
  if (whole !== undefined && whole > maxBytes) {
    throw new MatrixError("too-large", `this file has ${whole} bytes, and ${maxBytes} are allowed`);
  }
  // Synapse, for one, knows no ranges.
  const cut =
    given === undefined && wanted !== undefined && size !== undefined ? resolveRange(wanted, size) : undefined;
  const take = cut === undefined ? undefined : cut.last - cut.first + 1;
  const { stallMs } = options.timeouts;
  const content = new MediaStream(answer, { url, stallMs, maxBytes, skip: cut?.first ?? 0, take, clock, signal });
  return {
    content,
    size: take ?? size,
    type: answer.headers["content-type"] ?? "application/octet-stream",
    name: fileNameIn(answer.headers["content-disposition"]),
    range: given ?? cut,
  };
}

function sizeOf({ headers }: IncomingMessage): number | undefined {
  const length = headers["content-length"];
  return length === undefined || headers["content-encoding"] !== undefined ? undefined : Number(length);
}

function rangeOf(answer: IncomingMessage): ByteRange {
  const range = parseContentRange(answer.headers["content-range"]);
  if (range !== undefined) return range;
  throw new MatrixError("bad-answer", "fetching a file: the homeserver does not say which part of it this is");
}

function wholeSize(answer: IncomingMessage): number | undefined {
  const [, whole] = /^bytes \*\/(\d{1,15})$/.exec(answer.headers["content-range"] ?? "") ?? [];
  return whole === undefined ? undefined : Number(whole);
}
