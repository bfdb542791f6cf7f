import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { endChild, findOnPath, runLogged, type Argv, type RunOptions } from "../../src/demo/child.ts";
import { systemClock } from "../../src/util/clock.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// A process that nobody has waited for yet is dead too.
async function isDead(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat === undefined ? !isRunning(pid) : stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

describe("child processes", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "msn-child-"));
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));
  const run = async (script: string, options: Partial<RunOptions> = {}): ReturnType<typeof runLogged> => {
    const logFile = join(folder, "log");
    const argv: Argv = ["sh", "-c", script];
    return runLogged(argv, { clock: systemClock, timeoutMs: 60_000, logFile, env: process.env, ...options });
  };
  const firstLine = async (): Promise<number> => {
    const line = await until("a line in the log", async () => {
      const text = await readFile(join(folder, "log"), "utf8").catch(() => "");
      return text.includes("\n") && text;
    });
    return Number.parseInt(line, 10);
  };

  it("are found in the folders of PATH", async () => {
    expect(await findOnPath("sh", "relative::/nowhere:/bin")).to.equal("/bin/sh");
    expect(await findOnPath("sh", "/nowhere")).to.equal(undefined);
  });

  it("give what they printed, of this run only, and keep it in the log", async () => {
    expect(await run("echo one; echo two >&2")).to.deep.equal({ ok: true, output: "one\ntwo\n" });
    expect(await run("true")).to.deep.equal({ ok: true, output: "" });
    expect(await run("echo three; exit 3")).to.deep.equal({ ok: false, output: "three\n\n" });
    expect(await readFile(join(folder, "log"), "utf8")).to.equal("one\ntwo\nthree\n");
    expect((await run("head -c 200000 /dev/zero | tr '\\0' x")).output).to.have.length(65_536);
  });

  it("are reported when they cannot be started", async () => {
    const missing = await runLogged(["no-such-program"], {
      clock: systemClock,
      timeoutMs: 60_000,
      logFile: join(folder, "log"),
      env: process.env,
      outlivesUs: true,
    });
    expect(missing.ok).to.equal(false);
    expect(missing.output).to.match(/no-such-program: .*ENOENT/);
  });

  it("are ended with their own children when they take too long", async () => {
    const clock = new FakeClock();
    const result = run("sleep 60 & echo $!; wait", { clock, timeoutMs: 30_000 });
    const grandchild = await firstLine();
    await clock.advance(30_000);
    const { ok, output } = await result;
    expect(ok).to.equal(false);
    expect(output).to.match(/sh did not end within 30 seconds/);
    await until("the grandchild to be dead", async () => isDead(grandchild));
  });

  it("are ended by an abort, with its reason", async () => {
    const stop = new AbortController();
    const result = run("echo $$; sleep 60", { signal: stop.signal }).catch((error: unknown) => error);
    const pid = await firstLine();
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await result).to.equal(reason);
    expect(await isDead(pid)).to.equal(true);
    expect(await run("echo", { signal: stop.signal }).catch((error: unknown) => error)).to.equal(reason);
  });

  it("are ended by force when they do not end politely", async () => {
    const child = spawn("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]);
    await once(child.stdout, "data");
    const clock = new FakeClock();
    const done = endChild(clock, child, "process");
    await clock.advance(9_999);
    expect(child.signalCode).to.equal(null);
    await clock.advance(1);
    await done;
    expect(child.signalCode).to.equal("SIGKILL");
    expect(clock.waiting).to.equal(0);
    await endChild(clock, child, "process");
  });

  it("die with us and with all of their own, however we die", async () => {
    const module = JSON.stringify(new URL("../../src/demo/child.ts", import.meta.url).href);
    const script = `
      const { spawnTied } = await import(${module});
      spawnTied(["sh", "-c", "echo $$; sleep 60 & echo $!; wait"], process.env, 1);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    parent.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await until("two numbers", () => /^\d+\n\d+\n/.test(printed));
    const pids = printed.trim().split("\n").map(Number);
    expect(pids.map(isRunning)).to.deep.equal([true, true]);
    parent.kill("SIGKILL");
    await until("both to be dead", async () => (await Promise.all(pids.map(isDead))).every(Boolean));
  });
});
