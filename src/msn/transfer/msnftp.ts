import { failed } from "./outcome.ts";

// What both sides of a transfer say (docs/msnp.md 5.2).
const PROTOCOL = "MSNFTP";

export const VERSION_LINE = `VER ${PROTOCOL}\r\n`;

/** Numbers of a BYE that mean that the file has come; the first is the one to send. */
export const RECEIVED_CODES: ReadonlySet<number> = new Set([16_777_989, 16_777_987]);

/**
 * Checks the other side's VER; some put a number before the name.
 * @throws TransferEnd
 */
export function expectVersion(line: string | undefined): void {
  if (line === undefined) throw failed("closed");
  const [name, ...protocols] = line.trim().toUpperCase().split(" ");
  if (name !== "VER" || !protocols.includes(PROTOCOL)) throw failed("protocol");
}
