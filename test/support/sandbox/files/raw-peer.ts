import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

import { systemClock, withTimeout } from "../../../../src/util/clock.ts";

const PATIENCE = 60_000;

/** One end of a connection that knows nothing but bytes. */
export class RawPeer {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #end: "open" | "end" | "reset" = "open";
  #changed = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#change(() => (this.#bytes = Buffer.concat([this.#bytes, chunk]))));
    socket.on("error", () => this.#change(() => (this.#end = "reset")));
    socket.on("close", () => this.#change(() => (this.#end = this.#end === "reset" ? "reset" : "end")));
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawPeer(socket);
  }

  /** Lines, with the CR LF they need. */
  say(...lines: string[]): void {
    for (const line of lines) this.send(`${line}\r\n`);
  }

  send(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /** The next bytes, as many as `wire` stands for, in the notation of `unfold`. */
  async read(wire: string): Promise<string> {
    const { length } = unfold(wire);
    await this.#until(`${length} bytes`, () => this.#bytes.length >= length || this.#end !== "open");
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return fold(taken);
  }

  /** All that comes up to the end, and which end it is. */
  async readEnd(): Promise<{ rest: string; end: string }> {
    await this.#until("the end", () => this.#end !== "open");
    return { rest: fold(this.#bytes), end: this.#end };
  }

  /** Nothing to read, and no end. */
  get isQuiet(): boolean {
    return this.#bytes.length === 0 && this.#end === "open";
  }

  close(): void {
    this.#socket.destroy();
  }

  #change(change: () => void): void {
    change();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #until(what: string, check: () => boolean): Promise<void> {
    const late = (): Error => new Error(`waited in vain for ${what}; there is: ${fold(this.#bytes)}`);
    while (!check()) await withTimeout(systemClock, PATIENCE, this.#changed.promise, late);
  }
}

/** Waits for connections. */
export class RawDoor {
  readonly #server: Server;
  readonly #peers: RawPeer[] = [];
  #arrived = Promise.withResolvers<void>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#peers.push(new RawPeer(socket));
      this.#arrived.resolve();
    });
  }

  static async open(): Promise<RawDoor> {
    const server = createServer();
    const door = new RawDoor(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return door;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** The next connection. */
  async next(): Promise<RawPeer> {
    const late = (): Error => new Error("waited in vain for a connection");
    for (;;) {
      const peer = this.#peers.shift();
      if (peer !== undefined) return peer;
      this.#arrived = Promise.withResolvers();
      await withTimeout(systemClock, PATIENCE, this.#arrived.promise, late);
    }
  }

  close(): void {
    this.#server.close();
  }
}

/** Bytes as text: `⏎` is CR LF, `[00ff]` are bytes in hex. */
export function unfold(wire: string): Buffer {
  const parts = wire.replaceAll("⏎", "[0d0a]").split(/\[(?<hex>[\da-f]+)\]/u);
  return Buffer.concat(parts.map((part, at) => Buffer.from(part, at % 2 === 0 ? "latin1" : "hex")));
}

function fold(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replaceAll("\r\n", "⏎")
    .replaceAll(/[^ -~⏎]+/gu, (odd) => `[${Buffer.from(odd, "latin1").toString("hex")}]`);
}
