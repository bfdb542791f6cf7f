import { setTimeout as sleep } from "node:timers/promises";
import type { Bridge } from "./bridge.ts";
import type { Child } from "../support/child.ts";
import type { Random } from "./random.ts";
import type { Traffic } from "./traffic.ts";

export interface KillerOptions {
  readonly bridge: Bridge;
  readonly homeserver: Child;
  readonly sandbox: Child;
  readonly random: Random;
  readonly traffic: Traffic;
}

const MOST_PATIENCE_MS = 3000;
// Longer than it takes to freeze the bridge: what was asked for is done after its end.
const SLOW_MS = 150;

// How long it lives at least, and then until messages have gone through in both directions since it is up, before its
// moment is waited for. If nothing goes through for so long, it is killed all the same, and that is a fault.
const LIFE = { least: 300, most: 2500 };
const MOST_STILL_MS = 60_000;
const LOOK_MS = 20;

/** Waits for the moment; `kill` is for one that takes another kill to come about. */
type Moment = (options: KillerOptions, kill: () => Promise<void>) => Promise<void>;

const MOMENTS: Record<string, Moment> = {
  "at any time": async ({ random }) => sleep(random.between(0, 2500)),
  "as it starts": async ({ bridge, random }, kill) => {
    await kill();
    bridge.start();
    await sleep(random.between(200, 1500));
  },
  "after a transaction": async ({ homeserver }) => homeserver.next("answered", MOST_PATIENCE_MS),
  "before a room is made": async (options) => strike(options, { path: "/createRoom$", slow: "before" }),
  "after a room was made": async (options) => strike(options, { path: "/createRoom$", slow: "after" }),
  "before an event is made": async (options) => strike(options, { path: "/send/", slow: "before" }),
  "after an event was made": async (options) => strike(options, { path: "/send/", slow: "after" }),
  "between message and acknowledgement": async ({ sandbox }) => {
    await sandbox.order("stall", true);
    await sandbox.next("received", MOST_PATIENCE_MS);
  },
};

async function strike(
  { homeserver }: KillerOptions,
  { path, slow }: { path: string; slow: "before" | "after" },
): Promise<void> {
  const struck = homeserver.next("struck", MOST_PATIENCE_MS);
  await homeserver.order("fail", { path, times: 1, slow: { when: slow, ms: SLOW_MS } });
  await struck;
}

/** Kills the bridge again and again, at random and at tender moments, and starts it again each time. */
export class Killer {
  readonly #options: KillerOptions;
  /** How often it was killed at which moment. */
  readonly moments = new Map<string, number>();
  /** The kills before which nothing went through in one of the directions. */
  readonly still: number[] = [];
  kills = 0;
  #ahead: string[] = [];

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** Kills it once, and waits until it is up again. */
  async strike(): Promise<void> {
    const { bridge, homeserver, sandbox, random, traffic } = this.#options;
    // Each comes once before any comes twice.
    if (this.#ahead.length === 0) this.#ahead = Object.keys(MOMENTS);
    const name = random.pick(this.#ahead);
    this.#ahead = this.#ahead.filter((other) => other !== name);
    this.moments.set(name, (this.moments.get(name) ?? 0) + 1);
    await sleep(random.between(LIFE.least, LIFE.most));
    await this.#traffic();
    await MOMENTS[name]?.(this.#options, () => this.kill());
    await this.kill();
    await sandbox.order("stall", false);
    // As if the whole machine had died: homeservers forget transaction ids when they are restarted.
    if (random.chance(1 / 2)) await homeserver.order("forget");
    bridge.start();
    await bridge.isUp();
    traffic.goOn();
  }

  /** Kills it now. */
  async kill(): Promise<void> {
    const { bridge, sandbox } = this.#options;
    this.kills += 1;
    bridge.freeze();
    await sandbox.order("note", this.kills);
    await bridge.kill();
  }

  async #traffic(): Promise<void> {
    const end = Date.now() + MOST_STILL_MS;
    while (!this.#options.traffic.flows) {
      if (Date.now() > end) {
        this.still.push(this.kills + 1);
        return;
      }
      await sleep(LOOK_MS);
    }
  }
}
