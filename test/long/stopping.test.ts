import { spawn, type ChildProcess } from "node:child_process";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { EXIT } from "../../src/util/exit-codes.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

// Docker kills after ten seconds. Our own dialling would end by itself after fifteen, an idle board after five minutes.
const KILLED_MS = 14_000;

/** What a situation leaves behind. */
interface Ended {
  readonly code: number | null;
  readonly output: string;
  /** What Alice reads in the end, in the rooms of contacts and of the bot. */
  readonly read: readonly string[];
}

/** A bridge in a process of its own, with Alice signed in, and a room with Nils. */
class Stage {
  readonly bridge: TestBridge;
  #child: BridgeProcess;
  management = "";
  room = "";

  private constructor(bridge: TestBridge) {
    this.bridge = bridge;
    this.#child = this.#run();
  }

  static async set(kinds?: Parameters<typeof TestBridge.open>[0]): Promise<Stage> {
    const stage = new Stage(await TestBridge.open(kinds));
    await stage.#child.prints("connected to the homeserver");
    return stage;
  }

  get output(): string {
    return this.#child.output;
  }

  #run(): BridgeProcess {
    return new BridgeProcess(["-c", join(this.bridge.folder.path, "config.yaml")]);
  }

  async talk(): Promise<void> {
    this.management = await this.bridge.login();
    await this.bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    this.room = await this.bridge.joinRoomOf(NILS);
    await this.bridge.reads(this.bridge.alice, this.room, "hello");
  }

  /** Stops it, does something meanwhile, waits for the end, and starts it once more to see what is told. */
  async stop(awaited: readonly string[] = [], meanwhile: () => unknown = () => undefined): Promise<Ended> {
    const child = this.#child;
    const ended = child.kill("SIGTERM");
    await until("that it is stopping", () => child.output.includes('"stopping"'));
    await meanwhile();
    let isOver = false;
    void ended.then(() => (isOver = true));
    await until("the end", () => isOver, KILLED_MS);
    const code = await ended;
    const { fake, alice, sandbox } = this.bridge;
    sandbox.stall("farewells", false);
    fake.calm();
    this.#child = this.#run();
    await this.#child.prints("connected to the homeserver");
    // What it has to tell at the start is told before it answers.
    await this.bridge.ask(this.management, "version", "");
    for (const words of awaited) await this.bridge.reads(alice, this.room, words);
    const read = alice.joinedRooms().flatMap((room) => alice.messages(room).map(({ body }) => body));
    return { code, output: child.output, read };
  }

  async close(): Promise<void> {
    await this.#child.kill();
    await this.bridge.close();
  }
}

const SITUATIONS = {
  async "messages arrive while the boards are closed"(stage: Stage): Promise<Ended> {
    await stage.talk();
    const { sandbox } = stage.bridge;
    sandbox.stall("farewells", true);
    const heard = (): number => stage.output.match(/"name":"MSG".*"received"/gu)?.length ?? 0;
    const before = heard();
    return stage.stop(["three"], async () => {
      const nils = sandbox.contact(NILS, "Nils");
      for (const text of ["one", "two", "three"]) await nils.say(MIA.passport, text);
      await until("that they are heard", () => heard() >= before + 3);
      sandbox.closeBoards();
    });
  },
  async "a board is never closed, and contacts go on"(stage: Stage): Promise<Ended> {
    await stage.talk();
    const { sandbox } = stage.bridge;
    sandbox.stall("farewells", true);
    return stage.stop([], () => {
      const nils = sandbox.contact(NILS, "Nils");
      const again = setInterval(() => void nils.say(MIA.passport, "and so on").catch(() => clearInterval(again)), 50);
      setTimeout(() => clearInterval(again), KILLED_MS).unref();
    });
  },
  async "a board is never closed, and nothing is said"(stage: Stage): Promise<Ended> {
    await stage.talk();
    stage.bridge.sandbox.stall("farewells", true);
    return stage.stop();
  },
  async "the homeserver hangs"(stage: Stage): Promise<Ended> {
    await stage.talk();
    stage.bridge.fake.fail({ stall: true, times: Infinity });
    await stage.bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "one");
    stage.bridge.alice.say(stage.room, "two");
    return stage.stop(["one"]);
  },
  async "a dial hangs"(stage: Stage): Promise<Ended> {
    const management = await stage.bridge.manage();
    stage.management = management;
    stage.bridge.alice.say(management, `login void ${MIA.passport} ${MIA.password}`);
    await until("the command", () =>
      stage.bridge.alice.messages(management).every(({ body }) => !body.startsWith("login")),
    );
    return stage.stop();
  },
};

describe("a bridge that is stopped under load", function () {
  this.timeout(120_000);
  const stages: Stage[] = [];
  const results = new Map<string, Promise<Ended>>();
  let pit: Pit;

  before(async () => {
    pit = await Pit.dig();
    // All at the same time: most of it is waiting.
    for (const [name, act] of Object.entries(SITUATIONS)) {
      const result = Stage.set({ keys: name === "a dial hangs" ? (sandbox) => pit.keys(sandbox) : {} }).then(
        async (stage) => {
          stages.push(stage);
          return act(stage);
        },
      );
      result.catch(() => undefined);
      results.set(name, result);
    }
  });
  after(async () => {
    await Promise.allSettled(results.values());
    for (const stage of stages) await stage.close();
    pit.fill();
  });

  const result = async (name: keyof typeof SITUATIONS): Promise<Ended> => {
    const ended = await results.get(name);
    if (ended === undefined) throw new Error(`"${name}" was not begun`);
    expect(ended.output).to.not.include("kept the process alive");
    return ended;
  };

  it("keeps what arrives while the boards are closed, and ends", async () => {
    const { code, read } = await result("messages arrive while the boards are closed");
    expect(code).to.equal(EXIT.ok);
    expect(read).to.include.members(["one", "two", "three"]);
    expect(read.join("\n")).to.not.include("may be missing");
  });

  it("ends when a board is never closed, and tells at the next start that contacts were cut off", async () => {
    const { code, read } = await result("a board is never closed, and contacts go on");
    expect(code).to.equal(EXIT.ok);
    expect(read.filter((body) => body.includes("may be missing"))).to.have.length(1);
  });

  it("ends when a board is never closed, and tells nothing where nothing was said", async () => {
    const { code, read } = await result("a board is never closed, and nothing is said");
    expect(code).to.equal(EXIT.ok);
    expect(read.filter((body) => /missing|lost/u.test(body))).to.deep.equal([]);
  });

  it("ends when the homeserver hangs, and keeps what was under way", async () => {
    const { code, read } = await result("the homeserver hangs");
    expect(code).to.equal(EXIT.ok);
    expect(read.filter((body) => body === "one")).to.have.length(1);
  });

  it("ends when a dial hangs", async () => {
    const { code } = await result("a dial hangs");
    expect(code).to.equal(EXIT.ok);
  });
});

// It listens and never accepts: once its queue is full, the system answers nobody who dials.
const PIT = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** An address on this machine at which every dial hangs. */
class Pit {
  readonly #child: ChildProcess;
  readonly #sockets: Socket[];
  readonly port: number;

  private constructor(child: ChildProcess, port: number, sockets: Socket[]) {
    this.#child = child;
    this.port = port;
    this.#sockets = sockets;
  }

  static async dig(): Promise<Pit> {
    const child = spawn(process.execPath, ["-e", PIT], { stdio: ["ignore", "pipe", "inherit"] });
    const printed = Promise.withResolvers<Buffer>();
    child.stdout.once("data", printed.resolve);
    const port = Number(await printed.promise);
    const sockets = Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    return new Pit(child, port, sockets);
  }

  keys({ host, nexusUrl }: { host: string; nexusUrl: string }): Record<string, object> {
    const { port } = this;
    return { msn: { servers: [{ id: "void", name: "Void", host, port, nexusUrl, throttles: false }] } };
  }

  fill(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#child.kill("SIGKILL");
  }
}
