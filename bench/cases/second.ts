import { z } from "zod";
import { longestTurn, overRuns, type Figure } from "../report/figure.ts";
import { forgetPresences, tellRightly, untilTold } from "../stage/presences.ts";
import { contactsOf, personOf, plantTemplate } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received } from "../stage/tally.ts";
import { usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// Somebody with many contacts, all with a room and online, comes back after a restart. Nothing has changed, so there is
// nothing to tell but who is online, which is told once, at a pace. The rooms stay the same. The homeserver takes 100
// presences a second here, so that this ends soon.

const CONTACTS = { smoke: 10, quick: 100, full: 600 };
const PER_SECOND = 100;
const OWNER = personOf(0);
const requests = z.record(z.string(), z.int());

/** What every start asks, however many contacts there are: who the bot is, what it is called, whether presence is kept. */
const ALWAYS: Readonly<Record<string, number>> = {
  "GET account": 1,
  "POST register": 1,
  "GET profile": 1,
  "GET presence": 2,
};

async function run(context: CaseContext): Promise<Figure[]> {
  const count = CONTACTS[context.scale];
  const crowd = { logins: 1, contacts: count, rooms: count, online: 0 };
  const stage = await Stage.open(context.folder, { presence: { per_second: PER_SECOND } });
  try {
    const rooms = await plantTemplate(stage, crowd);
    const contacts = contactsOf(0, crowd);
    await stage.msn.order("sign in", contacts);
    const runs: Figure[][] = [];
    for (let at = 0; at < context.runs; at += 1) runs.push(await startAgain(stage, contacts, rooms, context));
    return overRuns(runs);
  } finally {
    await stage.close();
  }
}

async function startAgain(
  stage: Stage,
  contacts: readonly string[],
  rooms: readonly string[],
  { profile, say }: CaseContext,
): Promise<Figure[]> {
  const { homeserver, msn } = stage;
  const expected = new Map(contacts.map((contact) => [contact, "online"]));
  await forgetPresences(stage);
  await homeserver.order("take requests");
  const bridge = stage.launchBridge({ isProfiled: profile !== undefined });
  try {
    await stage.untilOnline(bridge, 1);
    const seconds = (performance.now() - bridge.startedAt) / 1000;
    await untilTold(stage, expected);
    await settle(bridge.pid);
    const { cpuMs } = usageOf(bridge.pid);
    const turn = await bridge.longestTurn();
    await bridge.keepProfile(profile);
    const told = await tellRightly(stage, expected);
    const asked = await homeserver.ask(requests, "take requests");
    say(JSON.stringify(asked));
    mustTellNothingAgain(asked, contacts.length);
    await msn.order("speak", { to: OWNER, contacts: contacts.slice(0, 1), texts: ["1 hello again"] });
    await homeserver.order("until", 1);
    mustBeWhole(await homeserver.ask(received, "take"), everywhere(rooms.slice(0, 1), 1, 1));
    if ((await stage.portals(OWNER)).size !== contacts.length) throw new Error("rooms have been made again");
    await bridge.stop();
    return [
      { what: `start to online, ${contacts.length} contacts with rooms`, unit: "s", bridge: seconds },
      { what: "CPU until all are told to be online", unit: "ms", bridge: cpuMs },
      { what: "presences told", unit: "", bridge: told.count },
      { what: "other requests", unit: "", bridge: sum(asked) - told.count },
      longestTurn(turn),
    ];
  } finally {
    await bridge.kill();
  }
}

/** @throws Error where the homeserver is asked for, or told, more than who is online */
function mustTellNothingAgain(asked: Readonly<Record<string, number>>, contacts: number): void {
  const allowed: Readonly<Record<string, number>> = { ...ALWAYS, "PUT presence": contacts };
  const tooMuch = Object.entries(asked).filter(([kind, count]) => count > (allowed[kind] ?? 0));
  if (tooMuch.length > 0)
    throw new Error(`told again: ${tooMuch.map(([kind, count]) => `${kind} ${count} times`).join(", ")}`);
}

function sum(asked: Readonly<Record<string, number>>): number {
  return Object.values(asked).reduce((all, count) => all + count, 0);
}

export const second: BenchCase = { name: "second", title: "second sign-in", run };
