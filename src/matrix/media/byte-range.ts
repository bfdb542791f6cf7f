/** A part of a file that is asked for: from a byte on, up to another and with it, or the last so many bytes. */
export type WantedRange = { readonly first: number; readonly last?: number } | { readonly suffix: number };

/** Bytes of a file of `whole` bytes; both ends belong to it. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
  readonly whole: number;
}

/** A file has no such bytes. */
export class RangeNotSatisfiable extends Error {
  override readonly name = "RangeNotSatisfiable";
  /** The size of the file, where it is known. */
  readonly whole: number | undefined;

  constructor(whole: number | undefined) {
    super("The file has no such bytes.");
    this.whole = whole;
  }
}

/** What a Range header asks for. Undefined when it is to be ignored, as several ranges at once may be (RFC 9110, 14.2). */
export function parseRange(header: string | undefined): WantedRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "") return last === "" ? undefined : { suffix: Number(last) };
  if (last === "") return { first: Number(first) };
  return Number(last) < Number(first) ? undefined : { first: Number(first), last: Number(last) };
}

export function encodeRange(range: WantedRange): string {
  return "suffix" in range ? `bytes=-${range.suffix}` : `bytes=${range.first}-${range.last ?? ""}`;
}

/**
 * Which bytes of a file of `whole` bytes are wanted.
 * @throws RangeNotSatisfiable
 */
export function resolveRange(range: WantedRange, whole: number): ByteRange {
  const first = "suffix" in range ? Math.max(0, whole - range.suffix) : range.first;
  const last = "suffix" in range ? whole - 1 : Math.min(range.last ?? whole - 1, whole - 1);
  if (first > last) throw new RangeNotSatisfiable(whole);
  return { first, last, whole };
}

/** Undefined when it is not there, or does not say everything. */
export function parseContentRange(header: string | undefined): ByteRange | undefined {
  const [, first, last, whole] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header ?? "") ?? [];
  const range = { first: Number(first), last: Number(last), whole: Number(whole) };
  return range.first <= range.last && range.last < range.whole ? range : undefined;
}

export function encodeContentRange({ first, last, whole }: ByteRange): string {
  return `bytes ${first}-${last}/${whole}`;
}
