import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { Registration } from "../../src/config/registration.ts";
import { Tally } from "../stage/tally.ts";
import { answer, type Answer, type Content } from "./client-api.ts";
import { parseContent } from "./copies.ts";
import { StubMedia } from "./media.ts";
import { StubPusher } from "./pusher.ts";
import { StubWorld, type StubEvent, type StubRoom } from "./world.ts";

const CLIENT = "/_matrix/client/v3/";
const PING_ANSWER = { duration_ms: 1 };

/** Answers at once, keeps connections, and gives the appservice its own events back as Synapse does. */
export class StubHomeserver {
  readonly bot: string;
  readonly world: StubWorld;
  readonly pusher: StubPusher;
  /** What was said in rooms of contacts. */
  readonly tally = new Tally();
  readonly media = new StubMedia();
  /** How often each kind of request came. */
  requests: Record<string, number> = {};
  readonly #registration: Registration;
  /** What the bot has said, by its room. */
  readonly #words = new Map<string, string[]>();
  #file: PromiseWithResolvers<number> | undefined;

  constructor(registration: Registration) {
    this.#registration = registration;
    this.bot = `@${registration.sender_localpart}:localhost`;
    this.pusher = this.createPusher("b");
    this.world = new StubWorld((event, room) => this.#happened(event, room));
  }

  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => void this.#respond(request, response));
    server.keepAliveTimeout = 600_000;
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  }

  /** Another way to the bridge, beside the one for events. @param prefix of its transaction ids */
  createPusher(prefix: string): StubPusher {
    const { url, hs_token: token } = this.#registration;
    return new StubPusher({ url: url ?? "", token }, prefix);
  }

  /** Resolves once the bot has said it in the room. @throws Error after a minute */
  async botSays(room: StubRoom, what: string): Promise<void> {
    for (let tries = 0; tries < 6000; tries += 1) {
      if (this.#words.get(room.id)?.some((one) => one.includes(what)) === true) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the bot does not say "${what}", but: ${JSON.stringify(this.#words.get(room.id))}`);
  }

  /** Resolves once a file is in a room. @returns how many bytes it has; -1 when they are not the pattern */
  async nextFile(): Promise<number> {
    this.#file ??= Promise.withResolvers();
    return this.#file.promise;
  }

  #isOurs(user: string): boolean {
    return user === this.bot || user.startsWith("@msn_");
  }

  #happened(event: StubEvent, room: StubRoom): void {
    if (this.#isOurs(event.sender) && event.type === "m.room.message") this.#hear(event, room);
    // The floor's rooms have nobody of the bridge in them.
    if (this.#isOurs(room.creator) || room.members.has(this.bot)) this.pusher.add(event);
    const { state_key: invited = "", type, content } = event;
    if (type === "m.room.member" && content["membership"] === "invite" && !this.#isOurs(invited))
      setImmediate(() => this.world.setMembership(room, invited, invited, "join"));
  }

  #hear({ content }: StubEvent, room: StubRoom): void {
    const text = String(content["body"]);
    if (room.members.has(this.bot)) this.#words.set(room.id, [...(this.#words.get(room.id) ?? []), text]);
    else if (content["msgtype"] === "m.file") this.#fileCame(String(content["url"]));
    else if (content["msgtype"] === "m.text") this.tally.add(room.id, text);
  }

  #fileCame(uri: string): void {
    this.#file?.resolve(this.media.uploads.get(uri) ?? 0);
    this.#file = undefined;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (path.includes("/media/") && (await this.media.serve(path, request, response))) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    const content = parseContent(Buffer.concat(chunks).toString("utf8"));
    const { status, body } = await this.#answer(request.method ?? "", request.url ?? "", content);
    const json = JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(json) });
    response.end(json);
  }

  async #answer(method: string, url: string, body: Content): Promise<Answer> {
    const [path = "", query = ""] = url.split("?", 2);
    const user = new URLSearchParams(query).get("user_id") ?? this.bot;
    if (path.startsWith(CLIENT)) {
      const parts = path.slice(CLIENT.length).split("/").map(decodeURIComponent);
      this.#count(`${method} ${parts[0]}${parts[0] === "rooms" ? ` ${parts[2]}` : ""}`);
      return answer(this.world, { method, path: parts, user, body });
    }
    if (path === "/_matrix/client/versions") return { status: 200, body: { versions: ["v1.11", "v1.12"] } };
    if (path.endsWith("/ping")) return this.#ping(body);
    return { status: 404, body: { errcode: "M_UNRECOGNIZED", error: "Unrecognized request" } };
  }

  #count(kind: string): void {
    this.requests[kind] = (this.requests[kind] ?? 0) + 1;
  }

  async #ping(body: Content): Promise<Answer> {
    const { url, hs_token: token } = this.#registration;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    await fetch(`${url ?? ""}/_matrix/app/v1/ping`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: 200, body: PING_ANSWER };
  }
}
