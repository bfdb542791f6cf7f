import { decodeBytes } from "./text.ts";

/** A MIME-like message: header lines, an empty line, a body (docs/msnp.md 4.4). */
export interface MimeMessage {
  /** By lower-case name; where a name is repeated, the first value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const LINE_FEED = 0x0a;

/** Reads a payload. Never fails: without an empty line everything is headers, lines without a colon are skipped. */
export function parseMime(payload: Buffer): MimeMessage {
  const headers = new Map<string, string>();
  let last: string | undefined;
  let at = 0;
  while (at < payload.length) {
    const feed = payload.indexOf(LINE_FEED, at);
    const end = feed === -1 ? payload.length : feed;
    const line = decodeBytes(payload, at, end).replace(/\r$/u, "");
    at = end + 1;
    if (line === "") break;
    last = addLine(headers, line, last);
  }
  return { headers, body: payload.subarray(Math.min(at, payload.length)) };
}

/** @returns the name of the header that a folded line would go on with; "" when this line was skipped */
function addLine(headers: Map<string, string>, line: string, last: string | undefined): string {
  if (/^[ \t]/u.test(line) && last !== undefined) {
    const value = headers.get(last);
    if (value !== undefined) headers.set(last, `${value} ${line.trim()}`.trim());
    return last;
  }
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  if (name === "" || headers.has(name)) return "";
  headers.set(name, line.slice(colon + 1).trim());
  return name;
}

/** The bytes of a message; headers are written in the order given, since some clients read them by position. */
export function encodeMime(
  headers: ReadonlyArray<readonly [name: string, value: string]>,
  body: string | Buffer,
): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/gu, " ")}\r\n`);
  return Buffer.concat([Buffer.from(`${lines.join("")}\r\n`), Buffer.from(body)]);
}

/** The body without what carried it through mail: messages that a server has kept are written that way. */
export function transferDecoded({ headers, body }: MimeMessage): Buffer {
  switch (headers.get("content-transfer-encoding")?.toLowerCase()) {
    case "base64":
      return Buffer.from(body.toString("latin1"), "base64");
    case "quoted-printable":
      return decodeQuotedPrintable(body.toString("latin1").replaceAll(/=[ \t]*\r?\n/gu, ""));
    default:
      return body;
  }
}

/** The bytes of a text in which some are written as `=E9`, each character one byte. */
export function decodeQuotedPrintable(text: string): Buffer {
  const bytes = text.replaceAll(/=([\da-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}
