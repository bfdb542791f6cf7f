import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** What a switchboard of a hostile server does. */
export interface HostileBoard {
  /** Who is there when the account comes. */
  readonly members?: readonly string[];
  /** Whether it never answers. */
  readonly hangs?: boolean;
}

/**
 * Notification server and switchboards in one, on sockets, in the hand of a test: it names whom it likes as calling, as often
 * as it likes.
 */
export class HostileMsn {
  readonly #server: Server;
  readonly #contacts: readonly string[];
  readonly #planned = new Map<string, HostileBoard>();
  /** Those to which the account has come, by key. */
  readonly #met = new Map<string, Socket>();
  readonly #sockets = new Set<Socket>();
  #session: Socket | undefined;
  #keys = 0;
  /** How many came to a switchboard, hanging ones included. */
  followed = 0;
  /** What was said on switchboards, one payload each. */
  heard = "";

  private constructor(contacts: readonly string[]) {
    this.#contacts = contacts;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @param contacts those on the account's list */
  static async start(contacts: readonly string[]): Promise<HostileMsn> {
    const server = new HostileMsn(contacts);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    return address.port;
  }

  /** The keys of the switchboards on which the account is. */
  get open(): string[] {
    return [...this.#met.keys()];
  }

  /** Whether the account is on this one. */
  isOpen(key: string): boolean {
    return this.#met.has(key);
  }

  /** Says that somebody calls. @returns the key of the switchboard */
  ring(caller: string, board: HostileBoard = { members: [caller] }, key = this.#newKey()): string {
    this.#planned.set(key, board);
    this.#session?.write(`RNG 1 127.0.0.1:${this.port} CKI ${key} ${caller} Somebody\r\n`);
    return key;
  }

  /** Somebody says something on a switchboard. */
  say(key: string, from: string, text: string, type = "text/plain; charset=UTF-8"): void {
    const payload = Buffer.from(`MIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\n${text}`);
    const socket = this.#met.get(key);
    socket?.write(`MSG ${from} Somebody ${payload.length}\r\n`);
    socket?.write(payload);
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #newKey(): string {
    return `k${this.#keys++}`;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let key = "";
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#met.delete(key);
    });
    socket.on("data", (bytes: Buffer) => {
      const text = bytes.toString();
      for (const line of text.split("\r\n")) {
        const [name = "", id = "", one = "", two = ""] = line.split(" ");
        if (name === "MSG") this.heard += text;
        if (name === "ANS" || (name === "USR" && one !== "TWN")) key = this.#meet(two, socket);
        if (name === "SYN") this.#session = socket;
        const answer = this.#answer(name, id, [one, two], this.#planned.get(key));
        if (answer !== "") socket.write(answer);
        if (name === "OUT") socket.end();
      }
    });
  }

  #meet(key: string, socket: Socket): string {
    this.followed += 1;
    this.#met.set(key, socket);
    return key;
  }

  #answer(name: string, id: string, [one, two]: readonly [string, string], board?: HostileBoard): string {
    switch (name) {
      case "VER":
        return `VER ${id} MSNP8\r\n`;
      case "CVR":
        return `CVR ${id} 5.0 5.0 5.0 https://a https://b\r\n`;
      case "USR":
        if (one !== "TWN") return `USR ${id} OK ${one} Mia\r\n`;
        return two === "I" ? `USR ${id} TWN S ct=1\r\n` : `USR ${id} OK mia@example.com Mia 1 0\r\n`;
      case "SYN":
        return `SYN ${id} 1 ${this.#contacts.length} 0\r\n${this.#contacts.map((who) => `LST ${who} ${who} 3 0\r\n`).join("")}`;
      case "PNG":
        return "QNG 30\r\n";
      case "CHG":
        return `CHG ${id} NLN 0\r\n`;
      case "XFR":
        return `XFR ${id} SB 127.0.0.1:${this.port} CKI ${this.#newKey()}\r\n`;
      case "CAL":
        return `CAL ${id} RINGING 1\r\nJOI ${one} Somebody\r\n`;
      case "ANS": {
        if (board?.hangs === true) return "";
        const { members = [] } = board ?? {};
        return `${members.map((who, at) => `IRO ${id} ${at + 1} ${members.length} ${who} Somebody\r\n`).join("")}ANS ${id} OK\r\n`;
      }
      case "MSG":
        return one === "" ? "" : `ACK ${id}\r\n`;
      default:
        return "";
    }
  }
}
