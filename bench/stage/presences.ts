import { z } from "zod";
import { sharedNow, sleep } from "./clock.ts";
import type { Stage } from "./stage.ts";

const LIMIT_MS = 60_000;
const POLL_MS = 100;

const presences = z.object({ told: z.record(z.string(), z.string()), at: z.array(z.number()) });

/** What the homeserver has been told of contacts since it forgot all. */
export interface ToldPresences {
  readonly count: number;
  /** The most in any second. */
  readonly busiest: number;
}

export async function forgetPresences({ homeserver }: Stage): Promise<void> {
  await homeserver.order("forget presences");
}

/** Waits until the last that the homeserver was told of each contact is this. @throws Error that says of whom it is not */
export async function untilTold(stage: Stage, expected: ReadonlyMap<string, string>): Promise<void> {
  const end = sharedNow() + LIMIT_MS;
  for (let wrong = await wronglyTold(stage, expected); wrong.length > 0; wrong = await wronglyTold(stage, expected)) {
    if (sharedNow() > end) throw new Error(`${wrong.length} presences are not told:\n${wrong.slice(0, 20).join("\n")}`);
    await sleep(POLL_MS);
  }
}

/** @throws Error where what was told last is not this (any more) */
export async function tellRightly(stage: Stage, expected: ReadonlyMap<string, string>): Promise<ToldPresences> {
  const wrong = await wronglyTold(stage, expected);
  if (wrong.length > 0)
    throw new Error(`${wrong.length} presences are told wrongly:\n${wrong.slice(0, 20).join("\n")}`);
  const { at } = await stage.homeserver.ask(presences, "presences");
  return { count: at.length, busiest: busiestSecond(at) };
}

async function wronglyTold({ homeserver }: Stage, expected: ReadonlyMap<string, string>): Promise<string[]> {
  const { told } = await homeserver.ask(presences, "presences");
  const byContact = new Map(Object.entries(told).map(([user, presence]) => [nameOf(user), presence]));
  return [...expected].flatMap(([contact, presence]) => {
    const last = byContact.get(contact);
    return last === presence ? [] : [`${contact}: ${last ?? "nothing"} instead of ${presence}`];
  });
}

/** The contact for whom a ghost stands. */
function nameOf(user: string): string {
  return /^@msn_sandbox_(.+)=40/u.exec(user)?.[1] ?? user;
}

function busiestSecond(times: readonly number[]): number {
  let [first, most] = [0, 0];
  for (const [last, end] of times.entries()) {
    while ((times[first] ?? end) <= end - 1000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
