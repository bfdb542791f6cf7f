import { randomBytes } from "node:crypto";

export interface StubEvent {
  readonly event_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Record<string, unknown>;
  readonly state_key?: string;
  readonly unsigned?: Record<string, unknown>;
}

export class StubRoom {
  readonly id: string;
  readonly creator: string;
  readonly members = new Map<string, string>();
  readonly state = new Map<string, Record<string, unknown>>();
  /** The event of each transaction id, so that a repetition is answered as the first one was. */
  readonly sent = new Map<string, string>();

  constructor(id: string, creator: string) {
    this.id = id;
    this.creator = creator;
  }
}

/** Rooms without rules: what the bridge asks for happens. */
export class StubWorld {
  readonly rooms = new Map<string, StubRoom>();
  readonly displayNames = new Map<string, string>();
  /** What the bridge has told last, by the user. */
  readonly presences = new Map<string, string>();
  /** When it was told each of them and those before them, in milliseconds. */
  presencesAt: number[] = [];
  readonly #onEvent: (event: StubEvent, room: StubRoom) => void;

  constructor(onEvent: (event: StubEvent, room: StubRoom) => void) {
    this.#onEvent = onEvent;
  }

  createRoom(creator: string, id = `!${unique(12)}:localhost`): StubRoom {
    const room = new StubRoom(id, creator);
    this.rooms.set(room.id, room);
    room.members.set(creator, "join");
    return room;
  }

  setPresence(user: string, presence: string): void {
    this.presences.set(user, presence);
    this.presencesAt.push(performance.now());
  }

  setMembership(room: StubRoom, sender: string, user: string, membership: string): void {
    room.members.set(user, membership);
    this.setState(room, sender, "m.room.member", user, { membership });
  }

  setState(room: StubRoom, sender: string, type: string, key: string, content: Record<string, unknown>): string {
    room.state.set(stateKey(type, key), content);
    return this.send(room, sender, type, content, { state_key: key });
  }

  send(room: StubRoom, sender: string, type: string, content: Record<string, unknown>, more = {}): string {
    const event = this.event(room, sender, type, content, more);
    this.#onEvent(event, room);
    return event.event_id;
  }

  event(room: StubRoom, sender: string, type: string, content: Record<string, unknown>, more = {}): StubEvent {
    const base = { event_id: `$${unique(32)}`, room_id: room.id, type, sender, origin_server_ts: Date.now(), content };
    return { ...base, ...more };
  }
}

// Ids of events are hashes since version 3 of rooms, so they fall anywhere in an index.
function unique(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

export function stateKey(type: string, key: string): string {
  return `${type}\n${key}`;
}
