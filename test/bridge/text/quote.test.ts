import { expect } from "chai";
import { quoteOf, withoutReplyFallback } from "../../../src/bridge/text/quote.ts";

describe("bridge/text/quote", () => {
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
    ["y", "y"],
  ];
  for (const [body, answer] of BODIES) {
    it(`answers ${JSON.stringify(answer)} in ${JSON.stringify(body)}`, () => {
      expect(withoutReplyFallback(body)).to.equal(answer);
    });
  }
});
