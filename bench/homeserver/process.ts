import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { z } from "zod";
import { readRegistration } from "../../src/config/registration.ts";
import { deed, serve, startOptions } from "../../test/support/serve.ts";
import { Tally } from "../stage/tally.ts";
import { answer, createRoom, type Content } from "./client-api.ts";
import { copies, copyRooms, parseContent } from "./copies.ts";
import { StubPusher } from "./pusher.ts";
import { StubWorld, type StubEvent, type StubRoom } from "./world.ts";

// A homeserver that answers at once, keeps connections and gives the appservice its own events back, as Synapse does.

const CLIENT = "/_matrix/client/v3/";
const PORTAL_KEY = "matrix-appservice-msn.portal";

const { registration: file, port } = startOptions(z.object({ registration: z.string(), port: z.int() }));
const registration = readRegistration(file);
const bot = `@${registration.sender_localpart}:localhost`;
const tally = new Tally();
const toBridge = new StubPusher({ url: registration.url ?? "", token: registration.hs_token }, "b");
let toFloor: StubPusher | undefined;
const words = new Map<string, string[]>();

const isOurs = (user: string): boolean => user === bot || user.startsWith("@msn_");

const world = new StubWorld((event, room) => {
  if (isOurs(event.sender) && event.type === "m.room.message") hear(event, room);
  // The floor's rooms have nobody of the bridge in them.
  if (isOurs(room.creator) || room.members.has(bot)) toBridge.add(event);
  const { state_key: invited = "" } = event;
  if (event.type === "m.room.member" && event.content["membership"] === "invite" && !isOurs(invited))
    setImmediate(() => world.setMembership(room, invited, invited, "join"));
});

function hear({ content }: StubEvent, room: StubRoom): void {
  const text = String(content["body"]);
  if (room.members.has(bot)) words.set(room.id, [...(words.get(room.id) ?? []), text]);
  else if (content["msgtype"] === "m.text") tally.add(room.id, text);
}

const server = createServer((request, response) => void respond(request, response));
server.keepAliveTimeout = 600_000;
server.listen(port, "127.0.0.1");
await once(server, "listening");

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const body = parseContent(text);
  const { status, body: reply } = await answerTo(request.method ?? "", request.url ?? "", body);
  const json = JSON.stringify(reply);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(json) });
  response.end(json);
}

async function answerTo(method: string, url: string, body: Content): Promise<{ status: number; body: object }> {
  const [path = "", query = ""] = url.split("?", 2);
  const user = new URLSearchParams(query).get("user_id") ?? bot;
  if (path.startsWith(CLIENT)) {
    const parts = path
      .slice(CLIENT.length)
      .split("/")
      .map((part) => decodeURIComponent(part));
    return answer(world, { method, path: parts, user, body });
  }
  if (path === "/_matrix/client/versions") return { status: 200, body: { versions: ["v1.11", "v1.12"] } };
  if (path.endsWith("/ping")) return { status: 200, body: await ping(body) };
  return { status: 404, body: { errcode: "M_UNRECOGNIZED", error: "Unrecognized request" } };
}

async function ping(body: Content): Promise<object> {
  const headers = { authorization: `Bearer ${registration.hs_token}`, "content-type": "application/json" };
  const url = `${registration.url ?? ""}/_matrix/app/v1/ping`;
  await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { duration_ms: 1 };
}

/** Whether the bot has said it in the room within a minute. */
async function says(room: StubRoom, what: string): Promise<void> {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (words.get(room.id)?.some((one) => one.includes(what)) === true) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the bot does not say "${what}", but: ${JSON.stringify(words.get(room.id))}`);
}

async function signIn(name: string, passport: string, password: string): Promise<void> {
  const person = `@${name}:localhost`;
  const room = createRoom(world, person, { invite: [bot] });
  await says(room, "help");
  world.send(room, person, "m.room.message", { msgtype: "m.text", body: `login sandbox ${passport} ${password}` });
  await says(room, "You are signed in");
}

/** The rooms of direct chats, by owner's and contact's name. */
function portals(): Array<{ room: string; owner: string; contact: string }> {
  return [...world.rooms.values()].flatMap((room) => {
    const key = String(room.state.get("m.room.create\n")?.[PORTAL_KEY]);
    const [, owner, contact] = /^sandbox\/([^@/]+)@[^/]+\/direct\/([^@/]+)@[^/]+$/u.exec(key) ?? [];
    return owner === undefined || contact === undefined ? [] : [{ room: room.id, owner, contact }];
  });
}

const speech = z.object({
  to: z.enum(["bridge", "floor"]),
  sender: z.string(),
  rooms: z.array(z.string()),
  texts: z.array(z.string()),
  perTransaction: z.int(),
});

/** Every text goes to every room, the rooms in turn. */
async function speak({ to, sender, rooms, texts, perTransaction }: z.output<typeof speech>): Promise<void> {
  const pusher = to === "bridge" ? toBridge : toFloor;
  if (pusher === undefined) throw new Error("there is no floor");
  const events = texts.flatMap((body) =>
    rooms.map((id) => {
      const room = world.rooms.get(id) ?? world.createRoom(sender, id);
      return world.event(room, sender, "m.room.message", { msgtype: "m.text", body });
    }),
  );
  for (let at = 0; at < events.length; at += perTransaction) await pusher.push(events.slice(at, at + perTransaction));
}

serve({
  "sign in": deed(z.tuple([z.string(), z.string(), z.string()]), async (args) => signIn(...args)),
  portals: deed(z.null(), portals),
  "make rooms": deed(z.array(z.string()), (ids) => {
    for (const id of ids) world.createRoom("@floor:localhost", id);
  }),
  floor: deed(z.object({ url: z.string(), token: z.string() }), (target) => {
    toFloor = new StubPusher(target, "f");
  }),
  speak: deed(speech, async (args) => speak(args)),
  until: deed(z.int(), async (count) => tally.until(count)),
  "copy rooms": deed(copies, (args) => copyRooms(world, args)),
  take: deed(z.null(), () => tally.take()),
  idle: deed(z.null(), () => toBridge.isIdle),
});
