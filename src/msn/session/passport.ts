import { systemClock, type Clock } from "../../util/clock.ts";
import { onAbort } from "../../util/on-abort.ts";
import { untilAborted } from "../../util/until-aborted.ts";
import { MsnError } from "../base/errors.ts";
import { certificateProblem, type CertificateProblem } from "../net/certificate.ts";
import type { Fetch, FetchAnswer } from "../net/fetch.ts";
import { decodeArgument } from "../wire/command.ts";

const REQUEST_TIMEOUT_MS = 20_000;
const MAX_REDIRECTS = 5;

/** Finds out where an account logs in (docs/msnp.md 2.5), and remembers it. */
export class PassportNexus {
  readonly #fetch: Fetch;
  readonly #url: string;
  readonly #clock: Clock;
  #loginUrl: string | undefined;

  constructor(fetch: Fetch, url: string, clock: Clock = systemClock) {
    this.#fetch = fetch;
    this.#url = url;
    this.#clock = clock;
  }

  /** @throws MsnError `connect-failed`, `timeout` or `protocol`; the signal's reason when it is aborted */
  async loginUrl(signal?: AbortSignal): Promise<string> {
    this.#loginUrl ??= await this.#ask(signal);
    return this.#loginUrl;
  }

  /** The next `loginUrl` asks again: the one it gave has failed. */
  forget(): void {
    this.#loginUrl = undefined;
  }

  async #ask(signal: AbortSignal | undefined): Promise<string> {
    let page = this.#url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await get(this.#fetch, page, {}, this.#clock, signal);
      const login = loginIn(response.headers.get("passporturls") ?? "", page);
      if (login !== undefined) return login;
      page = redirected(page, this.#next(response));
    }
    throw new MsnError("protocol", "the login service redirected too often");
  }

  #next({ status, headers }: FetchAnswer): string {
    const location = headers.get("location");
    if (status >= 300 && status < 400 && location !== null) return location;
    throw new MsnError("protocol", `the login service at ${this.#url} did not say where to log in (status ${status})`);
  }
}

/** The page for logging in that a nexus names in its header, if it names one. */
function loginIn(header: string, nexus: string): string | undefined {
  const fields = header.split(",").map((field) => field.trim());
  const login = fields.find((field) => /^dalogin=/iu.test(field))?.slice("dalogin=".length);
  if (!login) return undefined;
  // Official servers leave the scheme out, today's servers include it.
  const url = login.includes("://") ? login : `https://${login}`;
  hostOf(url);
  // Plain http only where the configuration says so itself.
  if (/^https:/iu.test(nexus) && /^http:/iu.test(url)) {
    throw new MsnError("protocol", "the login service names a page without https, which would show the password");
  }
  return url;
}

/** What a ticket is asked for with. */
export interface Credentials {
  readonly account: string;
  readonly password: string;
  /** The argument of `USR t TWN S`, as received. */
  readonly policy: string;
}

/**
 * Logs in over HTTP and returns the ticket.
 * @param signal ends it at once; no request with the password goes out after it is aborted
 * @throws MsnError `bad-credentials` when account or password are wrong; `connect-failed`, `timeout`, `server-busy` or
 * `protocol` when it is the service that failed
 */
export async function passportLogin(
  fetch: Fetch,
  loginUrl: string,
  credentials: Credentials,
  clock: Clock = systemClock,
  signal?: AbortSignal,
): Promise<string> {
  const authorization = authorizationOf(credentials);
  let url = loginUrl;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(fetch, url, { authorization }, clock, signal);
    const fields = response.headers.get("authentication-info") ?? response.headers.get("www-authenticate") ?? "";
    const state = /da-status=([a-z]+)/iu.exec(fields)?.[1]?.toLowerCase();
    if (response.status >= 500) {
      throw new MsnError("server-busy", `the login service answered with status ${response.status}`);
    }
    if (response.status === 401 || state === "failed") throw refused(fields);
    const location = response.headers.get("location");
    if (location === null) return ticketIn(fields);
    url = redirected(url, location);
  }
  throw new MsnError("protocol", "the login service redirected too often");
}

function authorizationOf({ account, password, policy }: Credentials): string {
  // A header holds no other characters, and what `fetch` says of those that cannot stand in it shows the password.
  if (/[^ -~]/u.test(policy)) throw new MsnError("protocol", "the server asked for a ticket in a way that is unknown");
  const fields = [
    "OrgVerb=GET",
    "OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom",
    `sign-in=${encodeField(account)}`,
    `pwd=${encodeField(password)}`,
    policy,
  ];
  return `Passport1.4 ${fields.join(",")}`;
}

// encodeURIComponent leaves some punctuation alone; none of it may end a field or a header (docs/msnp.md 2.5).
function encodeField(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function refused(fields: string): MsnError {
  const reason = /cbtxt=([^,]*)/iu.exec(fields)?.[1];
  const text = reason ? decodeArgument(reason.replaceAll("+", " ")) : "the account or the password is wrong";
  return new MsnError("bad-credentials", text);
}

// The ticket may hold `=`, `&` and commas, so it is what stands between the quotes and nothing less (docs/msnp.md 2.5).
function ticketIn(fields: string): string {
  const ticket = /from-PP='([^']+)'/iu.exec(fields)?.[1];
  if (ticket === undefined) throw new MsnError("protocol", "the login service's answer held no ticket");
  return ticket;
}

function redirected(from: string, location: string): string {
  const target = parseWebAddress(location, from);
  if (target === undefined) throw new MsnError("protocol", "the login service redirected to nowhere");
  if (target.protocol === "http:" && /^https:/iu.test(from)) {
    throw new MsnError("protocol", "the login service redirected from https to http, which would show the password");
  }
  return target.href;
}

// `fetch` takes no address with a name and a password in it.
function parseWebAddress(text: string, base?: string): URL | undefined {
  if (!URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return /^https?:$/u.test(url.protocol) && url.username === "" && url.password === "" ? url : undefined;
}

/** @throws MsnError `protocol` when it is no address on the web */
function hostOf(url: string): string {
  const parsed = parseWebAddress(url);
  if (parsed === undefined) throw new MsnError("protocol", "the address of the login service cannot be understood");
  return parsed.host;
}

/** Only the head of the answer is of use. */
async function get(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<FetchAnswer> {
  signal?.throwIfAborted();
  const where = hostOf(url);
  // AbortSignal.timeout would keep its timer, and AbortSignal.any what it needs to be found by its parts, long after the
  // answer has come.
  const ended = new AbortController();
  const late = (): MsnError => new MsnError("timeout", `the login service at ${where} did not answer in time`);
  const timer = clock.after(REQUEST_TIMEOUT_MS, () => ended.abort());
  const stopWaiting = signal && onAbort(signal, () => ended.abort(signal.reason));
  try {
    // Following a redirect by itself would drop the Authorization header.
    const init = { headers, redirect: "manual", signal: ended.signal } as const;
    const response = await untilAborted(fetch(url, init), ended.signal);
    await untilAborted(discardBody(response), ended.signal);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    if (ended.signal.aborted) throw late();
    if (error instanceof MsnError) throw error;
    throw new MsnError("connect-failed", whyNot(where, error), { cause: error });
  } finally {
    timer.cancel();
    stopWaiting?.();
  }
}

const CERTIFICATE: Readonly<Record<CertificateProblem, string>> = {
  "unknown-authority": "no authority that is known here has signed it",
  "out-of-date": "it has expired or is not valid yet",
  "wrong-host": "it is for another host",
};

function whyNot(where: string, error: unknown): string {
  const problem = certificateProblem(error);
  if (problem === undefined) return `the login service at ${where} cannot be reached`;
  return `the certificate of ${where} is not trusted: ${CERTIFICATE[problem]}`;
}

// An unread body would keep its connection busy. One that broke has told all that matters in its headers.
async function discardBody(response: FetchAnswer): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
