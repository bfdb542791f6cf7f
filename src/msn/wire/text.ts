const REPLACEMENT = "\u{FFFD}";
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

const BIG_ENDIAN_MARK = Buffer.from([0xfe, 0xff]);

// Old clients write in the code page of their Windows, which outside Asia and Eastern Europe mostly is this one.
const WINDOWS = new TextDecoder("windows-1252");

/**
 * The text of bytes from the wire, which should be UTF-8 (docs/msnp.md 1.4). Where they are not, but hold at least one
 * letter of several bytes, they were: all letters are kept but the broken ones. Others never were, and are read as
 * windows-1252.
 */
export function decodeBytes(bytes: Buffer, start = 0, end = bytes.length): string {
  const text = bytes.toString("utf8", start, end);
  // Almost all texts end here; what follows takes a multiple of the time.
  if (!text.includes(REPLACEMENT)) return text;
  const part = bytes.subarray(start, end);
  const hasLetter = /[^\p{ASCII}\u{FFFD}]/u.test(text) || part.includes(REPLACEMENT_BYTES);
  return hasLetter ? text : WINDOWS.decode(part);
}

// Bytes above ASCII that are valid UTF-8 make no words in these. That is not so of Thai, nor where letters have two bytes.
const NEVER_UTF8 = /^(?:windows-125|iso-8859-|koi8|macintosh)/u;

/**
 * The text of bytes in another character set than UTF-8; undefined where that is unknown or does not fit. Some clients
 * name the character set of their machine and write UTF-8 all the same.
 */
export function decodeForeign(bytes: Buffer, charset: string): string | undefined {
  try {
    const named = new TextDecoder(charset, { fatal: true });
    // The web takes every UTF-16 for little-endian, whatever its mark says.
    const isBig = named.encoding === "utf-16le" && bytes.subarray(0, 2).equals(BIG_ENDIAN_MARK);
    const decoder = isBig ? new TextDecoder("utf-16be", { fatal: true }) : named;
    // The web takes ASCII for windows-1252; with other letters in it, it is no ASCII.
    const isForeign = decoder.encoding !== "utf-8" && !/ascii/iu.test(charset);
    if (!isForeign || (NEVER_UTF8.test(decoder.encoding) && !bytes.toString().includes(REPLACEMENT))) return undefined;
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
