import { connect } from "node:net";
import { z } from "zod";
import { readRegistration } from "../../src/config/registration.ts";
import { deed, serve, startOptions } from "../../test/support/serve.ts";
import { sharedNow, sleep } from "../stage/clock.ts";
import { createRoom } from "./client-api.ts";
import { copies, copyRooms } from "./copies.ts";
import { StubHomeserver } from "./homeserver.ts";
import { patternUri } from "./media.ts";
import { StubPusher } from "./pusher.ts";
import type { StubEvent, StubRoom } from "./world.ts";

// The stub of a homeserver as a process of its own, with people who do what a case asks for.

const PORTAL_KEY = "matrix-appservice-msn.portal";

const { registration, port } = startOptions(z.object({ registration: z.string(), port: z.int() }));
const homeserver = new StubHomeserver(readRegistration(registration));
const { world, tally, bot } = homeserver;
const beside = homeserver.createPusher("e");
let toFloor: StubPusher | undefined;
await homeserver.listen(port);

async function signIn(name: string, passport: string, password: string): Promise<void> {
  const person = `@${name}:localhost`;
  const room = createRoom(world, person, { invite: [bot] });
  await homeserver.botSays(room, "help");
  world.send(room, person, "m.room.message", { msgtype: "m.text", body: `login sandbox ${passport} ${password}` });
  await homeserver.botSays(room, "You are signed in");
}

/** The rooms of direct chats, by owner's and contact's name. */
function portals(): Array<{ room: string; owner: string; contact: string }> {
  return [...world.rooms.values()].flatMap((room) => {
    const key = String(room.state.get("m.room.create\n")?.[PORTAL_KEY]);
    const [, owner, contact] = /^sandbox\/([^@/]+)@[^/]+\/direct\/([^@/]+)@[^/]+$/u.exec(key) ?? [];
    return owner === undefined || contact === undefined ? [] : [{ room: room.id, owner, contact }];
  });
}

const place = z.object({ to: z.enum(["bridge", "floor"]), sender: z.string(), rooms: z.array(z.string()) });
const speech = place.extend({ texts: z.array(z.string()), perTransaction: z.int() });
const slow = place.extend({ texts: z.array(z.string()), everyMs: z.number() });

function pusherTo(to: "bridge" | "floor"): StubPusher {
  if (to === "bridge") return homeserver.pusher;
  if (toFloor === undefined) throw new Error("there is no floor");
  return toFloor;
}

function mustFind(id: string): StubRoom {
  const room = world.rooms.get(id);
  if (room === undefined) throw new Error(`there is no room ${id}`);
  return room;
}

function eventIn(id: string, sender: string, body: string): StubEvent {
  return world.event(mustFind(id), sender, "m.room.message", { msgtype: "m.text", body });
}

/** Every text goes to every room, the rooms in turn. */
async function speak({ to, sender, rooms, texts, perTransaction }: z.output<typeof speech>): Promise<void> {
  const events = texts.flatMap((body) => rooms.map((id) => eventIn(id, sender, body)));
  for (let at = 0; at < events.length; at += perTransaction)
    await pusherTo(to).push(events.slice(at, at + perTransaction));
}

/** Each text goes to the next room, one after the other at a pace. @returns when each was sent */
async function pace({ to, sender, rooms, texts, everyMs }: z.output<typeof slow>): Promise<number[]> {
  const start = sharedNow();
  const pushed: Promise<unknown>[] = [];
  const sent: number[] = [];
  for (const [at, body] of texts.entries()) {
    await sleep(start + at * everyMs - sharedNow());
    const event = eventIn(rooms[at % rooms.length] ?? "", sender, body);
    sent.push(sharedNow());
    pushed.push(pusherTo(to).push([event]));
  }
  await Promise.all(pushed);
  return sent;
}

/** Transactions without events at a pace, beside the others and whether or not those before are answered. @returns how long each took */
async function sendEmpty(count: number, everyMs: number): Promise<number[]> {
  const start = sharedNow();
  const took: Promise<number>[] = [];
  for (let at = 0; at < count; at += 1) {
    await sleep(start + at * everyMs - sharedNow());
    took.push(beside.pushNow([]));
  }
  return Promise.all(took);
}

serve({
  "sign in": deed(z.tuple([z.string(), z.string(), z.string()]), async (args) => signIn(...args)),
  portals: deed(z.null(), portals),
  "make rooms": deed(z.array(z.string()), (ids) => {
    for (const id of ids) world.createRoom("@floor:localhost", id);
  }),
  "copy rooms": deed(copies, (args) => copyRooms(world, args)),
  floor: deed(z.object({ url: z.string(), token: z.string() }), (target) => {
    toFloor = new StubPusher(target, "f");
  }),
  speak: deed(speech, async (args) => speak(args)),
  pace: deed(slow, async (args) => pace(args)),
  empty: deed(z.tuple([z.int(), z.number()]), async (args) => sendEmpty(...args)),
  "forget presences": deed(z.null(), () => {
    world.presences.clear();
    world.presencesAt = [];
  }),
  presences: deed(z.null(), () => ({ told: Object.fromEntries(world.presences), at: world.presencesAt })),
  "take requests": deed(z.null(), () => {
    const { requests } = homeserver;
    homeserver.requests = {};
    return requests;
  }),
  "next file": deed(z.null(), async () => homeserver.nextFile()),
  "send file": deed(
    z.object({ sender: z.string(), room: z.string(), size: z.int() }),
    async ({ sender, room, size }) => {
      const content = { msgtype: "m.file", body: "file.bin", url: patternUri(size), info: { size } };
      await homeserver.pusher.push([world.event(mustFind(room), sender, "m.room.message", content)]);
    },
  ),
  "tell arrivals": deed(z.object({ port: z.int(), contacts: z.record(z.string(), z.string()) }), (args) => {
    const socket = connect(args.port, "127.0.0.1");
    socket.setNoDelay(true);
    tally.onArrival = (room) => void socket.write(`${args.contacts[room] ?? ""}\n`);
  }),
  until: deed(z.int(), async (count) => tally.until(count)),
  count: deed(z.null(), () => tally.count),
  take: deed(z.null(), () => tally.take()),
});
