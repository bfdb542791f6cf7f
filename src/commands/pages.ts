// No user reads more at once, and a message of more bytes would be cut (Matrix spec, "Size limits").
const MOST_LINES = 100;
const MOST_BYTES = 20_000;

/** Lines as messages, as many as they need. */
export function pagesOf(lines: readonly string[]): string[] {
  const pages: string[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const page = pages.at(-1);
    bytes += Buffer.byteLength(line) + 1;
    if (page !== undefined && page.length < MOST_LINES && bytes <= MOST_BYTES) page.push(line);
    else {
      pages.push([line]);
      bytes = Buffer.byteLength(line) + 1;
    }
  }
  return pages.map((page) => page.join("\n"));
}
