import { z } from "zod";
import { longestTurn, overRuns, percentile, type Figure } from "../report/figure.ts";
import type { BenchBridge } from "../stage/bridge.ts";
import { sharedNow, sleep } from "../stage/clock.ts";
import { settle } from "../stage/settle.ts";
import { PASSWORD, Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received, type Received } from "../stage/tally.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// Hundreds of accounts that a user does not know write, call, meet in groups, offer files and change their names, all at
// once and without end. Meanwhile a friend and the user write to each other, ten times a second each way. Before that the
// same is measured while nobody else says anything.

const STRANGERS = { smoke: 5, quick: 50, full: 300 };
const SECONDS = { smoke: 1, quick: 10, full: 60 };
const IDLE_SECONDS = { smoke: 1, quick: 5, full: 20 };
const EVERY_MS = 100;
const SENTENCE = "The train is late again, so I shall be there at about half past seven.";
const OWNER = "mia";
const FRIEND = `${OWNER}s`;
// In a minute twenty rooms may be made, each for some ten requests and a few for each message there.
const BUDGET_A_MINUTE = 20 * 60;

const times = z.array(z.number());
const requests = z.record(z.string(), z.int());

/** How long the messages of the two took, in milliseconds. */
interface Calm {
  readonly toUser: readonly number[];
  readonly toFriend: readonly number[];
}

async function run(context: CaseContext): Promise<Figure[]> {
  const stage = await Stage.open(context.folder);
  const bridge = await stage.startBridge();
  try {
    const room = await signIn(stage);
    await settle(bridge.pid);
    if (context.profile !== undefined) await bridge.startProfile();
    const runs: Figure[][] = [];
    for (let at = 0; at < context.runs; at += 1) runs.push(await pesterOnce(stage, bridge, room, context));
    await bridge.keepProfile(context.profile);
    return overRuns(runs);
  } finally {
    await bridge.kill();
    await stage.close();
  }
}

async function signIn(stage: Stage): Promise<string> {
  const { homeserver, msn } = stage;
  await msn.order("people", { owner: OWNER, password: PASSWORD, contacts: [FRIEND], online: [FRIEND] });
  await homeserver.order("sign in", [OWNER, `${OWNER}@example.com`, PASSWORD]);
  await msn.order("speak", { to: OWNER, contacts: [FRIEND], texts: ["0 hello"] });
  await homeserver.order("until", 1);
  const room = (await stage.portals(OWNER)).get(FRIEND) ?? "";
  mustBeWhole(await homeserver.ask(received, "take"), everywhere([room], 0, 1));
  return room;
}

async function pesterOnce(
  stage: Stage,
  bridge: BenchBridge,
  room: string,
  { scale, say }: CaseContext,
): Promise<Figure[]> {
  await stage.homeserver.ask(requests, "take requests");
  const idle = await talk(stage, room, IDLE_SECONDS[scale]);
  const idleRequests = (await countRequests(stage)) / IDLE_SECONDS[scale];
  await bridge.longestTurn();
  const contacts = Array.from({ length: STRANGERS[scale] }, (_, at) => `eve${at}`);
  const until = sharedNow() + SECONDS[scale] * 1000;
  const pestering = stage.msn.ask(z.int(), "pester", { to: OWNER, contacts, until });
  const during = await talk(stage, room, SECONDS[scale]);
  const said = await pestering;
  const all = await countRequests(stage);
  const own = idleRequests * SECONDS[scale];
  say(`${said} deeds of ${contacts.length} strangers, and ${all} requests`);
  const turn = await bridge.longestTurn();
  await settle(bridge.pid);
  await stage.homeserver.ask(received, "take");
  const minutes = Math.max(1, SECONDS[scale] / 60);
  const figures = (["toUser", "toFriend"] as const).flatMap((way) => {
    const [calm, loud] = [percentile(idle[way], 0.95), percentile(during[way], 0.95)];
    const what = way === "toUser" ? "a friend's message" : "a message to a friend";
    return [
      { what: `${what}, p95 when idle`, unit: "ms", bridge: calm },
      { what: `${what}, p95`, unit: "ms", bridge: loud },
      {
        what: `${what}, beside idle`,
        unit: "",
        bridge: loud / calm,
        limits: { of: "value", better: "less", must: 2 },
      },
    ] satisfies Figure[];
  });
  return [
    ...figures,
    {
      what: "requests a minute for strangers",
      unit: "",
      bridge: (all - own) / minutes,
      limits: { of: "value", better: "less", must: BUDGET_A_MINUTE },
    },
    longestTurn(turn),
  ];
}

/** How much the homeserver was asked since it was last counted. */
async function countRequests({ homeserver }: Stage): Promise<number> {
  const asked = await homeserver.ask(requests, "take requests");
  return Object.values(asked).reduce((sum, count) => sum + count, 0);
}

/** The two write to each other for so long. */
async function talk({ homeserver, msn }: Stage, room: string, seconds: number): Promise<Calm> {
  const count = seconds * (1000 / EVERY_MS);
  const texts = Array.from({ length: count }, (_, at) => `${1 + at} ${SENTENCE}`);
  const speech = { texts, everyMs: EVERY_MS };
  const [toUser, toFriend] = await Promise.all([
    msn.ask(times, "pace", { ...speech, to: OWNER, contacts: [FRIEND] }),
    homeserver.ask(times, "pace", { ...speech, to: "bridge", sender: `@${OWNER}:localhost`, rooms: [room] }),
  ]);
  await msn.order("until", count);
  const atFriend = await msn.ask(received, "take");
  mustBeWhole({ [FRIEND]: atFriend[FRIEND] ?? [] }, everywhere([FRIEND], 1, count));
  let atUser: Received = {};
  while ((atUser[room]?.length ?? 0) < count) {
    const more = await homeserver.ask(received, "take");
    atUser = { [room]: [...(atUser[room] ?? []), ...(more[room] ?? [])] };
    await sleep(EVERY_MS);
  }
  mustBeWhole(atUser, everywhere([room], 1, count));
  return { toUser: delays(atUser[room], toUser), toFriend: delays(atFriend[FRIEND], toFriend) };
}

function delays(arrived: Received[string] | undefined, sent: readonly number[]): number[] {
  return (arrived ?? []).map(([number, at]) => at - (sent[number - 1] ?? at));
}

export const strangers: BenchCase = { name: "strangers", title: "300 strangers pester one user", run };
