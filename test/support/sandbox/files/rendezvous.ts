import { createServer, type Server } from "node:net";

import { HOST, listen } from "../../../../src/sandbox/wire/server-port.ts";
import type { Behaviour } from "./behaviour.ts";
import { TransferEnd, type IntruderFate } from "./outcome.ts";
import { Peer } from "./peer.ts";
import { TIME_TO_ANSWER, TIME_TO_CONNECT, TIME_TO_GO_ON, type Transfer } from "./transfer.ts";

const TIME_FOR_INTRUDERS = 1000;

/** How the two get to know each other on a new connection. */
export interface Manners<T> {
  /** What one knows after it; undefined when the other is not the right one, or is gone. */
  readonly greet: (peer: Peer) => Promise<T | undefined>;
  /** Behaves as somebody who connects without being meant; returns whether she was let in. */
  readonly stranger: (peer: Peer) => Promise<boolean>;
  /** Connects a second time; returns whether she was answered. */
  readonly again: (peer: Peer) => Promise<boolean>;
}

interface Met<T> {
  readonly peer: Peer;
  readonly greeting: T;
}

/** Connects to a port of the loopback. @throws TransferEnd when nobody is there, or not the right one */
export async function meetByConnecting<T>(
  transfer: Transfer,
  port: number,
  manners: Manners<T>,
  behaviour: Behaviour | undefined,
): Promise<Met<T>> {
  if (behaviour?.type === "never-connects") await transfer.wait(new Promise(() => {}), TIME_TO_ANSWER, "misbehaved");
  if (behaviour?.type === "stranger-first") transfer.intruder = await intrude(transfer, port, manners.stranger);
  const peer = await transfer.wait(Peer.connect(port, transfer.signal), TIME_TO_CONNECT, "no-connection", "FTTIMEOUT");
  if (peer === undefined) transfer.fail("no-connection", "FTTIMEOUT");
  transfer.adopt(peer);
  const greeting = await transfer.wait(manners.greet(peer), TIME_TO_GO_ON, "stalled");
  if (greeting === undefined) throw new TransferEnd({ type: "failed", reason: peer.hasEnded ? "closed" : "garbage" });
  if (behaviour?.type === "connects-twice") transfer.intruder = await intrude(transfer, port, manners.again);
  return { peer, greeting };
}

/**
 * Listens until somebody comes who is the right one.
 * @param announce says on the board where
 * @throws TransferEnd when nobody comes
 */
export async function meetByListening<T>(
  transfer: Transfer,
  manners: Manners<T>,
  announce: (address: string, port: number) => void,
  behaviour: Behaviour | undefined,
): Promise<Met<T>> {
  const met = Promise.withResolvers<Met<T>>();
  const server = createServer((socket) => {
    const peer = new Peer(socket);
    transfer.adopt(peer);
    void manners.greet(peer).then(
      (greeting) => (greeting === undefined ? peer.end(transfer.clock) : met.resolve({ peer, greeting })),
      (error: unknown) => met.reject(error),
    );
  });
  try {
    const port = await openPort(server, behaviour);
    if (behaviour?.type !== "announces") announce(HOST, port);
    else announce(behaviour.address ?? HOST, behaviour.port ?? port);
    const first = await transfer.wait(met.promise, TIME_TO_CONNECT, "no-connection", "FTTIMEOUT");
    transfer.keepOnly(first.peer);
    return first;
  } finally {
    if (server.listening) server.close();
  }
}

/** The port of one who never lets anybody connect is free again when others learn of it. */
async function openPort(server: Server, behaviour: Behaviour | undefined): Promise<number> {
  const port = await listen(server, 0);
  if (behaviour?.type === "never-connects") server.close();
  return port;
}

async function intrude(
  transfer: Transfer,
  port: number,
  greet: (peer: Peer) => Promise<boolean>,
): Promise<IntruderFate> {
  const peer = await transfer.wait(Peer.connect(port, transfer.signal), TIME_TO_CONNECT, "no-connection");
  if (peer === undefined) return "refused";
  transfer.adopt(peer);
  const isAnswered = await transfer.within(greet(peer), TIME_FOR_INTRUDERS);
  peer.destroy();
  if (isAnswered === undefined) return "left open";
  return isAnswered ? "answered" : "closed";
}
