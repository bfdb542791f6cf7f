import { readFileSync } from "node:fs";

/** What a process has used so far. */
export interface Usage {
  readonly cpuMs: number;
  readonly written: number;
}

// USER_HZ, which is 100 on every Linux that Node runs on.
const TICK_MS = 10;

/**
 * Reads /proc. Written bytes are `write_bytes`: pages of files that became dirty, in whole pages, so a page that is
 * written and synced twice counts twice, as on the disk. `wchar` would count what goes through sockets as well.
 */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // proc(5): the name in parentheses may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    written: Number(/^write_bytes: (\d+)$/mu.exec(io)?.[1]),
  };
}

/** Megabytes that are in memory now, or were at most. */
export function memoryOf(pid: number, what: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, "mu").exec(status)?.[1]) / 1024;
}
