import { duplexPair, type Duplex } from "node:stream";
import type { Dial } from "../../src/msn/index.ts";
import { playServer, type Packets } from "./transcript.ts";

/** MSN servers that live in memory: each address plays one transcript to each connection, in turn. */
export class MemoryServers {
  readonly #scripts = new Map<string, string[]>();
  readonly #packets: Packets;
  /** The server's end of every connection that was made. */
  readonly streams: Duplex[] = [];
  /** Settle when the transcripts of the connections have been played to their end. */
  readonly played: Array<Promise<void>> = [];

  #heard = "";

  constructor(packets: Packets = "lines") {
    this.#packets = packets;
  }

  /** The addresses at which connections are still waited for. */
  get waiting(): string[] {
    return [...this.#scripts].flatMap(([address, texts]) => texts.map(() => address));
  }

  /** Everything that clients have sent, whatever the connection. */
  get heard(): string {
    return this.#heard;
  }

  /** The next connection to `address` (`host:port`) plays `text`. */
  script(address: string, text: string): void {
    this.#scripts.set(address, [...(this.#scripts.get(address) ?? []), text]);
  }

  readonly dial: Dial = (host, port) => {
    const text = this.#scripts.get(`${host}:${port}`)?.shift();
    if (text === undefined) return Promise.reject(new Error(`nobody listens on ${host}:${port}`));
    const [near, far] = duplexPair();
    this.streams.push(far);
    far.on("data", (bytes: Buffer) => (this.#heard += bytes.toString()));
    const played = playServer(far, text, this.#packets);
    played.catch(() => far.destroy());
    this.played.push(played);
    return Promise.resolve(near);
  };

  /** Waits until every transcript has been played; throws where a client did not keep to it. */
  async done(): Promise<void> {
    await Promise.all(this.played);
  }
}

/** Answers requests for tickets as today's servers do. */
export function passportFetch(answers: Record<string, () => Response>): {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  requests: Array<{ url: string; authorization: string }>;
} {
  const requests: Array<{ url: string; authorization: string }> = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    requests.push({ url, authorization: new Headers(init.headers).get("authorization") ?? "" });
    const answer = answers[url];
    return answer === undefined ? Promise.reject(new TypeError("fetch failed")) : Promise.resolve(answer());
  };
  return { fetch, requests };
}

export const NEXUS = "https://msn.example.net/nexus-mock";
export const LOGIN = "https://msn.example.net/login";

/** A nexus and a login that gives the ticket of the transcripts. */
export const GOOD_PASSPORT: Record<string, () => Response> = {
  [NEXUS]: () => new Response(null, { headers: { PassportURLs: `DALogin=${LOGIN}` } }),
  [LOGIN]: () =>
    new Response(null, {
      headers: { "Authentication-Info": "Passport1.4 da-status=success,from-PP='f894367a91ac33850b8f'" },
    }),
};
