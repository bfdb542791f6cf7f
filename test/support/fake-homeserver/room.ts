export interface FakeEvent {
  event_id: string;
  type: string;
  room_id: string;
  sender: string;
  content: Record<string, unknown>;
  origin_server_ts: number;
  state_key?: string;
  redacts?: string;
  unsigned?: Record<string, unknown>;
}

/** Timeline, state and just as many of the rules as the tests need. */
export class FakeRoom {
  readonly id: string;
  readonly creator: string;
  readonly version: string;
  readonly timeline: FakeEvent[] = [];
  readonly #state = new Map<string, FakeEvent>();

  constructor(id: string, creator: string, version: string) {
    this.id = id;
    this.creator = creator;
    this.version = version;
  }

  append(event: FakeEvent): void {
    this.timeline.push(event);
    if (event.state_key !== undefined) this.#state.set(key(event.type, event.state_key), event);
  }

  stateEvent(type: string, stateKey = ""): FakeEvent | undefined {
    return this.#state.get(key(type, stateKey));
  }

  /** The content of a state event. */
  state(type: string, stateKey = ""): Record<string, unknown> | undefined {
    return this.stateEvent(type, stateKey)?.content;
  }

  event(eventId: string): FakeEvent | undefined {
    return this.timeline.find(({ event_id: id }) => id === eventId);
  }

  /** The edits of an event that count, newest first, as Synapse chooses them. */
  edits(eventId: string): FakeEvent[] {
    const original = this.event(eventId);
    return this.timeline
      .filter(({ content, type, sender }) => {
        const relation = content["m.relates_to"];
        const isOfIt = field(relation, "rel_type") === "m.replace" && field(relation, "event_id") === eventId;
        return isOfIt && type === original?.type && sender === original.sender;
      })
      .toReversed();
  }

  membership(userId: string): string | undefined {
    const membership = this.state("m.room.member", userId)?.["membership"];
    return typeof membership === "string" ? membership : undefined;
  }

  members(...memberships: string[]): string[] {
    return [...this.#state.values()]
      .filter(({ type, content }) => type === "m.room.member" && memberships.includes(String(content["membership"])))
      .map(({ state_key: userId }) => userId ?? "");
  }

  get encrypted(): boolean {
    return this.stateEvent("m.room.encryption") !== undefined;
  }

  powerOf(userId: string): number {
    if (this.version === "12" && userId === this.creator) return Infinity;
    const levels = this.state("m.room.power_levels");
    return number(field(levels?.["users"], userId)) ?? number(levels?.["users_default"]) ?? 0;
  }

  powerNeeded(action: "invite" | "redact" | "kick"): number {
    return number(this.state("m.room.power_levels")?.[action]) ?? { invite: 0, redact: 50, kick: 50 }[action];
  }

  powerToSend(type: string, isState: boolean): number {
    const levels = this.state("m.room.power_levels");
    const byType = number(field(levels?.["events"], type));
    return byType ?? number(levels?.[isState ? "state_default" : "events_default"]) ?? (isState ? 50 : 0);
  }
}

function key(type: string, stateKey: string): string {
  return `${type}\n${stateKey}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([one]) => one === name)?.[1]
    : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
