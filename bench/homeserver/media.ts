import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { patternAt, PatternCheck } from "../stage/pattern.ts";

const CHUNK = 64 * 1024;
const MOST_BYTES = 2 ** 31;
const UPLOAD = "/_matrix/media/v3/upload";
const CONFIG = /^\/_matrix\/(?:client\/v1\/media|media\/v3)\/config$/u;
const DOWNLOAD = /^\/_matrix\/client\/v1\/media\/download\/localhost\/pattern(\d+)$/u;

/** Under which the pattern can be fetched as a file of this size. */
export function patternUri(size: number): string {
  return `mxc://localhost/pattern${size}`;
}

/** Keeps no file: looks at what is uploaded, and makes what is downloaded. */
export class StubMedia {
  /** How large each upload was, by its address; -1 when it was not the pattern. */
  readonly uploads = new Map<string, number>();

  /** @returns whether it was a request for media */
  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (CONFIG.test(path)) {
      request.resume();
      send(response, { "m.upload.size": MOST_BYTES });
      return true;
    }
    if (path === UPLOAD) {
      await this.#upload(request, response);
      return true;
    }
    const [, size] = DOWNLOAD.exec(path) ?? [];
    if (size === undefined) return false;
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
    await pipeline(Readable.from(pieces(Number(size)), { objectMode: false }), response).catch(() => undefined);
    return true;
  }

  async #upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const check = new PatternCheck();
    for await (const chunk of request) if (chunk instanceof Buffer) check.take(chunk);
    const uri = `mxc://localhost/upload${this.uploads.size}`;
    this.uploads.set(uri, check.isRight ? check.bytes : -1);
    send(response, { content_uri: uri });
  }
}

function* pieces(size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += CHUNK) yield patternAt(at, Math.min(CHUNK, size - at));
}

function send(response: ServerResponse, body: object): void {
  const json = JSON.stringify(body);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(json) });
  response.end(json);
}
