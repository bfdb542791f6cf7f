import type { PortalKind, ToldState } from "../../store/portals.ts";
import { listNames } from "../words/groups.ts";
import { bridgeInfo, type BridgeInfo, type StateToSend } from "./bridge-info.ts";

/** What is known of a chat, as far as its room shows it. */
export interface ChatFacts extends Pick<BridgeInfo, "bot" | "server" | "passport" | "remote"> {
  readonly kind: PortalKind;
  /** What the owner calls the chat; null while it has the name that the bridge gives it. */
  readonly title: string | null;
  /** What the contact, or each member of the group, is called. */
  readonly names: readonly string[];
  /** The user ids of the ghosts that belong in the room. */
  readonly members: readonly string[];
}

/** What a room is to show of its chat: made in this one place, and told to Matrix only where it differs. */
export interface RoomInfo {
  /** What sentences call the chat. */
  readonly called: string;
  /** The room's name; undefined where clients find one themselves. */
  readonly name: string | undefined;
  /** A picture, as an `mxc:` address; MSN gives a chat none, and clients show the ghost's. */
  readonly avatar: string | undefined;
  /** MSN gives a chat none. */
  readonly topic: string | undefined;
  readonly members: readonly string[];
  readonly bridge: BridgeInfo;
}

export function roomInfo({ title, names, members, ...facts }: ChatFacts): RoomInfo {
  const called = title ?? listNames(names);
  // Clients give a chat of two the other one's name, and follow that when it changes.
  const name = facts.kind === "group" ? called : (title ?? undefined);
  return { called, name, avatar: undefined, topic: undefined, members, bridge: { ...facts, name: called } };
}

const NAME = "m.room.name";

/** The state events of a room that show it. */
function stateOf({ name, avatar, topic, bridge }: RoomInfo): StateToSend[] {
  return [
    naming(name),
    { type: "m.room.avatar", state_key: "", content: avatar === undefined ? {} : { url: avatar } },
    { type: "m.room.topic", state_key: "", content: { topic: topic ?? "" } },
    ...bridgeInfo(bridge),
  ];
}

/** What a room has still to be told. A room that has been told nothing shows nothing. */
export function untold(info: RoomInfo, told: ToldState): StateToSend[] {
  return stateOf(info).filter((event) => {
    const before = told[keyOf(event)];
    return before === undefined ? showsAnything(event) : before !== JSON.stringify(event.content);
  });
}

function showsAnything({ content }: StateToSend): boolean {
  return Object.values(content).some((value) => value !== "");
}

/** What a room has been told once it has heard some events too. */
export function afterTelling(told: ToldState, events: readonly StateToSend[]): ToldState {
  return { ...told, ...Object.fromEntries(events.map((event) => [keyOf(event), JSON.stringify(event.content)])) };
}

/** What has been told a room of which nobody has noted yet what it is called: it may be called anything. */
export function ofAnyName(told: ToldState): ToldState {
  return { [keyOf(naming(undefined))]: "", ...told };
}

/**
 * The name of a room; undefined: none. That is an empty one (Matrix spec, "m.room.name"): Synapse refuses a content without
 * the key.
 */
export function naming(name: string | undefined): StateToSend {
  return { type: NAME, state_key: "", content: { name: name ?? "" } };
}

function keyOf({ type, state_key: key }: StateToSend): string {
  return `${type} ${key}`;
}
