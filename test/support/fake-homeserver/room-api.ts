import { z } from "zod";
import type { FakeEvent, FakeRoom } from "./room.ts";
import { text, v3, type ClientApiParts, type FakeRoute } from "./route.ts";
import { FakeRefusal, type FakeWorld } from "./world.ts";

const createRoom = z.looseObject({
  preset: z.enum(["private_chat", "trusted_private_chat", "public_chat"]).default("private_chat"),
  invite: z.array(z.string()).default([]),
  is_direct: z.boolean().default(false),
  room_version: z.string().optional(),
  creation_content: z.record(z.string(), z.unknown()).default({}),
  initial_state: z
    .array(
      z.object({
        type: z.string(),
        state_key: z.string().default(""),
        content: z.record(z.string(), z.unknown()),
      }),
    )
    .default([]),
  power_level_content_override: z.record(z.string(), z.unknown()).default({}),
});

/** What a state event must have, by its type. */
const NEEDED: Readonly<Record<string, string>> = { "m.room.name": "name", "m.room.topic": "topic" };

/** Rooms and what happens in them. */
export function roomRoutes({ world, pusher }: ClientApiParts): FakeRoute[] {
  return [
    {
      method: "POST",
      path: v3("/createRoom"),
      run({ user, body }) {
        const checked = createRoom.safeParse(body);
        if (!checked.success) throw new FakeRefusal(400, "M_BAD_JSON", checked.error.message);
        const { name, topic, room_version: version, ...options } = checked.data;
        const texts = {
          ...(typeof name === "string" && { name }),
          ...(typeof topic === "string" && { topic }),
          ...(version !== undefined && { room_version: version }),
        };
        return { room_id: world.createRoom(user, { ...options, ...texts }).id };
      },
    },
    {
      method: "POST",
      path: v3("/rooms/*/join"),
      run({ user, args: [room = ""] }) {
        world.join(user, room);
        return { room_id: room };
      },
    },
    {
      method: "POST",
      path: v3("/rooms/*/leave"),
      run({ user, args: [room = ""], body }) {
        world.leave(user, room, text(body["reason"]));
        return {};
      },
    },
    {
      method: "POST",
      path: v3("/rooms/*/kick"),
      run({ user, args: [room = ""], body }) {
        world.kick(user, room, text(body["user_id"]) ?? "", text(body["reason"]));
        return {};
      },
    },
    {
      method: "POST",
      path: v3("/rooms/*/invite"),
      run({ user, args: [room = ""], body }) {
        world.invite(user, room, text(body["user_id"]) ?? "");
        return {};
      },
    },
    {
      method: "PUT",
      path: v3("/rooms/*/send/*/*"),
      once: true,
      run({ user, args: [room = "", type = "", txnId = ""], body }) {
        const id = world.send(user, room, type, body);
        world.transactionIds.set(id, txnId);
        return { event_id: id };
      },
    },
    {
      method: "PUT",
      path: v3("/rooms/*/state/*/?"),
      run({ user, args: [room = "", type = "", key = ""], body }) {
        // As Synapse does; an empty string is taken.
        const field = NEEDED[type];
        if (field !== undefined && body[field] === undefined)
          throw new FakeRefusal(400, "M_UNKNOWN", `'${field}' not in content`);
        return { event_id: world.send(user, room, type, body, key) };
      },
    },
    {
      method: "GET",
      path: v3("/rooms/*/state/*/?"),
      run({ user, args: [room = "", type = "", key = ""] }) {
        const found = readable(world, user, room).state(type, key);
        if (found === undefined) throw new FakeRefusal(404, "M_NOT_FOUND", "Event not found.");
        return found;
      },
    },
    {
      method: "PUT",
      path: v3("/rooms/*/redact/*/*"),
      once: true,
      run: ({ user, args: [room = "", event = ""], body }) => ({
        event_id: world.redact(user, room, event, text(body["reason"])),
      }),
    },
    {
      method: "GET",
      path: v3("/rooms/*/event/*"),
      run({ user, args: [room = "", id = ""] }) {
        const found = readable(world, user, room).event(id);
        if (found === undefined) throw new FakeRefusal(404, "M_NOT_FOUND", "Event not found.");
        const [edit] = world.edits === "bundled" ? readable(world, user, room).edits(id) : [];
        if (edit === undefined || Object.keys(found.content).length === 0) return found;
        return { ...found, unsigned: { ...found.unsigned, "m.relations": { "m.replace": edit } } };
      },
    },
    {
      method: "GET",
      path: /^\/_matrix\/client\/v1\/rooms\/([^/]+)\/relations\/([^/]+)\/m\.replace\/([^/]+)$/u,
      run({ user, args: [room = "", id = "", type = ""] }) {
        if (world.edits === "untold") throw new FakeRefusal(404, "M_UNRECOGNIZED", "Unrecognized request");
        return {
          chunk: readable(world, user, room)
            .edits(id)
            .filter((edit) => edit.type === type),
        };
      },
    },
    {
      method: "GET",
      path: v3("/rooms/*/messages"),
      run({ user, args: [room = ""], query }) {
        const { timeline } = readable(world, user, room);
        // A token is how many events are older. Without more of them there is no `end` (Matrix spec, "Syncing").
        const before = Number(/^t(\d+)$/u.exec(query.get("from") ?? "")?.[1] ?? timeline.length);
        const first = Math.max(0, before - Number(query.get("limit") ?? 10));
        const chunk = timeline
          .slice(first, before)
          .toReversed()
          .map((event) => withTransactionId(world, user, event));
        return { start: `t${before}`, chunk, ...(first > 0 && { end: `t${first}` }) };
      },
    },
    {
      method: "GET",
      path: v3("/rooms/*/joined_members"),
      run({ user, args: [room = ""] }) {
        const members = readable(world, user, room).members("join");
        return { joined: Object.fromEntries(members.map((member) => [member, {}])) };
      },
    },
    {
      method: "GET",
      path: v3("/rooms/*/members"),
      run({ user, args: [room = ""], query }) {
        const found = readable(world, user, room);
        const wanted = ["join", "invite", "leave", "ban"].filter((one) => one !== query.get("not_membership"));
        return { chunk: found.members(...wanted).flatMap((one) => found.stateEvent("m.room.member", one) ?? []) };
      },
    },
    {
      method: "GET",
      path: v3("/joined_rooms"),
      run: ({ user }) => ({
        joined_rooms: [...world.rooms.values()].filter((room) => room.membership(user) === "join").map(({ id }) => id),
      }),
    },
    {
      method: "POST",
      path: v3("/rooms/*/receipt/m.read/*"),
      run({ user, args: [room = "", event = ""] }) {
        readable(world, user, room);
        pusher.addEphemeral({
          type: "m.receipt",
          room_id: room,
          content: { [event]: { "m.read": { [user]: { ts: Date.now() } } } },
        });
        return {};
      },
    },
    {
      method: "PUT",
      path: v3("/rooms/*/typing/*"),
      run({ user, args: [room = ""], body }) {
        readable(world, user, room);
        const typing = body["typing"] === true ? [user] : [];
        pusher.addEphemeral({ type: "m.typing", room_id: room, content: { user_ids: typing } });
        return {};
      },
    },
  ];
}

// As Synapse does, also for an event that was redacted (measured).
function withTransactionId({ transactionIds }: FakeWorld, user: string, event: FakeEvent): FakeEvent {
  const txnId = transactionIds.get(event.event_id);
  if (txnId === undefined || event.sender !== user) return event;
  return { ...event, unsigned: { ...event.unsigned, transaction_id: txnId } };
}

function readable(world: FakeWorld, user: string, roomId: string): FakeRoom {
  const room = world.rooms.get(roomId);
  if (room?.membership(user) === "join") return room;
  throw new FakeRefusal(403, "M_FORBIDDEN", `User ${user} not in room ${roomId}`);
}
