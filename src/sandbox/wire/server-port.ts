import { createServer, type Server, type Socket } from "node:net";

export const HOST = "127.0.0.1";

/** Makes `server` listen on the loopback; resolves to its port. Port 0 takes a free one. */
export async function listen(server: Server, port: number): Promise<number> {
  const done = Promise.withResolvers<void>();
  server.once("error", (error) => {
    done.reject(new Error(`the sandbox cannot listen on ${HOST}:${port}: ${error.message}`, { cause: error }));
  });
  server.listen(port, HOST, () => done.resolve());
  await done.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sandbox got no TCP port");
  return address.port;
}

/** A TCP port and the sockets that came in by it. */
export class ServerPort {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = port;
  }

  static async open(port: number, accept: (socket: Socket) => void): Promise<ServerPort> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      accept(socket);
    });
    return new ServerPort(server, sockets, await listen(server, port));
  }

  /** Closes every socket at once, without a word; new ones are still welcome. */
  dropSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.dropSockets();
    await closed;
  }
}
