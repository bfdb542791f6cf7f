import { z } from "zod";
import type { Figure } from "../report/figure.ts";
import { contactsOf, personOf, plantTemplate } from "../stage/seed.ts";
import { settle } from "../stage/settle.ts";
import { Stage } from "../stage/stage.ts";
import { everywhere, mustBeWhole, received } from "../stage/tally.ts";
import { usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

// Somebody with many contacts, all with a room and online, comes back after a restart. Nothing has changed, so there is
// nothing to tell but who is online, which is told at a pace. The rooms stay the same.

const CONTACTS = { smoke: 10, quick: 100, full: 600 };
const OWNER = personOf(0);
const requests = z.record(z.string(), z.int());

async function run({ folder, scale, profile, say }: CaseContext): Promise<Figure[]> {
  const count = CONTACTS[scale];
  const crowd = { logins: 1, contacts: count, rooms: count, online: 0 };
  const stage = await Stage.open(folder);
  const { homeserver, msn } = stage;
  try {
    const rooms = await plantTemplate(stage, crowd);
    const contacts = contactsOf(0, crowd);
    await msn.order("sign in", contacts);
    await homeserver.order("take requests");
    const bridge = stage.launchBridge({ isProfiled: profile !== undefined });
    try {
      await stage.untilOnline(bridge, 1);
      const seconds = (performance.now() - bridge.startedAt) / 1000;
      await settle(bridge.pid);
      const { cpuMs } = usageOf(bridge.pid);
      const longestTurn = await bridge.longestTurn();
      await bridge.keepProfile(profile);
      const asked = await homeserver.ask(requests, "take requests");
      say(JSON.stringify(asked));
      await msn.order("speak", { to: OWNER, contacts: contacts.slice(0, 1), texts: ["1 hello again"] });
      await homeserver.order("until", 1);
      mustBeWhole(await homeserver.ask(received, "take"), everywhere(rooms.slice(0, 1), 1, 1));
      if ((await stage.portals(OWNER)).size !== count) throw new Error("rooms have been made again");
      await bridge.stop();
      return [
        { what: `start to online, ${count} contacts with rooms`, unit: "s", bridge: seconds },
        { what: "CPU until all is told", unit: "ms", bridge: cpuMs },
        { what: "requests besides presence", unit: "", bridge: countOthers(asked) },
        {
          what: "longest turn of the loop",
          unit: "ms",
          bridge: longestTurn,
          limits: { of: "value", better: "less", must: 200 },
        },
      ];
    } finally {
      await bridge.kill();
    }
  } finally {
    await stage.close();
  }
}

function countOthers(asked: Readonly<Record<string, number>>): number {
  return Object.entries(asked)
    .filter(([kind]) => !kind.includes("presence"))
    .reduce((sum, [, count]) => sum + count, 0);
}

export const second: BenchCase = { name: "second", title: "second sign-in", run };
