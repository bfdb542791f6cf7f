import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { z } from "zod";
import { deed, serve, startOptions } from "../../test/support/serve.ts";
import { OwnShares, watchSockets } from "../stage/own-shares.ts";
import { FloorJournal } from "./journal.ts";
import { signIn, type FloorBoard } from "./msn-session.ts";
import { Portals } from "./portals.ts";

// The least that a bridge has to do with the same bytes: one durable commit for a message or a transaction, one request
// on a connection that is kept, one message at a time in each portal. It has no users, no rooms, no errors.

const options = startOptions(
  z.object({
    folder: z.string(),
    homeserver: z.string(),
    server: z.object({ host: z.string(), port: z.int(), nexusUrl: z.string() }),
    passport: z.string(),
    password: z.string(),
  }),
);
const journal = new FloorJournal(options.folder);
const portals = new Portals();
const agent = new Agent({ keepAlive: true });
const boards = new Map<string, FloorBoard>();

/** The room of a contact. */
function roomOf(contact: string): string {
  return `!${contact.replace(/@.*/u, "")}.floor:localhost`;
}

async function put(room: string, text: string, id: string): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${id}?user_id=%40msn_floor%3Alocalhost`;
  const body = JSON.stringify({ msgtype: "m.text", body: text });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const done = Promise.withResolvers<void>();
  const asked = request(`${options.homeserver}${path}`, { method: "PUT", headers, agent }, (response) => {
    response.resume();
    response.once("end", () => done.resolve());
  });
  asked.once("error", done.reject);
  asked.end(body);
  return done.promise;
}

function said(contact: string, text: string): void {
  if (text.startsWith("hello")) return;
  const room = roomOf(contact);
  const id = randomUUID();
  journal.keep([{ id, place: room, body: text }]);
  portals.add(room, async () => {
    await put(room, text, id);
    journal.settle(id);
  });
}

const transaction = z.object({
  events: z.array(z.object({ event_id: z.string(), room_id: z.string(), content: z.object({ body: z.string() }) })),
});

function accept(body: string): void {
  const { events } = transaction.parse(JSON.parse(body));
  journal.keep(events.map(({ event_id: id, room_id: place, content }) => ({ id, place, body: content.body })));
  for (const { event_id: id, room_id: room, content } of events) {
    portals.add(room, async () => {
      await boards.get(room)?.send(content.body);
      journal.settle(id);
    });
  }
}

const server = createServer((asked, response) => {
  const chunks: Buffer[] = [];
  asked.on("data", (chunk: Buffer) => chunks.push(chunk));
  asked.once("end", () => {
    accept(Buffer.concat(chunks).toString("utf8"));
    response.writeHead(200, { "content-type": "application/json", "content-length": 2 }).end("{}");
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1");
await once(server, "listening");
await signIn(options.server, options.passport, options.password, {
  joined: (board) => void boards.set(roomOf(board.contact), board),
  said,
});

let shares: OwnShares | undefined;

serve({
  port: deed(z.null(), () => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }),
  boards: deed(z.null(), () => boards.size),
  "watch shares": deed(z.string(), (sentence) => {
    shares = new OwnShares(sentence);
    watchSockets(shares);
  }),
  "take shares": deed(z.null(), () => shares?.take()),
});
