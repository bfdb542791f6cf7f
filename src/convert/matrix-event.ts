import { z } from "zod";
import { isMessageIn } from "./text/event-text.ts";
import type { IsReply } from "./text/quote.ts";
import { isReplyIn, relationOf } from "./text/relations.ts";

type Json = Readonly<Record<string, unknown>>;

const record = z.record(z.string(), z.unknown());
const anyEvent = z.looseObject({
  event_id: z.string(),
  room_id: z.string(),
  sender: z.string(),
  type: z.string(),
  state_key: z.string().optional(),
  origin_server_ts: z.number().catch(0),
  redacts: z.string().optional().catch(undefined),
  unsigned: record.catch({}),
  content: record.catch({}),
});
type AnyEvent = z.output<typeof anyEvent>;

/** What every event of a room has. */
interface EventFields {
  readonly id: string;
  readonly roomId: string;
  readonly sender: string;
  /** In milliseconds since the epoch, by the clock of the sender's homeserver; 0 where that does not say. */
  readonly sentAt: number;
  /** For instance `m.room.message`. */
  readonly type: string;
  readonly content: Json;
  /** What the homeserver, or the journal, says with it. */
  readonly unsigned: Json;
  /** The whole event as JSON has it. `readMatrixEvent` makes the same value of it again. */
  readonly source: Readonly<AnyEvent>;
}

interface StateFields extends EventFields {
  readonly stateKey: string;
}

const MEMBERSHIPS = ["invite", "join", "knock", "leave", "ban"] as const;

/** An event of a room, told apart by what it is to the bridge. */
export type MatrixEvent =
  /** Something is said, in a form that is known; `replyTo` names what it answers. */
  | (EventFields & { readonly kind: "message"; readonly replyTo: string | undefined; readonly isReply: IsReply })
  /** `newContent` is what the target shall say, also where the event says that only in its old form. */
  | (EventFields & {
      readonly kind: "edit";
      readonly target: string;
      readonly newContent: Json;
    })
  | (EventFields & { readonly kind: "reaction"; readonly target: string; readonly key: string })
  | (EventFields & { readonly kind: "redaction"; readonly target: string })
  /** Whatever is in it cannot be read, nor trusted to be what its outside says. */
  | (EventFields & { readonly kind: "encrypted" })
  /** A user, `userId`, has joined, left, or been invited. */
  | (StateFields & {
      readonly kind: "member";
      readonly userId: string;
      readonly membership: (typeof MEMBERSHIPS)[number];
      readonly displayName: string | undefined;
    })
  /** The room has been called something; empty: nothing any more. */
  | (StateFields & { readonly kind: "room-name"; readonly name: string })
  /** The room is closed, and another takes its place, if one is named. */
  | (StateFields & { readonly kind: "tombstone"; readonly replacement: string | undefined })
  /** Any other state of a room. */
  | (StateFields & { readonly kind: "state" })
  /** Nothing that says anything: deleted, or of a type that is not known. */
  | (EventFields & { readonly kind: "other" });

/** A state event: who is in a room, what it is called, where it went, or anything else that is so until it is changed. */
export type StateEvent = EventOf<"member" | "room-name" | "tombstone" | "state">;

/** An event of one kind. */
export type EventOf<Kind extends MatrixEvent["kind"]> = Extract<MatrixEvent, { readonly kind: Kind }>;

/**
 * Reads an event as a homeserver gives it, or as the journal kept it.
 * @param roomId the room that it is from, where the event need not say that
 * @returns undefined for what is no event of a room
 */
export function readMatrixEvent(event: unknown, roomId?: string): MatrixEvent | undefined {
  const named = roomId === undefined ? event : { room_id: roomId, ...record.safeParse(event).data };
  const read = anyEvent.safeParse(named).data;
  return read && fromJson(read);
}

export function isState(event: MatrixEvent): event is StateEvent {
  return "stateKey" in event;
}

/** An event with other content. */
export function withContent({ source }: MatrixEvent, content: Json): MatrixEvent {
  return fromJson({ ...source, content });
}

/** An event with something else said with it. */
export function withUnsigned({ source }: MatrixEvent, unsigned: Json): MatrixEvent {
  return fromJson({ ...source, unsigned });
}

function fromJson(source: AnyEvent): MatrixEvent {
  const { event_id: id, room_id: roomId, sender, type, content, unsigned, origin_server_ts: sentAt } = source;
  const fields = { id, roomId, sender, sentAt, type, content, unsigned, source };
  if (source.state_key !== undefined) return stateOf({ ...fields, stateKey: source.state_key });
  if (type === "m.room.redaction") {
    // Rooms of version 11 and later have it in the content.
    const target = source.redacts ?? text.parse(content["redacts"]);
    return target === undefined ? { ...fields, kind: "other" } : { ...fields, kind: "redaction", target };
  }
  if (type === "m.room.encrypted") return { ...fields, kind: "encrypted" };
  const relation = relationOf(type, content);
  if (relation?.type === "edit") {
    return { ...fields, kind: "edit", target: relation.eventId, newContent: relation.content };
  }
  if (relation?.type === "reaction")
    return { ...fields, kind: "reaction", target: relation.eventId, key: relation.key };
  if (!isMessageIn(type, content)) return { ...fields, kind: "other" };
  return { ...fields, kind: "message", replyTo: relation?.eventId, isReply: isReplyIn(type, content) };
}

const text = z.string().optional().catch(undefined);
const memberContent = z.object({ membership: z.enum(MEMBERSHIPS) });

function stateOf(fields: StateFields): StateEvent {
  const { type, stateKey, content } = fields;
  if (type === "m.room.member") {
    const read = memberContent.safeParse(content).data;
    if (read === undefined) return { ...fields, kind: "state" };
    return {
      ...fields,
      kind: "member",
      userId: stateKey,
      membership: read.membership,
      displayName: displayNameIn(content),
    };
  }
  // Their state key is empty (Matrix spec, "m.room.name" and "m.room.tombstone"); with another they mean nothing.
  if (stateKey !== "") return { ...fields, kind: "state" };
  switch (type) {
    case "m.room.name":
      return { ...fields, kind: "room-name", name: text.parse(content["name"])?.trim() ?? "" };
    case "m.room.tombstone":
      return { ...fields, kind: "tombstone", replacement: replacementIn(content) };
    default:
      return { ...fields, kind: "state" };
  }
}

/** What a user is called in a room, by the content of their membership. */
export function displayNameIn(member: unknown): string | undefined {
  return text.parse(record.safeParse(member).data?.["displayname"]);
}

/** The room that one replaces, by the content of its creation. */
export function predecessorIn(creation: unknown): string | undefined {
  return text.parse(record.safeParse(record.safeParse(creation).data?.["predecessor"]).data?.["room_id"]);
}

/** The room that takes the place of one, by the content of its tombstone. */
export function replacementIn(tombstone: unknown): string | undefined {
  return text.parse(record.safeParse(tombstone).data?.["replacement_room"]);
}
