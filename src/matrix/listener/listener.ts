import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sleep, systemClock, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { http } from "../../util/node-http.ts";
import { ConnectionGate } from "./connection-gate.ts";
import { answerJson, beginJson, hasBody, readJsonObject, readLittle, HttpRefusal } from "./http-answer.ts";
import { findRoute, type Route } from "./routes.ts";
import { checkBearer, type BearerVerdict } from "./token.ts";

/** Takes what the homeserver sends. */
export interface TransactionReceiver {
  /** Resolves once room events are stored for good. When it throws, the homeserver is told to send them again. */
  accept(events: readonly unknown[]): Promise<void>;
  /** Typing, receipts, presence: not stored, and lost when this throws. */
  hear(ephemeral: readonly unknown[]): void;
}

/** Knows which user ids in our namespace are users. */
export interface UserDirectory {
  /** Makes sure that a user exists on the homeserver. @returns false when the id is nobody's */
  provision(userId: string): Promise<boolean>;
}

/** Answers who asks for a file by a link, without a token of ours. */
interface LinkServer {
  serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface ListenerOptions {
  /** The token that the homeserver shows us. */
  hsToken: string;
  log: Log;
  clock?: Clock;
  /** Measures how long connections take, which is the time of others; that of the system if not given. */
  connectionClock?: Clock;
  receiver: TransactionReceiver;
  users: UserDirectory;
  /** When not given, there are no links. */
  links?: LinkServer;
  /** Largest body of a transaction in bytes. */
  maxBodyBytes?: number;
  /** Time for the header, and for the whole request, in milliseconds. */
  headerTimeoutMs?: number;
  requestTimeoutMs?: number;
  /** How long `close` waits for requests under way, in milliseconds. */
  closeTimeoutMs?: number;
}

/** Our HTTP server could not start. The message is a sentence for the admin. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code: "port-in-use" | "cannot-listen";

  constructor(code: ListenError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A ping that the homeserver was asked for. */
export interface PingWatch {
  /** Resolves when it has come. */
  readonly arrived: Promise<void>;
  /** What was wrong with the token of a ping that was refused meanwhile. */
  readonly refused: () => WrongToken | undefined;
  readonly forget: () => void;
}

type WrongToken = Exclude<BearerVerdict, "right">;

interface ExpectedPing {
  readonly arrive: () => void;
  refused: WrongToken | undefined;
}

const DEFAULTS = {
  maxBodyBytes: 32 * 1024 * 1024,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  closeTimeoutMs: 3_000,
};
// So that whoever is still sending can read that it is refused, and no more than that.
const REFUSED_BODY_BYTES = 256 * 1024;
const REFUSED_BODY_MS = 1_000;

/**
 * What the homeserver talks to. A transaction is answered only once it is stored: the homeserver repeats what was not
 * answered, and forgets what was.
 */
export class Listener {
  readonly #options: Required<Omit<ListenerOptions, "links">> & Pick<ListenerOptions, "links">;
  readonly #server: Server;
  readonly #gate: ConnectionGate;
  readonly #underWay = new Set<ServerResponse>();
  readonly #pings = new Map<string, ExpectedPing>();

  constructor(options: ListenerOptions) {
    this.#options = { ...DEFAULTS, clock: systemClock, connectionClock: systemClock, ...options };
    const { headerTimeoutMs, requestTimeoutMs } = this.#options;
    this.#server = http.createServer(
      {
        headersTimeout: Math.min(headerTimeoutMs, requestTimeoutMs),
        requestTimeout: requestTimeoutMs,
        connectionsCheckingInterval: Math.min(headerTimeoutMs, requestTimeoutMs, 2_000),
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#gate = new ConnectionGate(this.#options.connectionClock);
    this.#server.on("connection", (socket) => this.#gate.admit(socket));
    // By itself the server would refuse those and keep the connection.
    this.#server.on("checkExpectation", (request, response) => void this.#serve(request, response));
  }

  /** The port that is really listened on. */
  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the listener has not started");
    return address.port;
  }

  /** @throws ListenError (as a rejection) with a sentence that names the port */
  async listen(port: number, hostname: string, backlog: number): Promise<void> {
    const listening = Promise.withResolvers<void>();
    const failed = (error: Error): void => listening.reject(toListenError(error, port, hostname));
    this.#server.once("error", failed);
    this.#server.listen(port, hostname, backlog, listening.resolve);
    await listening.promise;
    this.#server.off("error", failed);
    this.#server.on("error", (error) => this.#options.log.error({ error }, "The listener failed."));
  }

  /** Takes no more connections and lets what is under way finish, for a while. Does nothing when not listening. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    const enough = new AbortController();
    await Promise.race([this.#idle(), sleep(this.#options.clock, this.#options.closeTimeoutMs, enough.signal)]);
    enough.abort();
    // Also the connections on which nothing was ever asked: the server itself would wait for these.
    this.#server.closeAllConnections();
    await closed.promise;
  }

  /** Waits for a ping of the homeserver with this id. Call `forget` when it is not awaited any more. */
  expectPing(transactionId: string): PingWatch {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const expected: ExpectedPing = { arrive: resolve, refused: undefined };
    this.#pings.set(transactionId, expected);
    return { arrived, refused: () => expected.refused, forget: () => void this.#pings.delete(transactionId) };
  }

  async #idle(): Promise<void> {
    const closes = [...this.#underWay].map(
      async (response) => new Promise<void>((resolve) => void response.once("close", resolve)),
    );
    await Promise.all(closes);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#gate.hear(request.socket)) return;
    this.#underWay.add(response);
    response.once("close", () => this.#underWay.delete(response));
    // Only the homeserver has more to ask.
    response.shouldKeepAlive = false;
    try {
      const route = findRoute(request.method ?? "", request.url ?? "");
      if (route.name === "media") return await this.#serveLink(route.rest, request, response);
      this.#checkToken(request, route.name === "ping");
      this.#gate.prove(request.socket);
      response.shouldKeepAlive = true;
      await this.#carryOut(route, request, response);
    } catch (error) {
      await this.#fail(error, request, response);
    }
  }

  #checkToken(request: IncomingMessage, isPing: boolean): void {
    const verdict = checkBearer(request.headers.authorization, this.#options.hsToken);
    // Which ping it is stands in the body, which is not read.
    if (isPing && verdict !== "right") for (const expected of this.#pings.values()) expected.refused = verdict;
    if (verdict === "missing") throw new HttpRefusal(401, "M_UNAUTHORIZED", "No token was given.");
    if (verdict === "wrong") throw new HttpRefusal(403, "M_FORBIDDEN", "The token is not the one of this bridge.");
  }

  async #serveLink(rest: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { links } = this.#options;
    if (links === undefined) throw new HttpRefusal(404, "M_UNRECOGNIZED", "There is nothing here.");
    this.#gate.serve(request.socket);
    return links.serve(rest, request, response);
  }

  async #carryOut(
    route: Exclude<Route, { name: "media" }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (route.name) {
      case "transaction":
        await this.#take(await readJsonObject(request, this.#options.maxBodyBytes));
        return this.#answer(response, 200, {});
      case "ping":
        this.#ping(await readJsonObject(request, this.#options.maxBodyBytes));
        return this.#answer(response, 200, {});
      case "user":
        if (await this.#options.users.provision(route.id)) return this.#answer(response, 200, {});
        throw new HttpRefusal(404, "M_NOT_FOUND", "There is no such user.");
      case "room":
        throw new HttpRefusal(404, "M_NOT_FOUND", "There is no such room.");
      case "thirdparty":
        throw new HttpRefusal(404, "M_UNRECOGNIZED", "There is nothing here.");
    }
  }

  // Matrix spec, Application Service API, "Pushing events": the homeserver repeats a transaction until it is answered
  // with 200, and sends nothing else before. So entries that make no sense are passed on rather than refused.
  async #take(body: Record<string, unknown>): Promise<void> {
    const events = body["events"] ?? [];
    if (!Array.isArray(events)) throw new HttpRefusal(400, "M_BAD_JSON", "`events` is not an array.");
    if (events.length > 0) await this.#options.receiver.accept(events);
    // A registration with both flags gets everything under both names.
    const ephemeral = body["ephemeral"] ?? body["de.sorunome.msc2409.ephemeral"];
    if (!Array.isArray(ephemeral) || ephemeral.length === 0) return;
    try {
      this.#options.receiver.hear(ephemeral);
    } catch (error) {
      this.#options.log.error({ error }, "Typing, receipts or presence from the homeserver could not be used.");
    }
  }

  #ping(body: Record<string, unknown>): void {
    const id = body["transaction_id"];
    if (typeof id === "string") this.#pings.get(id)?.arrive();
  }

  async #fail(error: unknown, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = error instanceof HttpRefusal ? error : new HttpRefusal(500, "M_UNKNOWN", "The bridge has trouble.");
    if (refusal !== error) this.#options.log.error({ error }, "A request of the homeserver failed.");
    const { status, errcode, message, headers } = refusal;
    if (!hasBody(request) || request.complete)
      return this.#answer(response, status, { errcode, error: message }, headers);
    // The connection ends with the answer, so that the body need not be read. The answer goes out before: a connection
    // that is closed while something unread lies in it is reset, and the other side would not see it.
    response.shouldKeepAlive = false;
    beginJson(response, status, { errcode, error: message }, headers);
    await readLittle(request, { bytes: REFUSED_BODY_BYTES, ms: REFUSED_BODY_MS, clock: this.#options.connectionClock });
    response.end();
  }

  #answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
    // A connection that stays open would keep `close` waiting.
    answerJson(response, status, body, this.#server.listening ? headers : { ...headers, connection: "close" });
  }
}

function toListenError(error: Error, port: number, hostname: string): ListenError {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.message;
  if (code === "EADDRINUSE") {
    const words = `Port ${port} on ${hostname} is in use by another program. Stop it, or change appservice.port.`;
    return new ListenError("port-in-use", words, { cause: error });
  }
  const words = `Cannot listen on ${hostname}, port ${port} (${code}). Change appservice.hostname or appservice.port.`;
  return new ListenError("cannot-listen", words, { cause: error });
}
