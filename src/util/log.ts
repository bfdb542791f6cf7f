import { pino, type DestinationStream, type Logger } from "pino";

export type Log = Logger;

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

// Whatever object is logged, these fields never leave the process.
const SECRET_FIELDS = ["password", "ticket", "access_token", "as_token", "hs_token", "authorization", "body"];

/**
 * The program's log: JSON lines on standard output, or to `destination`.
 * @param level the least serious level that is written
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]);
  const serializers = { error: pino.stdSerializers.err };
  const options = {
    level,
    serializers,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: "***" },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A log that writes nothing. */
export const silentLog: Log = createLog("silent");
