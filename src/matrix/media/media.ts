import { z } from "zod";
import type { DestinationOptions } from "../../util/destinations.ts";
import type { Clock } from "../../util/clock.ts";
import type { WantedRange } from "./byte-range.ts";
import { MatrixError, type MatrixErrorCode } from "../client/errors.ts";
import { checkedRequest, type Requester } from "../client/requester.ts";
import { dropContent, holdContent, type MediaBody } from "./media-content.ts";
import { fetchMedia, type FetchOptions, type MediaDownload } from "./media-fetch.ts";
import { openMedia, readBodyText, toObject, toRefusal } from "./media-http.ts";
import type { MediaCircumstances, MediaRequest, MediaTimeouts } from "./media-http.ts";
import { withTries } from "./media-tries.ts";
import { parseMxc, type Mxc } from "./mxc.ts";

/** Registers our users. */
export interface Registrar {
  /** Makes sure that one of our users exists. @throws MatrixError */
  ensureRegistered(userId: string): Promise<void>;
}

export interface MediaOptions {
  /** The homeserver's address, as we reach it. */
  readonly url: string;
  readonly token: string;
  /** Asks in the name of the appservice itself. */
  readonly requester: Requester;
  readonly users: Registrar;
  readonly clock: Clock;
  /** Ends everything when aborted. */
  readonly signal: AbortSignal;
  /** Where it may redirect to; nowhere inside a network that it is not in itself if not given. */
  readonly redirects?: DestinationOptions | undefined;
  readonly timeouts?: Partial<MediaTimeouts>;
  /** Tries of what can be tried again. */
  readonly tries?: number;
}

export interface MediaUpload {
  /** A function is asked again for each try; a stream can be sent once only, and is ended whatever happens. */
  readonly content: MediaBody;
  /** In bytes. A homeserver wants to know it before. */
  readonly size: number;
  /** Whether nobody else has the memory of its pieces. It is given back as soon as they are sent. */
  readonly ownsPieces?: boolean;
  /** The MIME type; `application/octet-stream` replaces what is none. */
  readonly type: string;
  readonly name: string;
  /** The user, one of ours, who uploads it. */
  readonly as: string;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadOptions {
  /** Only these bytes; the whole where the homeserver neither cuts them out nor says how many there are. */
  readonly range?: WantedRange | undefined;
  /** The largest file that may be fetched, also where a part of it is asked for. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUTS: MediaTimeouts = { answerMs: 120_000, stallMs: 60_000, contentMs: 120_000 };
const LIMIT_LIFE_MS = 60 * 60_000;
const PATIENCE_MS = 5 * 60_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const NOT_THERE: ReadonlySet<MatrixErrorCode> = new Set(["not-found", "rejected", "bad-answer"]);

const TOKEN = String.raw`[\w!#$&^.+-]+`;
const MIME_TYPE = new RegExp(
  String.raw`^${TOKEN}/${TOKEN}(?:; *${TOKEN}=(?:${TOKEN}|"[^"\\\x00-\x1f\x7f-\uffff]*"))*$`,
);

const config = z.object({ "m.upload.size": z.number().nonnegative().nullish() });
const uploaded = z.object({ content_uri: z.string() });

/** Files on the homeserver, as streams: what is under way costs the same memory, however large it is. */
export class Media {
  readonly #options: MediaOptions;
  readonly #timeouts: MediaTimeouts;
  #limit: { readonly bytes: number | undefined; readonly until: number } | undefined;
  #askingLimit: Promise<number | undefined> | undefined;

  constructor(options: MediaOptions) {
    this.#options = options;
    this.#timeouts = { ...TIMEOUTS, ...options.timeouts };
  }

  /**
   * The largest file that the homeserver takes, in bytes; undefined when it does not say. Asked once an hour, by all who
   * want to know at the same time together.
   * @throws MatrixError
   */
  async uploadLimit(): Promise<number | undefined> {
    const now = this.#options.clock.now();
    if (this.#limit !== undefined && now < this.#limit.until) return this.#limit.bytes;
    this.#askingLimit ??= this.#askLimit().finally(() => (this.#askingLimit = undefined));
    const bytes = await this.#askingLimit;
    this.#limit = { bytes, until: now + LIMIT_LIFE_MS };
    return bytes;
  }

  /**
   * Puts a file on the homeserver and returns its mxc address. Nothing is there when the content is shorter or longer
   * than it was said to be. A failure of the homeserver is tried again only where the content can be opened again.
   * @throws MatrixError, `too-large` before anything is read; ContentError, what the content fails with, the signal's
   *   reason
   */
  async upload(upload: MediaUpload): Promise<string> {
    const { content, size, name, as, signal } = upload;
    holdContent(content);
    try {
      await this.#checkSize(size);
      await this.#options.users.ensureRegistered(as);
      const url = this.#url("/_matrix/media/v3/upload");
      url.searchParams.set("filename", name);
      url.searchParams.set("user_id", as);
      const tries = typeof content === "function" ? this.#tries : 1;
      return await this.#persist(tries, signal, async (around) => tryUpload(url, upload, this.#authorization, around));
    } finally {
      dropContent(content);
    }
  }

  /**
   * Begins to fetch a file from the homeserver, which gets it from another one where it has to.
   * @throws MatrixError, `too-large` when it is known beforehand; RangeNotSatisfiable; the signal's reason
   */
  async download(mxc: string, options: DownloadOptions = {}): Promise<MediaDownload> {
    const { range, maxBytes = Infinity, signal } = options;
    const place = parseMxc(mxc);
    if (place === undefined) throw new MatrixError("not-found", "this is not the address of a file on Matrix");
    return this.#persist(this.#tries, signal, async (around) =>
      this.#fetch(place, {
        ...around,
        range,
        maxBytes,
        authorization: this.#authorization,
        redirects: this.#options.redirects,
      }),
    );
  }

  async #fetch(place: Mxc, options: FetchOptions): Promise<MediaDownload> {
    try {
      return await fetchMedia(this.#url(`/_matrix/client/v1/media/download/${pathOf(place)}`), options);
    } catch (error) {
      // Matrix 1.11 brought the path above. Where it is known, the old one has old files only.
      if (!(error instanceof MatrixError && error.errcode === "M_UNRECOGNIZED")) throw error;
      return fetchMedia(this.#url(`/_matrix/media/v3/download/${pathOf(place)}`), options);
    }
  }

  async #askLimit(): Promise<number | undefined> {
    for (const path of ["/_matrix/client/v1/media/config", "/_matrix/media/v3/config"]) {
      try {
        const answer = await checkedRequest(this.#options.requester, config, "GET", path, {}, "the bridge");
        return answer["m.upload.size"] ?? undefined;
      } catch (error) {
        if (!(error instanceof MatrixError && NOT_THERE.has(error.code))) throw error;
      }
    }
    return undefined;
  }

  async #checkSize(size: number): Promise<void> {
    const limit = await this.uploadLimit();
    if (limit === undefined || size <= limit) return;
    throw new MatrixError("too-large", `the homeserver takes files of up to ${limit} bytes, and this one has ${size}`);
  }

  async #persist<T>(
    most: number,
    asked: AbortSignal | undefined,
    attempt: (around: MediaCircumstances) => Promise<T>,
  ): Promise<T> {
    const { clock, signal: own } = this.#options;
    const signal = asked === undefined ? own : AbortSignal.any([own, asked]);
    try {
      return await withTries({ most, patienceMs: PATIENCE_MS, clock, signal }, async () =>
        attempt({ timeouts: this.#timeouts, clock, signal }),
      );
    } catch (error) {
      if (own.aborted) throw new MatrixError("unreachable", "the bridge is stopping");
      throw error;
    }
  }

  #url(path: string): URL {
    return new URL(this.#options.url.replace(/\/+$/, "") + path);
  }

  get #authorization(): string {
    return `Bearer ${this.#options.token}`;
  }

  get #tries(): number {
    return this.#options.tries ?? 4;
  }
}

async function tryUpload(
  url: URL,
  { content, size, type, ownsPieces }: MediaUpload,
  authorization: string,
  around: MediaCircumstances,
): Promise<string> {
  const headers = {
    authorization,
    "content-type": MIME_TYPE.test(type) ? type : "application/octet-stream",
    "content-length": size,
  };
  const body = { content: typeof content === "function" ? content() : content, size, ownsPieces };
  const request: MediaRequest = { ...around, method: "POST", url, headers, body };
  const answer = await openMedia(request);
  if (answer.statusCode !== 200) throw await toRefusal(answer, "uploading a file", request);
  const mxc = uploaded.safeParse(toObject(await readBodyText(answer, MAX_ANSWER_BYTES, request))).data?.content_uri;
  if (mxc !== undefined && parseMxc(mxc) !== undefined) return mxc;
  throw new MatrixError("bad-answer", "uploading a file: the answer is not one of a Matrix homeserver");
}

function pathOf({ server, mediaId }: Mxc): string {
  return `${encodeURIComponent(server)}/${encodeURIComponent(mediaId)}`;
}
