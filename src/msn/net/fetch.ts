import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { LookupFunction } from "node:net";
import type { SecureContext } from "node:tls";
import { http, https, tls } from "../../util/node-http.ts";
import { certificatesIn } from "../../util/pem.ts";
import { MsnError } from "../base/errors.ts";

/** The part of the web's `fetch` that logging in needs; tests hand in one that stays in memory. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>;

/** What is read of an answer: its head. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** What has come of the body is of no use. */
  readonly body?: { cancel(): Promise<void> } | null;
}

export interface FetchInit {
  readonly headers: Readonly<Record<string, string>>;
  /** Redirects are not followed. */
  readonly redirect: "manual";
  readonly signal: AbortSignal;
  /** As that of `Dial`. The web's own `fetch` has no use for it. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * A `fetch` that trusts an authority of one's own besides those that Node trusts. Certificates are always verified.
 * @param pem the certificate of the authority; there may be several
 * @throws MsnError `rejected` when there is none in it, or one that cannot be read
 */
export function fetchWithCa(pem: string): (url: string, init: FetchInit) => Promise<Response> {
  // Made once: it takes far longer than a connection.
  const { createSecureContext, getCACertificates } = tls();
  const secureContext = createSecureContext({ ca: [...getCACertificates("default"), ...readCertificates(pem)] });
  return async (url, init) => get(new URL(url), init, secureContext);
}

/** Asks as `fetch` does, without loading that, which takes as much memory as a hundred accounts. Only the head is read. */
export const fetchHead: Fetch = async (url, init) => {
  const answer = await ask(new URL(url), init);
  const { statusCode: status = 0, headersDistinct } = answer;
  answer.destroy();
  return { status, headers: { get: (name) => headersDistinct[name]?.join(", ") ?? null } };
};

// Node itself would skip over what it cannot read.
function readCertificates(pem: string): string[] {
  try {
    return certificatesIn(pem);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MsnError("rejected", `what is given as the certificate of an authority ${reason}`, { cause: error });
  }
}

async function get(url: URL, init: FetchInit, secureContext: SecureContext): Promise<Response> {
  const answer = await ask(url, init, secureContext);
  try {
    return responseOf(answer);
  } catch (error) {
    answer.destroy();
    throw error;
  }
}

// As the web's fetch does. Without a name for what asks, firewalls in front of web servers turn requests away.
const USUAL = { accept: "*/*", "user-agent": "node" };

/** Asks for a page. The answer has to be read or destroyed. */
async function ask(
  url: URL,
  { headers, signal, lookup }: FetchInit,
  secureContext?: SecureContext,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const how = {
    ...(secureContext && { secureContext }),
    ...(lookup && { lookup }),
    headers: { ...USUAL, ...headers },
    signal,
    // Each request has a connection of its own, which ends with it: one that is there already was not looked up by us.
    agent: false,
    // Said outright, because the environment can switch it off (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
  } as const;
  const request = url.protocol === "https:" ? https().request(url, how) : http.request(url, how);
  request.on("error", reject);
  request.once("close", () => reject(new Error("the connection was closed without an answer")));
  request.once("response", resolve);
  request.end();
  return promise;
}

// These have no body, and the web's Response takes none for them.
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** @throws RangeError when the status is none of HTTP's */
function responseOf(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  if (!WITHOUT_BODY.has(status)) return new Response(Readable.toWeb(answer), { status, headers });
  answer.destroy();
  return new Response(null, { status, headers });
}
