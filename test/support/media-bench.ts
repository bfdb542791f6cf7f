import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { toMatrixError } from "../../src/matrix/client/errors.ts";
import type { Requester } from "../../src/matrix/client/requester.ts";
import { Media, type MediaOptions } from "../../src/matrix/media/media.ts";
import { EagerClock } from "./eager-clock.ts";
import { FakeHomeserver, type FakeHomeserverOptions } from "./fake-homeserver.ts";
import { AS_TOKEN, testRegistration } from "./homeservers.ts";

export const GHOST = "@msn_one_mia:localhost";

/** A fake homeserver that knows the bot and a ghost, and Media that talks to it. */
export class MediaBench {
  readonly fake: FakeHomeserver;
  readonly stopping = new AbortController();

  private constructor(fake: FakeHomeserver) {
    this.fake = fake;
  }

  static async open(options: Partial<FakeHomeserverOptions> = {}): Promise<MediaBench> {
    const fake = await FakeHomeserver.start({ registration: testRegistration(), ...options });
    fake.world.users.add("@msnbot:localhost");
    return new MediaBench(fake);
  }

  /** Whose waits between tries are over at once, unless it gets another clock. */
  media(options: Partial<MediaOptions> = {}): Media {
    return new Media({
      url: this.fake.url,
      token: AS_TOKEN,
      requester: { request: this.#request },
      users: { ensureRegistered: async (userId) => Promise.resolve(void this.fake.world.users.add(userId)) },
      clock: new EagerClock(),
      signal: this.stopping.signal,
      ...options,
    });
  }

  /** The paths that were asked for, without what they begin with. */
  get paths(): string[] {
    return this.fake.requests.map(({ method, path }) => `${method} ${path.replace("/_matrix/", "")}`);
  }

  async close(): Promise<void> {
    await this.fake.stop();
  }

  readonly #request: Requester["request"] = async (method, path) => {
    const response = await fetch(this.fake.url + path, { method, headers: { authorization: `Bearer ${AS_TOKEN}` } });
    const text = await response.text();
    const body: unknown = text.startsWith("{") ? JSON.parse(text) : text;
    if (!response.ok) throw toMatrixError({ statusCode: response.status, body });
    return body;
  };
}

/** Bytes of which no part is like another: `size` of them, or those from `offset` on. */
export function testBytes(size: number, offset = 0): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = ((offset + at) * 2_654_435_761) >>> 24;
  return bytes;
}

/** As a stream of chunks of `chunk` bytes. */
export function streamOf(bytes: Uint8Array, chunk = 65_536): Readable {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) =>
    bytes.subarray(at * chunk, (at + 1) * chunk),
  );
  return Readable.from(chunks, { objectMode: false });
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
