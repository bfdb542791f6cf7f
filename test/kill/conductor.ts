import { setTimeout as sleep } from "node:timers/promises";
import { Killer } from "./killer.ts";
import { judge, type Verdict } from "./ledger.ts";
import { Random } from "./random.ts";
import { Stage } from "./stage.ts";
import { Traffic } from "./traffic.ts";
import { makeTrouble } from "./trouble.ts";

export interface RunOptions {
  readonly kills: number;
  readonly seed: number;
  /** How many contacts write first; not given: as many as come by. */
  readonly portals: number | undefined;
  /** Where the run keeps its files. */
  readonly folder: string;
  /** Told how it goes. */
  readonly say: (words: string) => void;
}

/** What a run came to. */
export interface Run {
  readonly verdict: Verdict;
  readonly kills: number;
  readonly moments: ReadonlyMap<string, number>;
  readonly troubles: number;
  readonly written: number;
  readonly sent: number;
  readonly refused: number;
  readonly rooms: number;
  /** What the bridge ended with when it was asked to stop at last. */
  readonly exitCode: number | null;
  /** In milliseconds. */
  readonly duration: number;
}

const PEOPLE = ["ann", "ben", "cleo"];
const CONTACTS = ["x0", "x1", "x2", "x3"];
const NEWCOMER_PACE_MS = 700;
// About how long a kill with the start after it takes; the newcomers of `portals` are spread over all of them.
const KILL_MS = 3000;
// Long ones: only a run that is not good waits for them, and a busy machine makes none of these.
const SETTLE_MS = 240_000;
// Longer than the bridge waits for anything: a room that may still be made, an acknowledgement, after a few failures.
const HOPELESS_MS = 60_000;
const QUIET_MS = 2000;
// How often it is started to do what is open in the journal.
const MOST_TRIES = 4;

/** Runs everything, kills the bridge as often as asked, lets it come to rest, and judges. */
export async function run(options: RunOptions): Promise<Run> {
  const { seed, folder, say } = options;
  const began = Date.now();
  const stage = await Stage.open(folder, PEOPLE);
  try {
    say(`Everybody is signed in. Seed ${seed}.`);
    return await perform(stage, options, began);
  } finally {
    await stage.close();
  }
}

async function perform(stage: Stage, { kills, seed, portals, say }: RunOptions, began: number): Promise<Run> {
  const { bridge, homeserver, sandbox } = stage;
  const random = new Random(seed);
  const killing = random.fork();
  const pace = portals === undefined ? NEWCOMER_PACE_MS : Math.round((kills * KILL_MS) / portals);
  const people = PEOPLE;
  const contacts = portals === undefined ? CONTACTS : CONTACTS.slice(0, 1);
  const traffic = new Traffic({
    homeserver,
    sandbox,
    random: random.fork(),
    people,
    contacts,
    newcomers: portals,
    pace,
  });
  const killer = new Killer({ bridge, homeserver, sandbox, random: killing, traffic });
  const calm = new AbortController();
  const troubles = makeTrouble(homeserver, random.fork(), calm.signal);
  traffic.start();
  // One is kept for the end.
  while (killer.kills < kills - 1) {
    await killer.strike();
    say(`Killed ${killer.kills} times; ${traffic.sent.length} messages from Matrix, ${traffic.newcomers} newcomers.`);
  }
  while (!traffic.isComplete) await sleep(100);
  calm.abort();
  await traffic.stop();
  say("The traffic has ended; waiting for what is under way.");
  await settle(stage, traffic);
  await killer.kill();
  bridge.start();
  await bridge.isUp();
  traffic.goOn();
  await homeserver.order("repeat", [20, true]);
  await settle(stage, traffic);
  let exitCode = await bridge.stop();
  for (let tries = 1; tries < MOST_TRIES && exitCode === 0 && stage.journal().open.length > 0; tries += 1) {
    say(`${stage.journal().open.length} things are still to be done; starting it once more.`);
    bridge.start();
    await bridge.isUp();
    await settle(stage, traffic);
    exitCode = await bridge.stop();
  }
  const facts = await stage.facts(traffic.sent, stage.journal(), killer.still);
  return {
    verdict: judge(facts),
    kills: killer.kills,
    moments: killer.moments,
    troubles: await troubles,
    written: facts.written.length,
    sent: facts.sent.length,
    refused: traffic.refused,
    rooms: facts.rooms.length,
    exitCode,
    duration: Date.now() - began,
  };
}

/** Waits until all that was said has arrived or was told, or nothing changes any more. */
async function settle(stage: Stage, traffic: Traffic): Promise<void> {
  const end = Date.now() + SETTLE_MS;
  let [open, since] = [Infinity, Date.now()];
  while (Date.now() < Math.min(end, since + HOPELESS_MS)) {
    const { problems } = judge(await stage.facts(traffic.sent));
    const count = problems.length + traffic.unsettled;
    if (count === 0) break;
    if (count !== open) [open, since] = [count, Date.now()];
    await sleep(500);
  }
  // What would come twice comes now.
  await sleep(QUIET_MS);
}
