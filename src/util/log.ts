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
  return pino(options, destination ?? standardOutput());
}

// What a reader of the log who does not keep up may leave waiting.
const MAX_WAITING = 4 * 2 ** 20;

// Standard output may be a file on a disk that is full. What it does not take is left out, because the log must neither
// end the process, nor keep it from ending, nor grow in memory; pino's own writer does all three.
function standardOutput(): DestinationStream {
  const { stdout } = process;
  let isCut = false;
  stdout.on("error", () => (isCut = true));
  return {
    write: (line) => {
      if (stdout.writableLength > MAX_WAITING) return;
      // What was cut off must not spoil what comes after it.
      stdout.write(isCut ? `\n${line}` : line);
      isCut = false;
    },
  };
}

/** A log that writes nothing. */
export const silentLog: Log = createLog("silent", { write: () => undefined });
