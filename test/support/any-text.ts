import * as fc from "fast-check";

// Surrogates stand alone in no text that can be encoded.
const SURROGATES = 0x800;

/**
 * Any character of Unicode, also those that nobody writes: the unit "binary" of fast-check, which makes a table of all
 * 1.1 million in every process before it gives the first.
 */
const anyCharacter = fc
  .integer({ min: 0, max: 0x10_ffff - SURROGATES })
  .map((at) => String.fromCodePoint(at < 0xd8_00 ? at : at + SURROGATES));

/** Text of any characters. */
export function anyText(constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: anyCharacter });
}
