import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { KEEP_ALIVE } from "./dial.ts";

/** Somewhere where others can connect to us. */
export interface ListeningPort {
  readonly port: number;
  /** Lets nobody else in; those who are in may stay. */
  close(): void;
}

/**
 * Listens on a port, 0 for any free one; rejects when it cannot be had. Tests hand in one that stays in memory.
 * @param onConnection gets each peer that connects
 */
export type Listen = (port: number, onConnection: (stream: Duplex) => void) => Promise<ListeningPort>;

/** Listens for TCP connections at `host`, everywhere if not given. */
export function listenTcp(host?: string): Listen {
  return async (port, onConnection) => {
    const listening = Promise.withResolvers<void>();
    // Half open, or those who have said all that they have to say could not be answered any more.
    const server = createServer({ allowHalfOpen: true, noDelay: true, ...KEEP_ALIVE }, (socket: Socket) =>
      onConnection(socket),
    );
    // Later ones are of connections that were not accepted, and nobody waits for these.
    server.on("error", (error) => listening.reject(error));
    server.listen({ port, host, exclusive: true }, () => listening.resolve());
    await listening.promise;
    const address = server.address();
    return {
      port: typeof address === "object" && address !== null ? address.port : port,
      close: () => void server.close(),
    };
  };
}
