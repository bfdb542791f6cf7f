import type { Alerts } from "../../ops/alerts.ts";

/** What the user reads in a room that the homeserver has encrypted by itself. */
export const ENCRYPTED_BY_FORCE =
  "This homeserver encrypts every room, and this bridge cannot read encrypted messages: what you write here does not " +
  "arrive. Whoever runs the homeserver can change that (Synapse: encryption_enabled_by_default_for_room_type: off).";

/** Tells the admin why users cannot write. */
export function alertOfEncryption(alerts: Pick<Alerts, "alert">): void {
  alerts.alert(
    "encryption",
    "The homeserver encrypts every new room, so that nobody can write through this bridge: set " +
      "encryption_enabled_by_default_for_room_type to off in Synapse's configuration and restart it.",
  );
}
