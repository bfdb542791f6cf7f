import { z } from "zod";

// Synapse tells users who are busy apart if it is asked to (MSC3026).
const ownPresence = z.preprocess(
  (value) => (value === "org.matrix.msc3026.busy" ? "busy" : value),
  z.enum(["online", "unavailable", "offline", "busy"]),
);
/** The presence of a user as their homeserver has it; `busy` where it tells that apart. */
export type OwnPresence = z.output<typeof ownPresence>;

/** What a homeserver tells for the moment only. */
export type EphemeralEvent =
  /** Who types in a room, as a whole. */
  | { readonly kind: "typing"; readonly roomId: string; readonly userIds: readonly string[] }
  /** Who has read something, in whatever room. */
  | { readonly kind: "receipt"; readonly userIds: ReadonlySet<string> }
  | { readonly kind: "presence"; readonly userId: string; readonly presence: OwnPresence };

const typing = z.object({
  type: z.literal("m.typing"),
  room_id: z.string(),
  content: z.object({ user_ids: z.array(z.string()) }),
});
const receipt = z.object({
  type: z.literal("m.receipt"),
  content: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
});
const presence = z.object({
  type: z.literal("m.presence"),
  sender: z.string(),
  content: z.object({ presence: ownPresence }),
});
const ephemeral = z.discriminatedUnion("type", [typing, receipt, presence]);

/** Reads what a transaction brings beside its events; undefined: it says nothing that is known. */
export function readEphemeralEvent(event: unknown): EphemeralEvent | undefined {
  const read = ephemeral.safeParse(event).data;
  switch (read?.type) {
    case "m.typing":
      return { kind: "typing", roomId: read.room_id, userIds: read.content.user_ids };
    case "m.receipt": {
      const kinds = Object.values(read.content).flatMap((ofEvent) => Object.values(ofEvent));
      return { kind: "receipt", userIds: new Set(kinds.flatMap(Object.keys)) };
    }
    case "m.presence":
      return { kind: "presence", userId: read.sender, presence: read.content.presence };
    case undefined:
      return undefined;
  }
}

/** Reads the presence that a homeserver names when it is asked. */
export function readPresence(presenceName: unknown): OwnPresence | undefined {
  return ownPresence.safeParse(presenceName).data;
}
