import { expect } from "chai";
import { quoteOf, withoutReplyFallback, type IsReply } from "../../../src/convert/text/quote.ts";

describe("convert/text/quote", () => {
  const QUOTES: Array<[what: string, text: string, length: "short" | "full", quote: string]> = [
    ["a text", "hello", "short", "> Nils: hello"],
    ["the beginning of a long one", "word ".repeat(50), "short", `> Nils: ${"word ".repeat(16).slice(0, 79)}…`],
    ["lines in one", "a\nb", "short", "> Nils: a b"],
    ["all lines", "a\n\nb", "full", "> Nils: a\n>\n> b"],
    ["no quote in a quote", "> <@a:b> x\n\nanswer", "short", "> Nils: answer"],
    ["no novel", "x".repeat(9000), "full", `> Nils: ${"x".repeat(2000)}…`],
  ];
  for (const [what, text, length, quote] of QUOTES) {
    it(`quotes ${what}`, () => expect(quoteOf({ name: "Nils", text }, length)).to.equal(quote));
  }

  it("keeps names short and on their line", () => {
    expect(quoteOf({ name: `\u202E\n${"N".repeat(4000)}`, text: "a" }, "short")).to.equal(`> ${"N".repeat(39)}…: a`);
  });

  const BODIES: Array<[body: string, answer: string]> = [
    ["> <@a:b> x\n\ny", "y"],
    ["> * <@a:b> waves\n\ny", "y"],
    ["> <@a:b> x\n> z\n>\n\ny\n> mine", "y\n> mine"],
    ["> <@a:b> x", ""],
    ["> somebody: x\n\ny", "> somebody: x\n\ny"],
    ["> my own quote\n\ny", "> my own quote\n\ny"],
    ["> <Nils> x\n\ny", "y"],
    ["> * <Nils Holm> waves\n> and goes\n\ny", "y"],
    ["y", "y"],
  ];
  for (const [body, answer] of BODIES) {
    it(`answers ${JSON.stringify(answer)} in ${JSON.stringify(body)}`, () => {
      expect(withoutReplyFallback(body)).to.equal(answer);
      expect(withoutReplyFallback(body, false)).to.equal(body);
    });
  }

  const NILS = { name: "Nils", text: "hello\nyou" };
  const MAYBE: Array<[body: string, isReply: IsReply, answer: string]> = [
    ["> <@a:b> x\n\ny", "unknown", "y"],
    ["> * <@a:b> x\n> z\n\ny", "unknown", "y"],
    ["> <@a:b> x\ny", "unknown", "> <@a:b> x\ny"],
    ["> <Nils> x\n\ny", "unknown", "> <Nils> x\n\ny"],
    ["> <Nils> something\n\ny", NILS, "y"],
    ["> <Nils H.> hello\n> you\n\ny", NILS, "y"],
    ["> <@a:b> x\n\ny", NILS, "y"],
    ["> <b>bold</b> words\n\ny", NILS, "> <b>bold</b> words\n\ny"],
  ];
  for (const [body, isReply, answer] of MAYBE) {
    it(`answers ${JSON.stringify(answer)} in ${JSON.stringify(body)} to ${JSON.stringify(isReply)}`, () => {
      expect(withoutReplyFallback(body, isReply)).to.equal(answer);
    });
  }
});
