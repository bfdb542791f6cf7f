import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Child } from "../../test/support/child.ts";
import { compared, longestTurn, type Figure, type Limits } from "../report/figure.ts";
import { sharedNow } from "../stage/clock.ts";
import { settle } from "../stage/settle.ts";
import { PASSWORD, Stage } from "../stage/stage.ts";
import { memoryOf, usageOf } from "../stage/usage.ts";
import type { BenchCase, CaseContext } from "./case.ts";

const MEGABYTE = 2 ** 20;
const SIZES = { smoke: [1, 2], quick: [10, 100], full: [10, 100] } as const;
const OWNER = "mia";
const CONTACT = "nils";
const PIPE = join(import.meta.dirname, "../floor/pipe.ts");
const MUST: Omit<Limits, "of"> = { better: "more", must: 0.3 };
const MOST_MORE_MB = 20;

interface Way {
  readonly name: string;
  /** @returns how many bytes have come */
  readonly carry: (stage: Stage, room: string, size: number) => Promise<number>;
}

const WAYS: readonly Way[] = [
  {
    name: "to Matrix",
    carry: async ({ homeserver, msn }, _room, size) => {
      const [came] = await Promise.all([
        homeserver.ask(z.int(), "next file"),
        msn.order("send file", { contact: CONTACT, to: OWNER, size }),
      ]);
      return came;
    },
  },
  {
    name: "to MSN",
    carry: async ({ homeserver, msn }, room, size) => {
      const received = msn.ask(z.int(), "receive file", { contact: CONTACT, from: OWNER });
      await homeserver.order("send file", { sender: `@${OWNER}:localhost`, room, size });
      return received;
    },
  },
];

async function run({ folder, scale, runs, profile, say }: CaseContext): Promise<Figure[]> {
  const [small, large] = SIZES[scale].map((megabytes) => megabytes * MEGABYTE);
  if (small === undefined || large === undefined) throw new Error("there are no sizes");
  const stage = await Stage.open(folder, { media: { allow_private_addresses: true, auto_limit: "1G" } });
  const pipe = await Child.start(PIPE, {});
  const bridge = await stage.startBridge();
  try {
    const room = await openRoom(stage);
    const peakWith = async (size: number): Promise<number> => {
      await settle(bridge.pid);
      // proc(5): the most that it has ever had begins anew.
      writeFileSync(`/proc/${bridge.pid}/clear_refs`, "5");
      for (const way of WAYS) await time(way, stage, room, size);
      return memoryOf(bridge.pid, "VmHWM");
    };
    const peaks = [await peakWith(small), await peakWith(large)];
    await bridge.longestTurn();
    if (profile !== undefined) await bridge.startProfile();
    const figures: Figure[] = [];
    for (const way of WAYS) {
      const speeds: { bridge: number; floor: number }[] = [];
      const before = usageOf(bridge.pid);
      for (let at = 1; at <= runs; at += 1) {
        const ms = await time(way, stage, room, large);
        const floorMs = await pipe.ask(z.number(), "pipe", large);
        speeds.push({ bridge: speed(large, ms), floor: speed(large, floorMs) });
        say(`${way.name}, run ${at}: ${speed(large, ms).toFixed(0)} MB/s; floor ${speed(large, floorMs).toFixed(0)}`);
      }
      const { cpuMs } = usageOf(bridge.pid);
      const megabytes = (large / MEGABYTE) * runs;
      figures.push(compared(`${large / MEGABYTE} MB ${way.name}`, "MB/s", speeds, MUST), {
        what: `CPU a megabyte ${way.name}`,
        unit: "ms",
        bridge: (cpuMs - before.cpuMs) / megabytes,
      });
    }
    await bridge.keepProfile(profile);
    const [few = 0, many = 0] = peaks;
    return [...figures, moreMemory(many - few), longestTurn(await bridge.longestTurn())];
  } finally {
    await bridge.kill();
    await pipe.stop();
    await stage.close();
  }
}

function moreMemory(megabytes: number): Figure {
  return {
    what: "memory more than for a tenth of it",
    unit: "MB",
    bridge: megabytes,
    limits: { of: "value", better: "less", must: MOST_MORE_MB },
  };
}

async function openRoom(stage: Stage): Promise<string> {
  const { homeserver, msn } = stage;
  await msn.order("people", { owner: OWNER, password: PASSWORD, contacts: [CONTACT], online: [CONTACT] });
  await homeserver.order("sign in", [OWNER, `${OWNER}@example.com`, PASSWORD]);
  await msn.order("speak", { to: OWNER, contacts: [CONTACT], texts: ["0 hello"] });
  await homeserver.order("until", 1);
  return (await stage.portals(OWNER)).get(CONTACT) ?? "";
}

/** @returns milliseconds. @throws Error when the file has not come as it was */
async function time({ name, carry }: Way, stage: Stage, room: string, size: number): Promise<number> {
  const start = sharedNow();
  const came = await carry(stage, room, size);
  if (came !== size) throw new Error(`of a file ${name} of ${size} bytes ${came} have come`);
  return sharedNow() - start;
}

function speed(size: number, ms: number): number {
  return size / MEGABYTE / (ms / 1000);
}

export const files: BenchCase = { name: "files", title: "files", run };
