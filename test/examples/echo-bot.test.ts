import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import { WITH_COMPILED } from "../support/compiled.ts";
import { until } from "../support/until.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/echo-bot.ts");
const BOT = { passport: "bot@example.com", password: "secret" };

/** The example as people run it. */
class EchoBot {
  readonly #child: ChildProcess;
  /** All that it printed, on both streams. */
  output = "";

  constructor(args: readonly string[], environment: Record<string, string>) {
    this.#child = spawn(process.execPath, [EXAMPLE, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...WITH_COMPILED, ...environment },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
    }
  }

  async prints(words: string): Promise<void> {
    await until(`"${words}"`, () => this.output.includes(words));
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Waits for its end, when it has printed all, and gives the exit code. */
  async ends(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ends();
  }
}

describe("examples/echo-bot", () => {
  let sandbox: TestSandbox;
  let bot: EchoBot | undefined;

  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts: [BOT, { passport: "nils@example.com", password: "x" }] });
    sandbox.befriend("bot@example.com", "nils@example.com", true);
  });
  afterEach(async () => {
    await bot?.kill();
    await sandbox.stop();
  });

  it("answers every text with the same text, and prints who is there", async () => {
    const nils = sandbox.contact("nils@example.com", "Nils");
    const { host, port, nexusUrl } = sandbox;
    const args = ["--host", host, "--port", String(port), "--nexus", nexusUrl, "--account", BOT.passport];
    bot = new EchoBot(args, { MSN_PASSWORD: BOT.password });
    await bot.prints("Signed in as bot@example.com");
    await bot.prints("Nils <nils@example.com> is NLN");
    nils.setStatus("BSY");
    await bot.prints("Nils <nils@example.com> is BSY");
    await nils.sayTyping("bot@example.com");
    await nils.say("bot@example.com", "grüß dich\nzwei");
    await until("the echo", () => nils.received.length === 1);
    await nils.say("bot@example.com", "noch was");
    await until("the second echo", () => nils.received.length === 2);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["grüß dich\nzwei", "noch was"]);
    await bot.prints("echo to nils@example.com: delivered");
    bot.interrupt();
    expect(await bot.ends()).to.equal(0);
    expect(sandbox.sessions("bot@example.com")).to.equal(0);
  });

  it("takes everything from the environment too, and says why it cannot sign in", async () => {
    const server = { MSN_HOST: sandbox.host, MSN_PORT: String(sandbox.port), MSN_NEXUS: sandbox.nexusUrl };
    bot = new EchoBot([], { ...server, MSN_ACCOUNT: BOT.passport, MSN_PASSWORD: "open-sesame" });
    expect(await bot.ends()).to.equal(1);
    expect(bot.output).to.contain("Signing in failed: ");
    expect(bot.output).not.to.contain("open-sesame");
  });

  it("says what it has to be told", async () => {
    bot = new EchoBot(["--host", "x"], {});
    expect(await bot.ends()).to.equal(2);
    expect(bot.output).to.equal("Say which port to use, with --port or in MSN_PORT.\n");
  });
});
