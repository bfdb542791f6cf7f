import { stateKey, type StubRoom, type StubWorld } from "./world.ts";

export type Content = Record<string, unknown>;

export interface Call {
  readonly method: string;
  /** The decoded parts of the path behind `/_matrix/client/v3`. */
  readonly path: readonly string[];
  readonly user: string;
  readonly body: Content;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

const NOT_FOUND: Answer = { status: 404, body: { errcode: "M_NOT_FOUND", error: "Not found" } };
const DONE: Answer = ok({});

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function ok(body: object): Answer {
  return { status: 200, body };
}

/** What the bridge asks a homeserver for, answered at once and without a look at who may do it. */
export function answer(world: StubWorld, { method, path, user, body }: Call): Answer {
  const [what = "", id = "", ...rest] = path;
  switch (what) {
    case "rooms": {
      const room = world.rooms.get(id);
      return room === undefined ? NOT_FOUND : inRoom(world, room, { method, path: rest, user, body });
    }
    case "createRoom":
      return ok({ room_id: createRoom(world, user, body).id });
    case "account":
      return ok({ user_id: user });
    case "register":
      return ok({ user_id: `@${text(body["username"])}:localhost` });
    case "joined_rooms":
      return ok({
        joined_rooms: [...world.rooms.values()].filter((one) => one.members.get(user) === "join").map((one) => one.id),
      });
    case "profile":
      if (method === "PUT") world.displayNames.set(id, text(body["displayname"]));
      return ok(method === "PUT" ? {} : { displayname: world.displayNames.get(id) });
    case "presence":
      if (method === "PUT") world.setPresence(id, text(body["presence"]));
      return ok(method === "PUT" ? {} : { presence: "online" });
    case "user":
      return method === "PUT" ? DONE : NOT_FOUND;
    default:
      return NOT_FOUND;
  }
}

function inRoom(world: StubWorld, room: StubRoom, { method, path, user, body }: Call): Answer {
  const [what = "", type = "", key = ""] = path;
  switch (what) {
    case "send": {
      const before = room.sent.get(key);
      if (before !== undefined) return ok({ event_id: before });
      const event = world.send(room, user, type, body, { unsigned: { transaction_id: key } });
      room.sent.set(key, event);
      return ok({ event_id: event });
    }
    case "state": {
      if (method === "PUT") return ok({ event_id: world.setState(room, user, type, key, body) });
      const content = room.state.get(stateKey(type, key));
      return content === undefined ? NOT_FOUND : ok(content);
    }
    case "receipt":
    case "typing":
      return DONE;
    case "join":
      world.setMembership(room, user, user, "join");
      return ok({ room_id: room.id });
    case "leave":
      world.setMembership(room, user, user, "leave");
      return DONE;
    case "invite":
      world.setMembership(room, user, text(body["user_id"]), "invite");
      return DONE;
    case "kick":
      world.setMembership(room, user, text(body["user_id"]), "leave");
      return DONE;
    case "joined_members":
      return ok({ joined: Object.fromEntries(membersOf(room).map((one) => [one, {}])) });
    case "messages":
      return ok({ start: "t0", chunk: [] });
    default:
      return NOT_FOUND;
  }
}

function membersOf(room: StubRoom): string[] {
  return [...room.members].filter(([, membership]) => membership === "join").map(([user]) => user);
}

interface RoomWish {
  readonly creation_content?: Content;
  readonly initial_state?: ReadonlyArray<{ type: string; state_key?: string; content: Content }>;
  readonly power_level_content_override?: Content;
  readonly invite?: readonly string[];
  readonly name?: string;
  readonly topic?: string;
}

export function createRoom(world: StubWorld, user: string, wish: RoomWish): StubRoom {
  const room = world.createRoom(user);
  const set = (type: string, content: Content, key = ""): void => void world.setState(room, user, type, key, content);
  set("m.room.create", { ...wish.creation_content, creator: user, room_version: "11" });
  world.setMembership(room, user, user, "join");
  set("m.room.power_levels", { users: { [user]: 100 }, ...wish.power_level_content_override });
  set("m.room.join_rules", { join_rule: "invite" });
  for (const { type, state_key: key, content } of wish.initial_state ?? []) set(type, content, key);
  if (wish.name !== undefined) set("m.room.name", { name: wish.name });
  if (wish.topic !== undefined) set("m.room.topic", { topic: wish.topic });
  for (const one of wish.invite ?? []) world.setMembership(room, user, one, "invite");
  return room;
}
