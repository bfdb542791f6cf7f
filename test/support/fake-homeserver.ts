import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AppserviceRegistration } from "../../src/matrix/homeserver.ts";
import { accountRoutes } from "./fake-homeserver/account-api.ts";
import { Faults, type FakeFault } from "./fake-homeserver/faults.ts";
import { FakeMedia } from "./fake-homeserver/media.ts";
import { FakePerson } from "./fake-homeserver/person.ts";
import { Pusher, type FakeTransaction } from "./fake-homeserver/pusher.ts";
import { roomRoutes } from "./fake-homeserver/room-api.ts";
import type { FakeRoute } from "./fake-homeserver/route.ts";
import type { FakeEvent, FakeRoom } from "./fake-homeserver/room.ts";
import { FakeRefusal, FakeWorld } from "./fake-homeserver/world.ts";

export interface FakeHomeserverOptions {
  registration: AppserviceRegistration & {
    receive_ephemeral?: boolean;
    "de.sorunome.msc2409.push_ephemeral"?: boolean;
  };
  domain?: string;
  /** 0 takes a free one. */
  port?: number;
  /** Synapse pushes ephemeral events under each name that was asked for; the Conduit lineage knows the stable one only. */
  mood?: "synapse" | "conduit";
  /** Told of every try to push a transaction, once it has been answered or has failed. */
  onTransaction?: (transaction: FakeTransaction) => void;
}

export interface FakeRequest {
  method: string;
  /** Without the query. */
  path: string;
  /** Who acts, as far as the request says. */
  user: string;
  query: Record<string, string>;
  body: Record<string, unknown>;
}

/** A homeserver in the process, as strict as Synapse where an appservice can feel it, with trouble on command. */
export class FakeHomeserver {
  /** Every request that came in, also those that a fault struck. */
  readonly requests: FakeRequest[] = [];
  readonly world: FakeWorld;
  readonly media: FakeMedia;
  readonly #options: FakeHomeserverOptions;
  readonly #pusher: Pusher;
  readonly #faults = new Faults();
  readonly #server: Server;
  readonly #routes: FakeRoute[];
  readonly #bot: string;
  // By path, as Synapse keeps them: the room and the transaction id are in it, who acted is not. The Conduit lineage knows
  // who acted, and not where.
  #answered = new Map<string, object>();

  private constructor(options: FakeHomeserverOptions) {
    const { registration, domain = "localhost", mood = "synapse", onTransaction } = options;
    this.#options = options;
    this.#bot = `@${registration.sender_localpart}:${domain}`;
    this.world = new FakeWorld(domain, (event, room) => this.#offer(event, room));
    this.media = new FakeMedia(domain, mood === "conduit");
    this.#pusher = new Pusher({
      url: registration.url,
      hsToken: registration.hs_token,
      ephemeralFields: [
        ...(registration.receive_ephemeral === true ? ["ephemeral"] : []),
        ...(mood === "synapse" && registration["de.sorunome.msc2409.push_ephemeral"] === true
          ? ["de.sorunome.msc2409.ephemeral"]
          : []),
      ],
      ...(onTransaction && { onTry: onTransaction }),
    });
    const parts = { world: this.world, pusher: this.#pusher, registration };
    this.#routes = [...accountRoutes(parts), ...roomRoutes(parts)];
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: FakeHomeserverOptions): Promise<FakeHomeserver> {
    const homeserver = new FakeHomeserver(options);
    const listening = Promise.withResolvers<void>();
    homeserver.#server.once("error", listening.reject);
    homeserver.#server.listen(options.port ?? 0, "127.0.0.1", listening.resolve);
    await listening.promise;
    return homeserver;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the fake homeserver has stopped");
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What was pushed to the appservice, each try. */
  get transactions(): readonly FakeTransaction[] {
    return this.#pusher.transactions;
  }

  async stop(): Promise<void> {
    this.#faults.clear();
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await this.#pusher.stop();
    await closed.promise;
  }

  /** The person with this name, who gets an account if there is none yet. */
  user(localpart: string): FakePerson {
    const userId = `@${localpart}:${this.world.domain}`;
    this.world.users.add(userId);
    return new FakePerson(userId, this.world, this.#pusher);
  }

  rooms(): FakeRoom[] {
    return [...this.world.rooms.values()];
  }

  room(roomId: string): FakeRoom {
    return this.world.room(roomId);
  }

  /** Sends a transaction of the test's own making once, and returns the status (0: no answer). */
  async push(body: Record<string, unknown>, txnId = this.#pusher.nextId()): Promise<number> {
    return this.#pusher.send(body, txnId);
  }

  fail(fault: FakeFault): void {
    this.#faults.add(fault);
  }

  /** Ends every fault. */
  calm(): void {
    this.#faults.clear();
  }

  /** What a restart of the homeserver does. */
  forgetTransactionIds(): void {
    this.#answered = new Map();
  }

  setAppserviceUrl(url: string): void {
    this.#pusher.url = url;
    this.#pusher.wake();
  }

  /** Keeps what there is to push, until told otherwise. */
  holdTransactions(held: boolean): void {
    this.#pusher.hold(held);
  }

  // Matrix spec, Application Service API: an appservice gets what happens in rooms where one of its users is, and what
  // happens to its users.
  #offer(event: FakeEvent, room: FakeRoom): void {
    const members = room.members("join", "invite");
    const concerns = event.type === "m.room.member" && this.#isOurs(event.state_key ?? "");
    if (concerns || members.some((member) => this.#isOurs(member))) this.#pusher.add(event);
  }

  #isOurs(userId: string): boolean {
    const { users = [] } = this.#options.registration.namespaces;
    return userId === this.#bot || users.some(({ regex }) => new RegExp(regex).test(userId));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const method = request.method ?? "";
    const media = this.media.find(method, url.pathname);
    const body = media === undefined ? parse(await readAll(request)) : {};
    const query = Object.fromEntries(url.searchParams);
    this.requests.push({ method, path: url.pathname, user: query["user_id"] ?? this.#holder(request), query, body });
    const fault = this.#faults.strike(method, url.pathname);
    fault?.onStrike?.();
    if (fault?.stall === true) return;
    if (fault?.status !== undefined) {
      const plain = typeof fault.body === "string";
      const type = plain ? "text/html" : "application/json";
      response.writeHead(fault.status, { "content-type": type, ...fault.headers });
      response.end(plain ? fault.body : JSON.stringify(fault.body ?? {}));
      return;
    }
    const isMiddle = fault?.cutAfter !== undefined || fault?.stallAfter !== undefined;
    if (fault !== undefined && fault.resetAfterDeed !== true && fault.slow === undefined && !isMiddle) {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.slow?.when === "before") await this.#faults.wait(fault.slow.ms);
    if (media !== undefined) {
      try {
        const user = media.isOpen ? "" : this.#authenticate(request.headers.authorization, url, {});
        await this.media.serve(media, user, request, response, fault);
      } catch (error) {
        this.#refuse(response, error);
      }
      return;
    }
    const [status, answer] = await this.#answer(method, url, request.headers.authorization, body);
    if (fault?.slow?.when === "after") await this.#faults.wait(fault.slow.ms);
    if (fault?.resetAfterDeed === true) {
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  #refuse(response: ServerResponse, error: unknown): void {
    if (response.headersSent) return void response.destroy();
    const [status, answer] = refusalOf(error);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  async #answer(
    method: string,
    url: URL,
    authorization: string | undefined,
    body: Record<string, unknown>,
  ): Promise<[number, object]> {
    try {
      const route = this.#routes.find((one) => one.method === method && one.path.test(url.pathname));
      if (route === undefined) throw new FakeRefusal(404, "M_UNRECOGNIZED", "Unrecognized request");
      // Synapse looks at a token also where none is needed.
      const isOpen = route.open === true && authorization === undefined;
      const user = isOpen ? "" : this.#authenticate(authorization, url, route);
      const once = this.#options.mood === "conduit" ? `${user} ${url.pathname.replace(/^.*\//u, "")}` : url.pathname;
      const known = route.once === true ? this.#answered.get(once) : undefined;
      if (known !== undefined) return [200, known];
      const args = (route.path.exec(url.pathname) ?? []).slice(1).map(decodeURIComponent);
      const answer = await route.run({ user, args, query: url.searchParams, body });
      if (route.once === true) this.#answered.set(once, answer);
      return [200, answer];
    } catch (error) {
      return refusalOf(error);
    }
  }

  #authenticate(authorization: string | undefined, url: URL, route: Pick<FakeRoute, "early">): string {
    if (authorization === undefined) throw new FakeRefusal(401, "M_MISSING_TOKEN", "Missing access token");
    const token = authorization.replace("Bearer ", "");
    const holder = this.world.tokens.get(token);
    if (holder !== undefined) return this.#actFor(holder, url.searchParams.get("user_id"));
    if (token !== this.#options.registration.as_token) {
      throw new FakeRefusal(401, "M_UNKNOWN_TOKEN", "Unrecognised access token");
    }
    const user = url.searchParams.get("user_id") ?? this.#bot;
    if (user === this.#bot) {
      this.#requireBot(route);
      return user;
    }
    if (!this.#isOurs(user))
      throw new FakeRefusal(403, "M_FORBIDDEN", "Application service cannot masquerade as this user.");
    if (!this.world.users.has(user)) {
      throw new FakeRefusal(403, "M_FORBIDDEN", `Application service has not registered this user (${user})`);
    }
    return user;
  }

  #holder({ headers }: IncomingMessage): string {
    const holder = this.world.tokens.get(headers.authorization?.replace("Bearer ", "") ?? "");
    return typeof holder === "string" ? holder : this.#bot;
  }

  #actFor(holder: string | RegExp, userId: string | null): string {
    if (typeof holder === "string") return holder;
    if (userId !== null && holder.test(userId) && this.world.users.has(userId)) return userId;
    throw new FakeRefusal(403, "M_FORBIDDEN", "Application service cannot masquerade as this user.");
  }

  // Who owns the token may ask who it is and register users before it exists itself.
  #requireBot(route: Pick<FakeRoute, "early">): void {
    if (route.early === true || this.world.users.has(this.#bot)) return;
    throw new FakeRefusal(403, "M_FORBIDDEN", `Application service has not registered this user (${this.#bot})`);
  }
}

function refusalOf(error: unknown): [number, object] {
  if (error instanceof FakeRefusal) return [error.status, { errcode: error.errcode, error: error.message }];
  return [500, { errcode: "M_UNKNOWN", error: String(error) }];
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += String(chunk);
  return text;
}

function parse(text: string): Record<string, unknown> {
  if (text === "") return {};
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
