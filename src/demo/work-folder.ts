/** Folders of running Synapses: each carries its owner's mark, so that those of dead owners can be removed. */
import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const PREFIX = "msn-synapse-";

/** Makes an empty folder in `parent` that only we can read, after removing those whose owners are gone. */
export async function makeWorkFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  await removeStale(parent);
  return mkdtemp(join(parent, `${PREFIX}${await markOf(process.pid)}-`));
}

async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, mark, pid] = /^msn-synapse-((\d+)\.\d+)-/.exec(name) ?? [];
    if (mark === undefined || (await markOf(Number(pid))) === mark) continue;
    // In a shared temporary folder it may be another user's: then it is not ours to remove.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The process's number and start time: numbers come again, on Linux the two together do not until the next boot. */
async function markOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return isAlive(pid) ? `${pid}.0` : undefined;
  // proc(5): the second field is the name in parentheses, which may hold spaces; state is field 3, start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, started = "0"] = [fields[0], fields[19]];
  if (state === "Z") return undefined;
  return `${pid}.${started}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
