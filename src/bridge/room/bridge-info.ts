/** What a room is told of the bridge, so that clients can show where it leads. */
export interface BridgeInfo {
  readonly bot: string;
  readonly server: { readonly id: string; readonly name: string };
  /** The account of the owner. */
  readonly passport: string;
  readonly kind: "direct" | "group";
  /** The contact's account; for a group its id. */
  readonly remote: string;
  /** The contact's or the group's name. */
  readonly name: string;
}

/** A state event as the homeserver takes it. */
export interface StateToSend {
  readonly type: string;
  readonly state_key: string;
  readonly content: Readonly<Record<string, unknown>>;
}

// The first name is that of the proposal (MSC2346), the second what clients have read for years.
const TYPES = ["m.bridge", "uk.half-shot.bridge"];

/** The state events that say which chat of which network a room stands for, one under each name that is in use. */
export function bridgeInfo({ bot, server, passport, kind, remote, name }: BridgeInfo): StateToSend[] {
  const content = {
    bridgebot: bot,
    protocol: { id: "msn", displayname: "MSN Messenger" },
    network: { id: server.id, displayname: server.name },
    channel: { id: remote, displayname: name },
    "com.beeper.room_type": kind === "direct" ? "dm" : "group_dm",
  };
  return TYPES.map((type) => ({ type, state_key: `msn://${server.id}/${passport}/${remote}`, content }));
}
