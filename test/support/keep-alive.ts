import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

// The kernel counts hundredths of a second in this table, whatever it counts in itself.
const TICKS_A_SECOND = 100;
const KEEP_ALIVE = "02";

/** In how many seconds Linux will ask the other end of a silent connection whether it is there; undefined: it will not. */
export function keepAliveSeconds({ localPort, remotePort }: Socket): number | undefined {
  const port = (number = 0): string => number.toString(16).toUpperCase().padStart(4, "0");
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n")) {
    // sl local remote state queues timer:when
    const [, local = "", remote = "", , , timer = ""] = line.trim().split(/\s+/u);
    if (!local.endsWith(`:${port(localPort)}`) || !remote.endsWith(`:${port(remotePort)}`)) continue;
    const [kind, when = ""] = timer.split(":");
    return kind === KEEP_ALIVE ? Number.parseInt(when, 16) / TICKS_A_SECOND : undefined;
  }
  return undefined;
}
