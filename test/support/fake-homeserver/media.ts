import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FakeRefusal } from "./world.ts";

interface GeneratedContent {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export interface FakeFile {
  readonly type: string;
  readonly name: string | undefined;
  readonly size: number;
  readonly sha256: string;
  /** Not there when it was too large to be kept. */
  readonly content: Uint8Array | GeneratedContent | undefined;
  readonly uploader: string;
}

/** Trouble in the middle of a file: after so many bytes the connection is reset, or nothing more happens. */
export interface FakeMediaFault {
  readonly cutAfter?: number;
  readonly stallAfter?: number;
}

interface MediaRoute {
  readonly name: "upload" | "config" | "download";
  /** The old downloads ask for no token. */
  readonly isOpen: boolean;
  readonly args: readonly string[];
}

const KEPT_BYTES = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;
const ROUTES = [
  { method: "POST", path: /^\/_matrix\/media\/v3\/upload$/, name: "upload", isNew: false },
  { method: "GET", path: /^\/_matrix\/client\/v1\/media\/config$/, name: "config", isNew: true },
  { method: "GET", path: /^\/_matrix\/media\/v3\/config$/, name: "config", isNew: false },
  { method: "GET", path: /^\/_matrix\/client\/v1\/media\/download\/([^/]+)\/([^/]+)$/, name: "download", isNew: true },
  { method: "GET", path: /^\/_matrix\/media\/v3\/download\/([^/]+)\/([^/]+)$/, name: "download", isNew: false },
] as const;

/** What a homeserver keeps for its users: files. */
export class FakeMedia {
  /** By mxc address, in the order in which they came. */
  readonly files = new Map<string, FakeFile>();
  uploadLimit = 50 * 1024 * 1024;
  /** Synapse does not. */
  knowsRanges = false;
  readonly #domain: string;
  // Before Matrix 1.11, or after it: from then on the old path has old files only.
  readonly #isOld: boolean;

  constructor(domain: string, isOld: boolean) {
    this.#domain = domain;
    this.#isOld = isOld;
  }

  /** Somebody uploads a file. */
  put(content: Uint8Array | string | GeneratedContent, type = "application/octet-stream", name?: string): string {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const isWhole = bytes instanceof Uint8Array;
    const sha256 = isWhole ? createHash("sha256").update(bytes).digest("hex") : "";
    return this.#add({ type, name, size: isWhole ? bytes.length : bytes.size, sha256, content: bytes, uploader: "" });
  }

  /** The only file there is. */
  get only(): FakeFile {
    const [file, ...others] = this.files.values();
    if (file === undefined || others.length > 0) throw new Error(`there are ${this.files.size} files`);
    return file;
  }

  find(method: string, path: string): MediaRoute | undefined {
    const route = ROUTES.find((one) => one.method === method && one.path.test(path));
    if (route === undefined || (this.#isOld && route.isNew)) return undefined;
    const args = (route.path.exec(path) ?? []).slice(1).map(decodeURIComponent);
    return { name: route.name, isOpen: route.name === "download" && !route.isNew, args };
  }

  /** @throws FakeRefusal before anything is answered */
  async serve(
    route: MediaRoute,
    user: string,
    request: IncomingMessage,
    response: ServerResponse,
    fault: FakeMediaFault = {},
  ): Promise<void> {
    switch (route.name) {
      case "config":
        return answer(response, { "m.upload.size": this.uploadLimit });
      case "upload":
        return this.#upload(user, request, response, fault);
      case "download":
        return this.#download(route, request, response, fault);
    }
  }

  async #upload(
    uploader: string,
    request: IncomingMessage,
    response: ServerResponse,
    { cutAfter = Infinity, stallAfter = Infinity }: FakeMediaFault,
  ): Promise<void> {
    const length = request.headers["content-length"];
    if (length === undefined) throw new FakeRefusal(400, "M_UNKNOWN", "Request must specify a Content-Length");
    if (Number(length) > this.uploadLimit) {
      throw new FakeRefusal(413, "M_TOO_LARGE", "Upload request body is too large");
    }
    const hash = createHash("sha256");
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      hash.update(chunk);
      if (Number(length) <= KEPT_BYTES) chunks.push(chunk);
      if (size > cutAfter) request.socket.resetAndDestroy();
      else if (size > stallAfter) request.pause();
    });
    await once(request, "end").catch(() => undefined);
    if (!request.complete) return;
    const name = new URL(request.url ?? "", "http://fake").searchParams.get("filename") ?? undefined;
    const type = request.headers["content-type"] ?? "application/octet-stream";
    const content = chunks.length > 0 || size === 0 ? Buffer.concat(chunks) : undefined;
    const mxc = this.#add({ type, name, size, sha256: hash.digest("hex"), content, uploader });
    answer(response, { content_uri: mxc });
  }

  async #download(
    { args: [server, id], isOpen }: MediaRoute,
    request: IncomingMessage,
    response: ServerResponse,
    { cutAfter = Infinity, stallAfter = Infinity }: FakeMediaFault,
  ): Promise<void> {
    const file = this.files.get(`mxc://${server}/${id}`);
    if (file?.content === undefined || (isOpen && !this.#isOld)) {
      throw new FakeRefusal(404, "M_NOT_FOUND", "Not found");
    }
    const range = this.knowsRanges ? rangeIn(request.headers.range, file.size) : undefined;
    const [first, end] = range ?? [0, file.size];
    response.writeHead(range === undefined ? 200 : 206, {
      "content-type": file.type,
      "content-length": end - first,
      ...(file.name !== undefined && {
        "content-disposition": `attachment; filename*=utf-8''${encodeURIComponent(file.name)}`,
      }),
      ...(range !== undefined && { "content-range": `bytes ${first}-${end - 1}/${file.size}` }),
    });
    response.flushHeaders();
    const stop = Math.min(end, first + cutAfter, first + stallAfter);
    const parts = Readable.from(partsOf(file.content, first, stop), { objectMode: false });
    await pipeline(parts, response, { end: false }).catch(() => undefined);
    if (stop === end) response.end();
    else if (stop === first + cutAfter) setImmediate(() => response.destroy());
  }

  #add(file: FakeFile): string {
    const mxc = `mxc://${this.#domain}/file${this.files.size + 1}`;
    this.files.set(mxc, file);
    return mxc;
  }
}

function* partsOf(content: Uint8Array | GeneratedContent, first: number, end: number): Generator<Uint8Array> {
  for (let at = first; at < end; at += CHUNK) {
    const length = Math.min(CHUNK, end - at);
    yield content instanceof Uint8Array ? content.subarray(at, at + length) : content.read(at, length);
  }
}

function rangeIn(header: string | undefined, size: number): [first: number, end: number] | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined) return undefined;
  return [Number(first), Math.min(size, last === "" ? size : Number(last) + 1)];
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
