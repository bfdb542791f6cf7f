import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

/** When a server stops being one: before it says anything, or once it has answered a command. */
export type Step = "accept" | "VER" | "CVR" | "USR I" | "USR S" | "SYN" | "CHG";

/** What it does then. */
export type Whim = "closes" | "resets" | "falls silent" | "says OUT SSD" | "refers to itself";

const ANSWERS: Readonly<Record<string, (id: string, args: readonly string[]) => string>> = {
  VER: (id) => `VER ${id} MSNP8\r\n`,
  CVR: (id) => `CVR ${id} 5.0 5.0 5.0 https://a https://b\r\n`,
  "USR I": (id) => `USR ${id} TWN S ct=1\r\n`,
  "USR S": (id) => `USR ${id} OK mia@example.com Mia 1 0\r\n`,
  SYN: (id) => `SYN ${id} 1 0 0\r\n`,
  PNG: () => "QNG\r\n",
  CHG: (id, [status = ""]) => `CHG ${id} ${status} 0\r\n`,
};

/** A notification server on TCP that signs everybody in, as far as it likes. */
export class FickleServer {
  /** How often it was called. */
  dials = 0;
  /** The commands that it has heard. */
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #whim: { step: Step; whim: Whim } | undefined;

  private constructor() {
    // It answers command by command, which would wait for one another.
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  static async start(): Promise<FickleServer> {
    const server = new FickleServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    return address.port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** From now on it does that at that step; nothing given: it is honest. */
  turn(step?: Step, whim: Whim = "closes"): void {
    this.#whim = step && { step, whim };
  }

  /** Ends every connection that is open. */
  drop(): void {
    for (const socket of this.#sockets) socket.end();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.dials += 1;
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    let isSilent = false;
    const reached = (step: Step): void => {
      if (this.#whim?.step !== step) return;
      isSilent = true;
      this.#act(this.#whim.whim, socket);
    };
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        this.heard.push(line);
        const [name = "", id = "", ...args] = line.split(" ");
        const step = name === "USR" ? `USR ${args[1] ?? ""}` : name;
        const answer = isSilent ? undefined : ANSWERS[step];
        if (answer === undefined) continue;
        const isReferral = step === "USR I" && this.#whim?.step === step && this.#whim.whim === "refers to itself";
        socket.write(isReferral ? `XFR ${id} NS 127.0.0.1:${this.port} 0 127.0.0.1\r\n` : answer(id, args));
        if (isStep(step)) reached(step);
      }
    });
    reached("accept");
  }

  #act(whim: Whim, socket: Socket): void {
    switch (whim) {
      case "closes":
        socket.end();
        return;
      case "resets":
        socket.resetAndDestroy();
        return;
      case "says OUT SSD":
        socket.end("OUT SSD\r\n");
        return;
      case "refers to itself":
        // Unasked, except where it was the answer (docs/msnp.md 3.8).
        socket.end(`XFR 0 NS 127.0.0.1:${this.port} 0 127.0.0.1\r\n`);
        return;
      case "falls silent":
        return;
    }
  }
}

const STEPS: readonly string[] = ["accept", "VER", "CVR", "USR I", "USR S", "SYN", "CHG"] satisfies Step[];

function isStep(text: string): text is Step {
  return STEPS.includes(text);
}
