import { z } from "zod";
import { longestTurn, overRuns, percentile, type Figure } from "../report/figure.ts";
import type { BenchBridge } from "../stage/bridge.ts";
import { sleep } from "../stage/clock.ts";
import { forgetPresences, tellRightly, untilTold } from "../stage/presences.ts";
import { contactsOf, personOf, plantTemplate } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received } from "../stage/tally.ts";
import { usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext, Scale } from "./case.ts";

// All contacts change their status at once, again and again, half of them to each of two, while one of them writes ten
// times a second. In the end the homeserver has been told the last status of each, and never more than it takes, which is
// 100 presences a second here, so that this ends soon. At full scale that is fewer than there are changes.

const CONTACTS = { smoke: 10, quick: 100, full: 600 };
const ROUNDS = { smoke: 2, quick: 3, full: 5 };
const EVERY_MS = { smoke: 500, quick: 2000, full: 5000 };
const MESSAGE_EVERY_MS = 100;
const STATUSES = ["AWY", "NLN"] as const;
const TOLD = { AWY: "unavailable", NLN: "online" } as const;
const PER_SECOND = 100;
// What the bridge sends at its pace arrives a little closer together or further apart.
const MOST_PER_SECOND = PER_SECOND * 1.25;
const OWNER = personOf(0);
const SENTENCE = "The train is late again, so I shall be there at about half past seven.";

interface Storm {
  readonly contacts: readonly string[];
  readonly room: string;
  readonly scale: Scale;
  /** How many there were before. */
  readonly run: number;
}

async function run(context: CaseContext): Promise<Figure[]> {
  const count = CONTACTS[context.scale];
  const crowd = { logins: 1, contacts: count, rooms: count, online: 0 };
  const stage = await Stage.open(context.folder, { presence: { per_second: PER_SECOND } });
  try {
    const rooms = await plantTemplate(stage, crowd);
    const contacts = contactsOf(0, crowd);
    await stage.msn.order("sign in", contacts);
    const bridge = stage.launchBridge();
    try {
      await stage.untilOnline(bridge, 1);
      await untilTold(stage, new Map(contacts.map((contact) => [contact, TOLD.NLN])));
      await settle(bridge.pid);
      if (context.profile !== undefined) await bridge.startProfile();
      const runs: Figure[][] = [];
      for (let at = 0; at < context.runs; at += 1)
        runs.push(await stormOnce(stage, bridge, { contacts, room: rooms[0] ?? "", scale: context.scale, run: at }));
      await bridge.keepProfile(context.profile);
      await bridge.stop();
      return overRuns(runs);
    } finally {
      await bridge.kill();
    }
  } finally {
    await stage.close();
  }
}

async function stormOnce(
  stage: Stage,
  bridge: BenchBridge,
  { contacts, room, scale, run: before }: Storm,
): Promise<Figure[]> {
  const { homeserver, msn } = stage;
  const [rounds, everyMs] = [ROUNDS[scale], EVERY_MS[scale]];
  await forgetPresences(stage);
  await bridge.longestTurn();
  const start = usageOf(bridge.pid).cpuMs;
  const count = (rounds * everyMs) / MESSAGE_EVERY_MS;
  const texts = Array.from({ length: count }, (_, at) => `${1 + at} ${SENTENCE}`);
  const speech = { to: OWNER, contacts: contacts.slice(0, 1), texts, everyMs: MESSAGE_EVERY_MS };
  const spoken = msn.ask(z.array(z.number()), "pace", speech);
  const expected = new Map<string, string>();
  for (let round = before * rounds; round < (before + 1) * rounds; round += 1) {
    for (const [half, status] of STATUSES.entries()) {
      const changing = contacts.filter((_, number) => (number + round) % STATUSES.length === half);
      for (const contact of changing) expected.set(contact, TOLD[status]);
      await msn.order("set status", { contacts: changing, status });
    }
    await sleep(everyMs);
  }
  const sent = await spoken;
  await homeserver.order("until", count);
  await untilTold(stage, expected);
  await settle(bridge.pid);
  const cpuMs = usageOf(bridge.pid).cpuMs - start;
  const turn = await bridge.longestTurn();
  const told = await tellRightly(stage, expected);
  const all = await homeserver.ask(received, "take");
  mustBeWhole(all, everywhere([room], 1, count));
  const delays = (all[room] ?? []).map(([number, came]) => came - (sent[number - 1] ?? came));
  return [
    { what: `CPU for ${contacts.length * rounds} changes and ${count} messages`, unit: "ms", bridge: cpuMs },
    { what: "presences told", unit: "", bridge: told.count },
    {
      what: "presences in the busiest second",
      unit: "",
      bridge: told.busiest,
      limits: { of: "value", better: "less", must: MOST_PER_SECOND },
    },
    { what: "a message meanwhile, p95", unit: "ms", bridge: percentile(delays, 0.95) },
    longestTurn(turn),
  ];
}

export const storm: BenchCase = { name: "storm", title: "presence storm", run };
