import { connect, type LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import { withTimeout, type Clock } from "../../util/clock.ts";
import { onAbort } from "../../util/on-abort.ts";
import { untilAborted } from "../../util/until-aborted.ts";
import type { Address } from "../base/address.ts";
import { MsnError } from "../base/errors.ts";

/**
 * Opens a connection to a server. Tests hand in one that stays in memory. Given up after 20 seconds, and when the signal
 * is aborted.
 * @param lookup looks the host up, and fails for one to which the connection must not go. Who looks names up in another way
 * has to decide that too
 */
export type Dial = (host: string, port: number, signal?: AbortSignal, lookup?: LookupFunction) => Promise<Duplex>;

const CONNECT_TIMEOUT_MS = 15_000;

/**
 * How long a connection may be silent before the system asks whether the other end is still there. Routers forget
 * connections after a few minutes, and the system's own default is two hours.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;
// For those who dial in a way of their own; ours has told why before.
const DIAL_TIMEOUT_MS = 20_000;

/**
 * A TCP connection.
 * @throws MsnError `connect-failed` when nobody answers within 15 seconds, and when it is given up
 */
export const dialTcp: Dial = async (host, port, signal, lookup) => {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const socket = connect({
    host,
    port,
    ...(lookup && { lookup }),
    noDelay: true,
    ...KEEP_ALIVE,
    timeout: CONNECT_TIMEOUT_MS,
  });
  const fail = (reason: string, cause?: unknown): void => {
    socket.destroy();
    reject(new MsnError("connect-failed", `${host} port ${port} cannot be reached: ${reason}`, { cause }));
  };
  const giveUp = (): void => fail("it was given up");
  const stopWaiting = signal && onAbort(signal, giveUp);
  socket.once("connect", () => {
    stopWaiting?.();
    socket.setTimeout(0);
    socket.removeAllListeners("error");
    resolve(socket);
  });
  socket.once("timeout", () => fail("no answer"));
  socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error));
  socket.once("close", () => stopWaiting?.());
  if (signal?.aborted) giveUp();
  return promise;
};

/**
 * Dials, but does not wait for ever. A connection that comes too late is destroyed.
 * @param signal gives up at once when it is aborted
 * @throws MsnError `connect-failed` after 20 seconds, `connection-closed` when it is given up, `protocol` when `dial` throws
 * anything else
 */
export async function dialInTime(
  dial: Dial,
  { host, port }: Address,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Duplex> {
  const givenUp = new MsnError("connection-closed", `${host} port ${port} is not called any more`);
  if (signal?.aborted) throw givenUp;
  // Those who dial in a way of their own may throw at once, too.
  const dialled = (async () => dial(host, port, signal))();
  const late = (): MsnError => new MsnError("connect-failed", `${host} port ${port} cannot be reached: no answer`);
  try {
    return await withTimeout(clock, DIAL_TIMEOUT_MS, untilAborted(dialled, signal), late);
  } catch (error) {
    dialled.then(destroy, () => undefined);
    if (signal?.aborted === true) throw givenUp;
    if (error instanceof MsnError) throw error;
    throw new MsnError("protocol", `something unexpected happened on the way to ${host} port ${port}`, {
      cause: error,
    });
  }
}

function destroy(stream: Duplex): void {
  // Nobody else listens to its errors, and one that nobody listens to would end the program.
  stream.on("error", () => undefined);
  stream.destroy();
}
