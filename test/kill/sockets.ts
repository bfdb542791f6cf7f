import { channel } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { z } from "zod";
import type { Written } from "./facts.ts";

interface Line {
  readonly socket: Socket;
  readonly id: number;
  /** The port of the other side. */
  readonly peer: number;
  readonly messages: { readonly text: string; readonly end: number; readonly at: number }[];
  /** The kill that ended it, when the other side was frozen for it, and how many bytes that had read by then. */
  death: { readonly kill: number; readonly frozenAt: number; readonly read: number } | undefined;
}

const opened = z.object({ socket: z.instanceof(Socket) });
const MESSAGE = /\r\n\r\n(m \S+ \S+ \d+)$/u;

/** Watches what a server of this process writes to its connections, and how much of it the other side has read. */
export class WatchedSockets {
  readonly #port: number;
  readonly #lines: Line[] = [];

  /** @param port the port of the server, on the loopback */
  constructor(port: number) {
    this.#port = port;
    channel("net.server.socket").subscribe((message) => {
      const socket = opened.safeParse(message).data?.socket;
      if (socket?.localPort === port) this.#watch(socket);
    });
  }

  /**
   * Notes how far the other side, which stands still since `frozenAt`, has read every connection. The kill with this
   * number follows.
   */
  note(kill: number, frozenAt: number): void {
    const queues = readQueues();
    for (const line of this.#lines) {
      if (line.socket.destroyed) continue;
      const { bytesWritten, writableLength } = line.socket;
      const inFlight = (queues.get(`${this.#port}>${line.peer}`)?.unacknowledged ?? 0) + writableLength;
      const unread = queues.get(`${line.peer}>${this.#port}`)?.unread ?? 0;
      line.death = { kill, frozenAt, read: bytesWritten - inFlight - unread };
    }
  }

  /** Every numbered message that was written. */
  list(): Written[] {
    return this.#lines.flatMap(({ id, messages, death }) =>
      messages.map(({ text, end, at }) => ({
        text,
        socket: id,
        kill: death?.kill ?? null,
        unread: death !== undefined && end > death.read,
        age: death === undefined ? 0 : death.frozenAt - at,
      })),
    );
  }

  #watch(socket: Socket): void {
    const line: Line = { socket, id: this.#lines.length, peer: socket.remotePort ?? 0, messages: [], death: undefined };
    this.#lines.push(line);
    const write = socket.write.bind(socket);
    Object.assign(socket, {
      write: (bytes: Buffer): boolean => {
        const isTaken = write(bytes);
        const text = MESSAGE.exec(bytes.toString("utf8"))?.[1];
        if (text !== undefined) line.messages.push({ text, end: socket.bytesWritten, at: Date.now() });
        return isTaken;
      },
    });
  }
}

interface Queues {
  readonly unacknowledged: number;
  readonly unread: number;
}

/** What the operating system holds for each connection, by "port>port of the other side". */
function readQueues(): Map<string, Queues> {
  const queues = new Map<string, Queues>();
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n")) {
    const match = /^ *\d+: [0-9A-F]{8}:([0-9A-F]{4}) [0-9A-F]{8}:([0-9A-F]{4}) .. ([0-9A-F]{8}):([0-9A-F]{8})/u.exec(
      line,
    );
    const [local, remote, unacknowledged, unread] = (match ?? []).slice(1).map((digits) => Number.parseInt(digits, 16));
    if (unacknowledged === undefined || unread === undefined) continue;
    queues.set(`${local}>${remote}`, { unacknowledged, unread });
  }
  return queues;
}
