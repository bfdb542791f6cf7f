import { spawnSync } from "node:child_process";
import { Scene, type Script } from "./scene.ts";
import { SmallDisk } from "./small-disk.ts";

// Runs bridges on disks that are really full, with traffic in both directions, and looks what becomes of every message.
//
//     npm run test:disk-full
//
// Linux only. Mounts small file systems: as root, or as any user in a user namespace of its own (unshare).

const SCRIPTS: readonly Script[] = [
  { name: "goes on", moment: "signed out", isGreedy: false },
  { name: "stopped", moment: "signed out", isGreedy: false, end: "SIGTERM" },
  { name: "killed at once", moment: "paused", isGreedy: false, end: "SIGKILL" },
  { name: "goes on, no room at all", moment: "signed out", isGreedy: true },
  { name: "stopped at once, no room at all", moment: "paused", isGreedy: true, end: "SIGTERM" },
  { name: "killed, no room at all", moment: "signed out", isGreedy: true, end: "SIGKILL" },
  { name: "the disk fails", moment: "paused", isGreedy: false, isBroken: true },
];
const AT_ONCE = 3;
const INSIDE = "MSN_DISK_FULL_INSIDE";

function canMount(): boolean {
  try {
    SmallDisk.mount().unmount();
    return true;
  } catch {
    return false;
  }
}

/** This script again, in a namespace in which its user may mount. */
function runInside(): number {
  const self = [import.meta.filename];
  const args = ["--user", "--map-root-user", "--mount", process.execPath, ...self];
  const { status } = spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } });
  return status ?? 1;
}

async function play(script: Script): Promise<boolean> {
  const began = Date.now();
  const problems = await Scene.play(script).catch((error: unknown) => [String(error)]);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? "good" : "BAD "}  ${script.name} (${seconds} s)`);
  for (const problem of problems.slice(0, 20)) console.log(`      ${problem}`);
  return problems.length === 0;
}

async function main(): Promise<number> {
  if (!canMount()) {
    if (process.env[INSIDE] === undefined) return runInside();
    console.error(
      "Neither this user nor a namespace of it may mount a tmpfs, so no disk can be filled. Run it as root.",
    );
    return 1;
  }
  const left = [...SCRIPTS];
  const results: boolean[] = [];
  const work = async (): Promise<void> => {
    for (let script = left.shift(); script !== undefined; script = left.shift()) results.push(await play(script));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results.every(Boolean) ? 0 : 1;
}

process.exitCode = await main();
