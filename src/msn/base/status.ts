/** The codes of presence, as MSN writes them (docs/msnp.md 3.5). */
export const STATUSES = ["NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN", "FLN"] as const;
export type Status = (typeof STATUSES)[number];

/** What each status is called, for people. */
export const STATUS_TEXTS: Readonly<Record<Status, string>> = {
  NLN: "online",
  BSY: "busy",
  IDL: "idle",
  BRB: "be right back",
  AWY: "away",
  PHN: "on the phone",
  LUN: "out to lunch",
  HDN: "appears offline",
  FLN: "offline",
};

/** The status that a code stands for, if it is one. */
export function parseStatus(code: string | undefined): Status | undefined {
  return STATUSES.find((status) => status === code?.toUpperCase());
}
