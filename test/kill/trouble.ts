import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "../support/child.ts";
import type { Random } from "./random.ts";

const SLOW_DOWN = { errcode: "M_LIMIT_EXCEEDED", error: "Too Many Requests", retry_after_ms: 200 };

// What homeservers and what stands before them do from time to time, each lasting until all is calm again.
const TROUBLES: readonly ((homeserver: Child, random: Random) => Promise<void>)[] = [
  async (homeserver) => homeserver.order("forget"),
  async (homeserver, random) => homeserver.order("repeat", [random.between(1, 5), false]),
  async (homeserver, random) => homeserver.order("repeat", [random.between(1, 5), true]),
  async (homeserver) => homeserver.order("fail", { times: 8, status: 502 }),
  async (homeserver) => homeserver.order("fail", { times: 8, status: 429, body: SLOW_DOWN }),
  async (homeserver) => homeserver.order("fail", { times: 8 }),
  async (homeserver) => homeserver.order("fail", { times: 8, resetAfterDeed: true }),
  // A restart: what was done last is not answered, and then forgotten.
  async (homeserver) => {
    await homeserver.order("fail", { times: 8, path: "/send/", resetAfterDeed: true });
    await sleep(100);
    await homeserver.order("forget");
    await homeserver.order("calm");
  },
];
const PAUSE = { least: 500, most: 4000 };
const MOMENT = { least: 200, most: 1000 };

/** Has the homeserver be in trouble for a moment, again and again, until `signal` is aborted; returns how often. */
export async function makeTrouble(homeserver: Child, random: Random, signal: AbortSignal): Promise<number> {
  let count = 0;
  const wait = async ({ least, most }: typeof PAUSE): Promise<void> =>
    sleep(random.between(least, most), undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await wait(PAUSE);
    await random.pick(TROUBLES)(homeserver, random);
    await wait(MOMENT);
    await homeserver.order("calm");
    count += 1;
  }
  return count;
}
