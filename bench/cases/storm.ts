import { z } from "zod";
import { percentile, type Figure } from "../report/figure.ts";
import { sharedNow, sleep } from "../stage/clock.ts";
import { contactsOf, personOf, plantTemplate } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received } from "../stage/tally.ts";
import { usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// All contacts change their status at once, again and again, while one of them writes ten times a second. In the end the
// homeserver has been told the last status of each. It takes 100 presences a second here, so that this ends soon.

const CONTACTS = { smoke: 10, quick: 100, full: 600 };
const ROUNDS = { smoke: 2, quick: 4, full: 6 };
const EVERY_MS = { smoke: 500, quick: 5000, full: 5000 };
const MESSAGE_EVERY_MS = 100;
const STATUSES = ["AWY", "NLN"] as const;
const TOLD = { AWY: "unavailable", NLN: "online" } as const;
const PER_SECOND = 100;
const OWNER = personOf(0);
const LIMIT_MS = 60_000;
const SENTENCE = "The train is late again, so I shall be there at about half past seven.";

async function run({ folder, scale, profile }: CaseContext): Promise<Figure[]> {
  const [count, rounds, everyMs] = [CONTACTS[scale], ROUNDS[scale], EVERY_MS[scale]];
  const crowd = { logins: 1, contacts: count, rooms: count, online: 0 };
  const stage = await Stage.open(folder, { presence: { per_second: PER_SECOND } });
  const { homeserver, msn } = stage;
  try {
    const rooms = await plantTemplate(stage, crowd);
    const contacts = contactsOf(0, crowd);
    await msn.order("sign in", contacts);
    const bridge = stage.launchBridge();
    try {
      await stage.untilOnline(bridge, 1);
      await settle(bridge.pid);
      if (profile !== undefined) await bridge.startProfile();
      await bridge.longestTurn();
      const before = usageOf(bridge.pid).cpuMs;
      const messages = (rounds * everyMs) / MESSAGE_EVERY_MS;
      const texts = Array.from({ length: messages }, (_, at) => `${1 + at} ${SENTENCE}`);
      const speech = { to: OWNER, contacts: contacts.slice(0, 1), texts, everyMs: MESSAGE_EVERY_MS };
      const spoken = msn.ask(z.array(z.number()), "pace", speech);
      let status: (typeof STATUSES)[number] = "NLN";
      for (let at = 0; at < rounds; at += 1) {
        status = STATUSES[at % STATUSES.length] ?? status;
        await msn.order("set status", { contacts, status });
        await sleep(everyMs);
      }
      const sent = await spoken;
      await homeserver.order("until", messages);
      await allAreTold(stage, count, TOLD[status]);
      await settle(bridge.pid);
      const cpuMs = usageOf(bridge.pid).cpuMs - before;
      const longestTurn = await bridge.longestTurn();
      await bridge.keepProfile(profile);
      const all = await homeserver.ask(received, "take");
      const room = rooms[0] ?? "";
      mustBeWhole(all, everywhere([room], 1, messages));
      const delays = (all[room] ?? []).map(([number, at]) => at - (sent[number - 1] ?? at));
      await bridge.stop();
      return [
        { what: `CPU for ${count * rounds} changes and ${messages} messages`, unit: "ms", bridge: cpuMs },
        { what: "a message meanwhile, p95", unit: "ms", bridge: percentile(delays, 0.95) },
        { what: "longest turn of the loop", unit: "ms", bridge: longestTurn },
      ];
    } finally {
      await bridge.kill();
    }
  } finally {
    await stage.close();
  }
}

/** @throws Error when the homeserver is not told what is so */
async function allAreTold({ homeserver }: Stage, count: number, presence: string): Promise<void> {
  const end = sharedNow() + LIMIT_MS;
  for (let told = 0; told < count;) {
    if (sharedNow() > end) throw new Error(`only ${told} of ${count} contacts are told to be ${presence}`);
    await sleep(100);
    told = await homeserver.ask(z.int(), "told", presence);
  }
}

export const storm: BenchCase = { name: "storm", title: "presence storm", run };
