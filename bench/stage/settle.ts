import { sleep } from "./clock.ts";
import { usageOf } from "./usage.ts";

// With this little to do a process counts as done, as a share of the time that it is watched.
const IDLE_SHARE = 0.05;
const WATCH_MS = 300;

/** Waits until a process has nothing more to do, such as hearing of its own messages. */
export async function settle(pid: number): Promise<void> {
  for (let cpuMs = Infinity; cpuMs > WATCH_MS * IDLE_SHARE;) {
    const before = usageOf(pid).cpuMs;
    await sleep(WATCH_MS);
    cpuMs = usageOf(pid).cpuMs - before;
  }
}
