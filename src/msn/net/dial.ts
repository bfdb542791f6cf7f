import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { withTimeout, type Clock } from "../../util/clock.ts";
import { MsnError } from "../errors.ts";

/** Opens a connection to a server. Tests hand in one that stays in memory. Given up after 20 seconds. */
export type Dial = (host: string, port: number) => Promise<Duplex>;

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The port of every MSN server whose address names none (docs/msnp.md 2.4). */
export const MSN_PORT = 1863;

const CONNECT_TIMEOUT_MS = 15_000;
// For those who dial in a way of their own; ours has told why before.
const DIAL_TIMEOUT_MS = 20_000;

/** Reads `host` or `host:port`; undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const match = /^([^\s:]+)(?::(\d{1,5}))?$/u.exec(text);
  const host = match?.[1];
  const port = Number(match?.[2] ?? MSN_PORT);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/**
 * A TCP connection.
 * @throws MsnError `connect-failed` when nobody answers within 15 seconds
 */
export const dialTcp: Dial = async (host, port) => {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const socket = connect({ host, port, noDelay: true, keepAlive: true, timeout: CONNECT_TIMEOUT_MS });
  const fail = (reason: string, cause?: unknown): void => {
    socket.destroy();
    reject(new MsnError("connect-failed", `${host} port ${port} cannot be reached: ${reason}`, { cause }));
  };
  socket.once("connect", () => {
    socket.setTimeout(0);
    socket.removeAllListeners("error");
    resolve(socket);
  });
  socket.once("timeout", () => fail("no answer"));
  socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error));
  return promise;
};

/**
 * Dials, but does not wait for ever. A connection that comes too late is destroyed.
 * @throws MsnError `connect-failed` after 20 seconds, and whatever `dial` throws
 */
export async function dialInTime(dial: Dial, { host, port }: Address, clock: Clock): Promise<Duplex> {
  const dialled = dial(host, port);
  const late = (): MsnError => {
    dialled.then(destroy, () => undefined);
    return new MsnError("connect-failed", `${host} port ${port} cannot be reached: no answer`);
  };
  return withTimeout(clock, DIAL_TIMEOUT_MS, dialled, late);
}

function destroy(stream: Duplex): void {
  // Nobody else listens to its errors, and one that nobody listens to would end the program.
  stream.on("error", () => undefined);
  stream.destroy();
}
