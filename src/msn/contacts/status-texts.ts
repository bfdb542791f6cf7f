import type { Status } from "../dialect/dialect.ts";

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
