/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The port of every MSN server whose address names none (docs/msnp.md 2.4). */
export const MSN_PORT = 1863;

/** Reads `host` or `host:port`; undefined when it is neither. Control codes, at some of which `net.connect` throws, are in no name. */
export function parseAddress(text: string): Address | undefined {
  const match = /^([^\s:\p{Cc}]+)(?::(\d{1,5}))?$/u.exec(text);
  const host = match?.[1];
  const port = Number(match?.[2] ?? MSN_PORT);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
