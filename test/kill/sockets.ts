import { channel } from "node:diagnostics_channel";
import { Socket } from "node:net";
import { z } from "zod";
import type { Written } from "./facts.ts";
import { moment } from "./moment.ts";

interface Line {
  readonly socket: Socket;
  readonly id: number;
  readonly messages: { readonly text: string; readonly at: number }[];
  /** The kill that ended it, when the other side was frozen for it. */
  kill: number | null;
}

const opened = z.object({ socket: z.instanceof(Socket) });
const MESSAGE = /\r\n\r\n(m \S+ \S+ \d+)$/u;

/** Watches what a server of this process writes to its connections. */
export class WatchedSockets {
  readonly #lines: Line[] = [];

  /** @param port the port of the server, on the loopback */
  constructor(port: number) {
    channel("net.server.socket").subscribe((message) => {
      const socket = opened.safeParse(message).data?.socket;
      if (socket?.localPort === port) this.#watch(socket);
    });
  }

  /** The other side stands still, and the kill with this number follows. */
  note(kill: number): void {
    for (const line of this.#lines) if (!line.socket.destroyed) line.kill = kill;
  }

  /** Every numbered message that was written. */
  list(): Written[] {
    return this.#lines.flatMap(({ id, messages, kill }) =>
      messages.map(({ text, at }) => ({ text, socket: id, kill, at })),
    );
  }

  #watch(socket: Socket): void {
    const line: Line = { socket, id: this.#lines.length, messages: [], kill: null };
    this.#lines.push(line);
    const write = socket.write.bind(socket);
    Object.assign(socket, {
      write: (bytes: Buffer): boolean => {
        const isTaken = write(bytes);
        const text = MESSAGE.exec(bytes.toString("utf8"))?.[1];
        if (text !== undefined) line.messages.push({ text, at: moment() });
        return isTaken;
      },
    });
  }
}
