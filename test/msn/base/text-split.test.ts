import { expect } from "chai";
import * as fc from "fast-check";
import { encodeContent, MAX_MESSAGE_BYTES, textContents } from "../../../src/msn/content/encode-content.ts";
import { parseContent } from "../../../src/msn/content/content-types.ts";
import { splitText } from "../../../src/msn/base/text-split.ts";
import { anyText } from "../../support/any-text.ts";

describe("msn/base/text-split", () => {
  it("loses nothing, keeps to the limit and cuts no code point", () => {
    fc.assert(
      fc.property(anyText({ maxLength: 300 }), fc.integer({ min: 4, max: 60 }), (text, limit) => {
        const parts = splitText(text, limit);
        expect(parts.join("")).to.equal(text.toWellFormed());
        for (const part of parts) {
          expect(Buffer.byteLength(part.replaceAll("\n", "\r\n"))).to.be.at.most(limit);
          expect(part.isWellFormed()).to.equal(true);
        }
      }),
    );
  });

  it("prefers the places where people pause", () => {
    expect(splitText("one two three", 9)).to.deep.equal(["one two ", "three"]);
    expect(splitText("aaaaaa\nbbbbbb", 10)).to.deep.equal(["aaaaaa\n", "bbbbbb"]);
    expect(splitText("short", 10)).to.deep.equal(["short"]);
    expect(splitText("", 10)).to.deep.equal([""]);
  });

  it("keeps an emoji of several code points together", () => {
    const family = "👩‍👩‍👧‍👦";
    expect(splitText(`aaaaa${family}`, 27)).to.deep.equal(["aaaaa", family]);
  });

  it("makes messages that stay below the limit of the servers", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 4000, size: "max" });
    fc.assert(
      fc.property(text, (long) => {
        const contents = textContents(long);
        for (const content of contents) expect(encodeContent(content, "a@x").length).to.be.at.most(MAX_MESSAGE_BYTES);
        const read = contents.map((content) => parseContent(encodeContent(content, "a@x")));
        const joined = read.map((content) => (content.type === "text" ? content.text : "?")).join("");
        expect(joined).to.equal(long.replaceAll(/\r\n?/gu, "\n"));
      }),
      { numRuns: 50 },
    );
  });
});
