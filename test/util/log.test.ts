import { spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createLog, silentLog, type LogLevel } from "../../src/util/log.ts";
import { tempFolder } from "../support/temp-folder.ts";

function written(level: LogLevel, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog(level, { write: (line) => void lines.push(line) }));
  return lines;
}

function writeAll(log: ReturnType<typeof createLog>): void {
  for (const level of ["trace", "debug", "info", "warn", "error"] as const) log[level](level);
}

describe("util/log", () => {
  it("writes one line of JSON for each entry, with a time that people can read", () => {
    const [line = "", ...more] = written("info", (log) => log.info({ port: 1863 }, "two\nlines"));
    expect(more).to.deep.equal([]);
    expect(line.trimEnd()).to.not.include("\n");
    const entry: unknown = JSON.parse(line);
    expect(entry).to.deep.include({ level: 30, port: 1863, msg: "two\nlines" });
    expect(entry)
      .to.have.property("time")
      .that.matches(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u);
    expect(entry).to.not.have.any.keys("pid", "hostname");
  });

  it("leaves out what is less serious than its level", () => {
    expect(written("trace", writeAll)).to.have.length(5);
    expect(written("warn", writeAll)).to.have.length(2);
    expect(written("silent", writeAll)).to.have.length(0);
    expect(silentLog.isLevelEnabled("fatal")).to.equal(false);
  });

  const SECRET = "swordfish";
  for (const field of ["password", "ticket", "access_token", "as_token", "hs_token", "authorization", "body"]) {
    it(`never writes a field "${field}"`, () => {
      const lines = written("trace", (log) => {
        log.info({ [field]: SECRET }, "alone");
        log.info({ inside: { [field]: SECRET, other: "seen" } }, "inside another");
        log.child({ login: 1 }).warn({ [field]: SECRET }, "of a child");
      });
      expect(lines).to.have.length(3);
      expect(lines.join("")).to.not.include(SECRET);
      expect(lines.join("")).to.include("***").and.include("seen");
    });
  }

  it("writes errors with their message, stack and cause", () => {
    const error = new Error("it broke", { cause: new Error("because of this") });
    const [line = ""] = written("info", (log) => log.error({ error }, "sorry"));
    expect(line).to.include("it broke").and.include("because of this").and.include("log.test.ts");
  });

  const LOG = join(import.meta.dirname, "../../src/util/log.ts");
  const SCRIPT = `
    const { createLog } = await import(${JSON.stringify(LOG)});
    const log = createLog("info");
    for (let line = 0; line < 3000; line += 1) {
      log.info({ line, text: "x".repeat(100) }, "said");
      if (line % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    console.error("it went on");
  `;

  async function runWith(stdout: "pipe" | number, limit: readonly string[] = []): Promise<[number | null, string]> {
    const stdio: StdioOptions = ["ignore", stdout, "pipe"];
    const command = [...limit, process.execPath, "--input-type=module", "-e", SCRIPT];
    const child = spawn(command[0] ?? "", command.slice(1), { stdio, timeout: 20_000, killSignal: "SIGKILL" });
    child.stdout?.destroy();
    let words = "";
    child.stderr?.on("data", (chunk: Buffer) => (words += chunk.toString("utf8")));
    await once(child, "close");
    return [child.exitCode, words];
  }

  // Each line that is not taken would end the process otherwise, and the end of the process would wait for it.
  const TAKES_NOTHING: Readonly<Record<string, () => Promise<[number | null, string]>>> = {
    "a full disk": async () => {
      const file = openSync("/dev/full", "w");
      return runWith(file).finally(() => closeSync(file));
    },
    "a reader that has gone": async () => runWith("pipe"),
    "a file that must not grow any more": async () => {
      const folder = tempFolder();
      const file = openSync(join(folder.path, "log"), "w");
      return runWith(file, ["prlimit", "--fsize=10000"]).finally(() => {
        closeSync(file);
        folder.remove();
      });
    },
  };
  for (const [what, end] of Object.entries(TAKES_NOTHING)) {
    it(`neither ends the process nor holds it up because of ${what}`, async () => {
      expect(await end()).to.deep.equal([0, "it went on\n"]);
    });
  }
});
