import type { PresenceState } from "../../matrix/client/intent.ts";
import { STATUS_TEXTS, type Status } from "../../msn/index.ts";

/** What Matrix shows of a ghost. */
export interface GhostPresence {
  readonly presence: PresenceState;
  /** A word beside it, where it says more. */
  readonly text: string | undefined;
}

// A contact who is busy or on the phone can be written to, so Matrix shows them online, with the word beside it.
const PRESENCES: Readonly<Record<Status, PresenceState>> = {
  NLN: "online",
  BSY: "online",
  PHN: "online",
  IDL: "unavailable",
  BRB: "unavailable",
  AWY: "unavailable",
  LUN: "unavailable",
  // About another account a leak of the server, which means offline (docs/msnp.md 3.5).
  HDN: "offline",
  FLN: "offline",
};

const BEST_FIRST = ["NLN", "BSY", "PHN", "IDL", "BRB", "AWY", "LUN", "HDN", "FLN"] as const satisfies readonly Status[];

/** How Matrix shows an MSN status. */
export function presenceOf(status: Status): GhostPresence {
  const presence = PRESENCES[status];
  const isPlain = status === "NLN" || presence === "offline";
  return { presence, text: isPlain ? undefined : capitalised(STATUS_TEXTS[status]) };
}

/** The status that says most that a contact is there; offline when there is none. */
export function bestOf(statuses: Iterable<Status>): Status {
  const seen = new Set(statuses);
  return BEST_FIRST.find((status) => seen.has(status)) ?? "FLN";
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
