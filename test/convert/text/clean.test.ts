import { expect } from "chai";
import * as fc from "fast-check";
import { cleanText, CUT_MARK, cutToBytes, excerpt, MAX_TEXT } from "../../../src/convert/text/clean.ts";
import { anyText } from "../../support/any-text.ts";

const text = fc.oneof(
  anyText({ maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom("a", "\r", "\n", "\u0000", "\u0003", "1", ",", "\u0301", "\uD83D", "\uDE00", "\u2028"),
  }),
);

describe("convert/text/clean", () => {
  const CLEANED: Array<[what: string, dirty: string, clean: string]> = [
    ["line ends in the one form", "a\r\nb\rc\nd\u2028e\u2029f\u0085g", "a\nb\nc\nd\ne\nf\ng"],
    ["no control characters but lines and tabs", "a\u0000\u0002\tb\u007F\u009F\n", "a\tb\n"],
    ["no colour codes", "\u000304red\u0003 \u00034,12both\u0003 5", "red both 5"],
    ["no half characters", "a\uD83Db", "a\uFFFDb"],
    ["a letter with its marks", "e\u0301 ਨੂੰ ཧྐྵྨླྺྼྻྂ", "e\u0301 ਨੂੰ ཧྐྵྨླྺྼྻྂ"],
    ["no more marks than a letter can have", `a${"\u0301".repeat(999)}b`, `a${"\u0301".repeat(16)}b`],
    ["words from right to left", "\u202Eabc\u202C \u2067x\u2069", "\u202Eabc\u202C \u2067x\u2069"],
  ];
  for (const [what, dirty, clean] of CLEANED) {
    it(`leaves ${what}`, () => expect(cleanText(dirty)).to.equal(clean));
  }

  it("cuts what is too long, and says so", () => {
    const cut = cleanText("x".repeat(1_000_000));
    expect(cut)
      .to.have.length(MAX_TEXT)
      .and.match(/x\n\[The rest is too long for this bridge\.\]$/u);
    expect(cleanText("x".repeat(MAX_TEXT))).to.equal("x".repeat(MAX_TEXT));
  });

  it("leaves nothing to clean", () => {
    fc.assert(
      fc.property(text, (dirty) => {
        const clean = cleanText(dirty);
        expect(cleanText(clean)).to.equal(clean);
        expect(clean).to.match(/^[\P{Cc}\n\t]*$/u);
        expect(clean.isWellFormed()).to.equal(true);
      }),
    );
  });

  const EXCERPTS: Array<[text: string, most: number, line: string]> = [
    ["short", 10, "short"],
    ["exactly ten", 11, "exactly ten"],
    ["one more than fits", 10, "one more…"],
    [" two\n\n lines\t", 20, "two lines"],
    ["👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 2, "👩‍👩‍👧…"],
    ["\u202Eevil", 10, "evil"],
    ["", 10, ""],
    ["\u0000", 10, ""],
  ];
  for (const [long, most, line] of EXCERPTS) {
    it(`shortens ${JSON.stringify(long)} to ${most} characters`, () => expect(excerpt(long, most)).to.equal(line));
  }

  it("shortens to one line of the length", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 90 }), (long, most) => {
        const line = excerpt(long, most);
        expect(line).to.not.match(/[\p{Cc}\u2028\u202E]/u);
        expect([...new Intl.Segmenter().segment(line)].length).to.be.at.most(most);
      }),
    );
  });

  it("cuts to bytes between characters", () => {
    expect(cutToBytes("short", 100)).to.equal("short");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 40 }), fc.integer({ min: 60, max: 90 }), (long, most) => {
        const cut = cutToBytes(long, most);
        expect(Buffer.byteLength(JSON.stringify(cut)) - 2).to.be.at.most(most);
        expect(cut.isWellFormed()).to.equal(true);
        expect(cut === long || (cut.endsWith(CUT_MARK) && long.startsWith(cut.slice(0, -CUT_MARK.length)))).to.equal(
          true,
        );
      }),
    );
  });
});
