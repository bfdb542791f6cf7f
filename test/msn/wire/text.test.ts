import { expect } from "chai";
import * as fc from "fast-check";
import { decodeBytes, decodeForeign } from "../../../src/msn/wire/text.ts";
import { anyText } from "../../support/any-text.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

describe("msn/wire/text", () => {
  it("reads UTF-8, whatever stands in it", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(decodeBytes(Buffer.from(text))).to.equal(text.toWellFormed());
      }),
    );
    expect(decodeBytes(bytes("ef bb bf 61"))).to.equal("\u{FEFF}a");
    expect(decodeBytes(Buffer.from("a\u{FFFD}b"))).to.equal("a\u{FFFD}b");
  });

  const CASES: Array<[what: string, hex: string, text: string]> = [
    ["one letter of windows-1252", "63 61 66 e9", "café"],
    ["several of them", "47 72 fc df 65", "Grüße"],
    ["what is in windows-1252 only", "80 20 93 68 69 94 20 85", "€ “hi” …"],
    ["two that look like the beginning of one of UTF-8", "e9 e8 20 c3", "éè Ã"],
    ["a letter of UTF-8 that is cut at the end", "47 72 c3 bc c3 9f 65 20 c3", "Grüße \u{FFFD}"],
    ["one that is cut in front", "bc c3 9f 65", "\u{FFFD}ße"],
    ["half an emoji behind a whole one", "f0 9f 98 80 f0 9f 98", "😀\u{FFFD}"],
    ["a byte that is none", "c3 bc ff c3 a4", "ü\u{FFFD}ä"],
    ["a replacement that is meant, and a byte that is none", "ef bf bd ff", "\u{FFFD}\u{FFFD}"],
    ["nothing", "", ""],
  ];
  for (const [what, hex, text] of CASES) it(`reads ${what}`, () => expect(decodeBytes(bytes(hex))).to.equal(text));

  it("reads a part of the bytes as if nothing stood beside it", () => {
    expect(decodeBytes(bytes("c3 bc 63 61 66 e9 c3 a4"), 2, 6)).to.equal("café");
  });

  it("keeps every character of ASCII, and never fails", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
        const ascii = (text: string): string => text.replaceAll(/\P{ASCII}/gu, "");
        const buffer = Buffer.from(array);
        expect(ascii(decodeBytes(buffer))).to.equal(ascii(buffer.toString("latin1")));
      }),
    );
  });

  it("reads UTF-16 of either order by its mark", () => {
    const little = Buffer.from("\u{FEFF}hé 😀", "utf16le");
    const big = Buffer.from(little).swap16();
    for (const one of [little, big]) {
      for (const charset of ["utf-16", "UTF-16LE", "unicode"]) expect(decodeForeign(one, charset)).to.equal("hé 😀");
    }
    expect(decodeForeign(big.subarray(2), "utf-16be")).to.equal("hé 😀");
  });

  it("reads UTF-8 under the name of a character set that such bytes make no words in", () => {
    for (const charset of ["iso-8859-1", "Windows-1252", "windows-1251", "latin1", "iso-8859-15", "koi8-r", "cp1250"]) {
      expect(decodeForeign(Buffer.from("Grüße, €5 – Привет 😀"), charset), charset).to.equal(undefined);
    }
    // Where the bytes mean something there, the name counts.
    expect(decodeForeign(bytes("e0 a1 a2"), "windows-874")).to.equal("เกข");
    expect(decodeForeign(bytes("c1 aa cd a8"), "gbk")).to.equal("联通");
    expect(decodeForeign(bytes("61 00 62 00"), "utf-16le")).to.equal("ab");
  });

  it("reads other character sets that it knows, where the bytes fit", () => {
    expect(decodeForeign(bytes("67 72 fc df"), "iso-8859-1")).to.equal("grüß");
    expect(decodeForeign(bytes("cf f0 e8 e2 e5 f2"), "Windows-1251")).to.equal("Привет");
    expect(decodeForeign(bytes("82 b1 82 f1"), "shift_jis")).to.equal("こん");
    for (const [hex, charset] of [
      ["c3 bc", "utf-8"],
      ["c3 bc", "us-ascii"],
      ["82", "shift_jis"],
      ["61 62 63", "utf-16le"],
      ["61", "x-klingon"],
      ["61", ""],
    ] as const) {
      expect(decodeForeign(bytes(hex), charset), `${charset} ${hex}`).to.equal(undefined);
    }
  });
});
