/** Where the library writes what it does, for those who look for a mistake; pino's loggers are of this kind. */
export interface MsnLog {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A log that writes nothing. */
export const NO_LOG: MsnLog = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};
