import { createLog, type Log, type LogLevel } from "../../src/util/log.ts";

/** A log that keeps its lines. */
export interface CapturedLog {
  log: Log;
  /** Every line as it was written. */
  lines: string[];
  /** From now on lines are let go. */
  mute(): void;
  /** The messages of one level. */
  messages(level: "debug" | "info" | "warn" | "error"): string[];
}

const NUMBERS = { debug: 20, info: 30, warn: 40, error: 50 };

export function captureLog(level: LogLevel = "debug"): CapturedLog {
  const lines: string[] = [];
  let isMuted = false;
  const log = createLog(level, { write: (line) => void (isMuted || lines.push(line)) });
  return {
    log,
    lines,
    mute: () => void (isMuted = true),
    messages: (wanted) =>
      lines
        .map((line): unknown => JSON.parse(line))
        .filter((line) => typeof line === "object" && line !== null)
        .map((line) => new Map<string, unknown>(Object.entries(line)))
        .filter((line) => line.get("level") === NUMBERS[wanted])
        .map((line) => String(line.get("msg"))),
  };
}
