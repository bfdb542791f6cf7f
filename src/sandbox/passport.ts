import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";

import { HOST, listen } from "./wire/server-port.ts";
import type { SandboxNetwork } from "./network/network.ts";
import { percentDecode } from "./wire/wire.ts";

const NEXUS_PATHS: ReadonlySet<string> = new Set(["/nexus-mock", "/rdr/pprdr.asp"]);
const LOGIN_PATH = "/login";

/** What a server of https needs, in PEM form. */
export interface Tls {
  readonly key: string;
  readonly cert: string;
}

/** The HTTP side of signing in: the nexus names the login page, the login page gives a ticket. */
export class Passport {
  readonly port: number;
  readonly #server: Server;
  readonly #origin: string;

  private constructor(server: Server, port: number, scheme: string) {
    this.#server = server;
    this.port = port;
    this.#origin = `${scheme}://${HOST}:${port}`;
  }

  /** @param tls speaks https with it, else http */
  static async open(port: number, network: SandboxNetwork, tls?: Tls): Promise<Passport> {
    const scheme = tls === undefined ? "http" : "https";
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      request.resume();
      respond({ network, scheme }, request, response);
    };
    const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
    return new Passport(server, await listen(server, port), scheme);
  }

  get nexusUrl(): string {
    return `${this.#origin}/nexus-mock`;
  }

  get loginUrl(): string {
    return `${this.#origin}${LOGIN_PATH}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }
}

function respond(
  { network, scheme }: { network: SandboxNetwork; scheme: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path = ""] = (request.url ?? "").split("?", 1);
  if (request.method !== "GET") response.writeHead(405).end();
  else if (NEXUS_PATHS.has(path)) respondAsNexus(scheme, request, response);
  else if (path === LOGIN_PATH) respondAsLogin(network, request, response);
  else response.writeHead(404).end();
}

// The servers always write https:// here (docs/msnp.md 8.1(28)); where nothing speaks TLS in the sandbox, its users
// should need no second URL, so it names the scheme it really has.
function respondAsNexus(scheme: string, request: IncomingMessage, response: ServerResponse): void {
  const host = request.headers.host ?? `${HOST}:${request.socket.localPort}`;
  response.writeHead(200, { PassportURLs: `DALogin=${scheme}://${host}${LOGIN_PATH}` }).end();
}

function respondAsLogin(network: SandboxNetwork, request: IncomingMessage, response: ServerResponse): void {
  const claim = parseAuthorization(request.headers.authorization);
  if (claim === undefined) {
    response.writeHead(500).end();
    return;
  }
  if (!network.answers("login")) return;
  const account = network.accounts.findExact(claim.passport);
  if (account === undefined || account.password !== claim.password) {
    response.writeHead(401, { "WWW-Authenticate": "Passport1.4 da-status=failed" }).end();
    return;
  }
  const ticket = network.tickets.create(account);
  const success = `Passport1.4 da-status=success,from-PP='${ticket}'`;
  response.writeHead(200, { "Authentication-Info": success }).end();
}

function parseAuthorization(header: string | undefined): { passport: string; password: string } | undefined {
  const fields = /^Passport1\.4 (?<fields>.*)$/u.exec(header ?? "")?.groups?.["fields"];
  if (fields === undefined) return undefined;
  const values = new Map(fields.split(",").map(splitField));
  const passport = values.get("sign-in");
  const password = values.get("pwd");
  return passport === undefined || password === undefined ? undefined : { passport, password };
}

function splitField(field: string): [name: string, value: string] {
  const equals = field.indexOf("=");
  return equals < 0 ? [field, ""] : [field.slice(0, equals), percentDecode(field.slice(equals + 1))];
}
