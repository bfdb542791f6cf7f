import type { Config } from "../config/config.ts";
import { EXIT } from "../util/exit-codes.ts";
import { MatrixError } from "../matrix/client/errors.ts";
import { ListenError } from "../matrix/listener/listener.ts";
import { protectSecrets } from "../config/protect.ts";
import { checkRegistration, readRegistration } from "../config/registration.ts";
import { startBridge, StopError } from "../start.ts";
import { spreadDiskNet } from "../store/disk-net.ts";
import { StoreError, type StoreErrorCode } from "../store/errors.ts";
import { createLog } from "../util/log.ts";

/** Runs the bridge until a signal ends it. */
export async function runBridge(config: Config, configPath: string, registrationPath: string): Promise<void> {
  const log = createLog(config.logging.min_level);
  const registration = readRegistration(registrationPath);
  for (const repair of protectSecrets(config, configPath, registrationPath)) log.warn(repair);
  for (const problem of checkRegistration(registration, config)) log.warn(problem);
  const stopped = nextSignal();
  const net = spreadDiskNet(config.database.uri, (error) => {
    console.error(`Something unexpected happened: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(EXIT.unexpected);
  });
  const bridge = await startBridge({ config, registration, log });
  try {
    // A refusal by the homeserver and a broken disk end the wait; otherwise only a signal does.
    await Promise.race([stopped, bridge.broken, net.caught, bridge.ready.then(() => stopped)]);
    log.info("stopping");
  } finally {
    await bridge.stop();
  }
}

async function nextSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Kept, because signals come twice: a terminal sends Ctrl-C to the whole group, and npm passes it on. The second one
  // would end the process in the middle of the stop, which ends by itself in seconds.
  process.on("SIGINT", () => resolve());
  process.on("SIGTERM", () => resolve());
  return promise;
}

const STORE_EXITS: Partial<Record<StoreErrorCode, number>> = {
  "newer-schema": EXIT.newerDatabase,
  "disk-full": EXIT.diskFull,
  "disk-broken": EXIT.diskBroken,
};

/** The exit code for an error of a running bridge that is expected, its message being for people. */
export function exitCodeOf(error: Error): number | undefined {
  if (error instanceof MatrixError) return EXIT.homeserver;
  if (error instanceof ListenError) return EXIT.port;
  if (error instanceof StopError) return EXIT.stoppedLate;
  if (error instanceof StoreError) return STORE_EXITS[error.code] ?? EXIT.database;
  return undefined;
}
