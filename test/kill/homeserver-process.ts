import { z } from "zod";
import { readRegistration } from "../../src/config/registration.ts";
import { FakeHomeserver } from "../support/fake-homeserver.ts";
import type { FakeRoom } from "../support/fake-homeserver/room.ts";
import { until } from "../support/until.ts";
import type { PortalRoom } from "./facts.ts";
import { deed, serve, startOptions, tell } from "../support/serve.ts";

// The fake homeserver as a process of its own, which outlives the bridge.

const PORTAL_KEY = "matrix-appservice-msn.portal";
const BOT = "@msnbot:localhost";
const LOOK_EVERY_MS = 25;

const options = startOptions(z.object({ registration: z.string(), port: z.int() }));
const fake = await FakeHomeserver.start({
  registration: readRegistration(options.registration),
  port: options.port,
  onTransaction: ({ body, status }) => {
    const { events } = z.object({ events: z.array(z.unknown()) }).parse(body);
    if (status === 200 && events.length > 0) tell({ event: "answered" });
  },
});

const people = new Set<string>();
const joined = new Set<string>();
setInterval(() => {
  joinAll();
  tellNews();
}, LOOK_EVERY_MS);

/** Everybody accepts every invitation, and the conductor learns of rooms in which it can have her write. */
function joinAll(): void {
  for (const name of people) {
    const person = fake.user(name);
    for (const roomId of person.invites()) {
      person.join(roomId);
      const portal = portalOf(fake.room(roomId));
      if (portal === undefined || joined.has(roomId)) continue;
      joined.add(roomId);
      tell({ event: "room", room: roomId, ...portal });
    }
  }
}

const seen = new Map<string, number>();

/** The conductor learns what was said in the rooms of portals. */
function tellNews(): void {
  for (const room of fake.rooms()) {
    const from = seen.get(room.id) ?? 0;
    seen.set(room.id, room.timeline.length);
    if (from === room.timeline.length || portalOf(room) === undefined) continue;
    for (const { content, type, sender } of room.timeline.slice(from)) {
      if (type !== "m.room.message" || sender !== room.creator) continue;
      const replyTo = repliesTo(content);
      if (replyTo !== undefined) tell({ event: "told", replyTo });
      else if (content["msgtype"] === "m.text") tell({ event: "shown", text: content["body"] });
    }
  }
}

/** Whose room with whom it is; undefined for rooms that are not portals. */
function portalOf(room: FakeRoom): { owner: string; contact: string } | undefined {
  const key = z.string().safeParse(room.state("m.room.create")?.[PORTAL_KEY]).data;
  const [, owner, contact] = /^sandbox\/([^@/]+)@[^/]+\/direct\/([^@/]+)@[^/]+$/u.exec(key ?? "") ?? [];
  return owner === undefined || contact === undefined ? undefined : { owner, contact };
}

const replying = z.object({ "m.relates_to": z.object({ "m.in_reply_to": z.object({ event_id: z.string() }) }) });

function repliesTo(content: Record<string, unknown>): string | undefined {
  return replying.safeParse(content).data?.["m.relates_to"]["m.in_reply_to"].event_id;
}

function describe(room: FakeRoom): PortalRoom[] {
  const portal = portalOf(room);
  if (portal === undefined) return [];
  const said = room.timeline.filter(({ type, sender }) => type === "m.room.message" && sender === room.creator);
  return [
    {
      id: room.id,
      ...portal,
      membership: room.membership(`@${portal.owner}:localhost`) ?? null,
      shown: said.flatMap(({ content: { msgtype, body } }) => (msgtype === "m.text" ? [String(body)] : [])),
      notices: said.flatMap(({ content }) => {
        const reply = repliesTo(content);
        return reply === undefined ? [] : [{ replyTo: reply, text: String(content["body"]) }];
      }),
      receipts: receiptsOf(room),
    },
  ];
}

function receiptsOf(room: FakeRoom): string[] {
  return fake.requests.flatMap(({ path, user }) => {
    const [, where, event] = /\/rooms\/([^/]*)\/receipt\/m\.read\/([^/]*)$/u.exec(path) ?? [];
    if (where === undefined || event === undefined || user !== room.creator) return [];
    return decodeURIComponent(where) === room.id ? [decodeURIComponent(event)] : [];
  });
}

async function signIn(name: string, passport: string, password: string): Promise<void> {
  const person = fake.user(name);
  people.add(name);
  const room = person.createDirectRoom(BOT);
  const says = async (words: string): Promise<unknown> =>
    until(words, () => person.messages(room).some(({ sender, body }) => sender === BOT && body.includes(words)));
  await says("help");
  person.say(room, `login sandbox ${passport} ${password}`);
  await says("You are signed in");
}

/** Sends the latest transactions again, as they were or under other ids. */
async function repeat(count: number, isRenumbered: boolean): Promise<void> {
  for (const { body, txnId } of fake.transactions.filter(({ status }) => status === 200).slice(-count)) {
    await (isRenumbered ? fake.push(body) : fake.push(body, txnId));
  }
}

const trouble = z.object({
  method: z.string().optional(),
  path: z.string().default(""),
  times: z.int(),
  status: z.int().optional(),
  body: z.record(z.string(), z.unknown()).optional(),
  resetAfterDeed: z.boolean().optional(),
  slow: z.object({ when: z.enum(["before", "after"]), ms: z.int() }).optional(),
});

function fail({ method, path, times, status, body, resetAfterDeed, slow }: z.output<typeof trouble>): void {
  fake.fail({
    path: new RegExp(path, "u"),
    times,
    ...(method !== undefined && { method }),
    ...(status !== undefined && { status }),
    ...(body !== undefined && { body }),
    ...(resetAfterDeed !== undefined && { resetAfterDeed }),
    ...(slow !== undefined && { slow, onStrike: () => tell({ event: "struck" }) }),
  });
}

serve({
  "sign in": deed(z.tuple([z.string(), z.string(), z.string()]), async (args) => signIn(...args)),
  say: deed(z.tuple([z.string(), z.string(), z.string()]), ([name, room, text]) => fake.user(name).say(room, text)),
  rooms: deed(z.null(), () => fake.rooms().flatMap(describe)),
  fail: deed(trouble, fail),
  calm: deed(z.null(), () => fake.calm()),
  forget: deed(z.null(), () => fake.forgetTransactionIds()),
  repeat: deed(z.tuple([z.int(), z.boolean()]), async (args) => repeat(...args)),
});
