import { isDiskFull, noRoom, StoreError } from "./errors.ts";

/** What the database threw uncaught, in a timer for instance. */
export interface DiskNet {
  /** Never resolves. @throws StoreError `disk-full` or `disk-broken` */
  readonly caught: Promise<never>;
}

/**
 * Catches what the disk throws where it is not expected, so that the bridge can sign out, close its database and say why.
 * It stays until the process ends, because a broken disk throws at every use of the database, also during the stop.
 * @param path of the database, for sentences
 * @param onOther what any other uncaught error is handed to; the process must end then
 */
export function spreadDiskNet(path: string, onOther: (error: unknown) => void): DiskNet {
  const { promise: caught, reject } = Promise.withResolvers<never>();
  // The first may come before it is awaited.
  caught.catch(() => undefined);
  process.on("uncaughtException", (error: unknown) => {
    if (isDiskFull(error)) reject(noRoom(path, error));
    else if (error instanceof StoreError && error.code === "disk-broken") reject(error);
    else onOther(error);
  });
  return { caught };
}
