import { expect } from "chai";
import * as fc from "fast-check";
import { EMOTICONS, toCodes, toEmoji } from "../../../src/convert/text/emoticons.ts";

describe("convert/text/emoticons", () => {
  const SHOWN: Array<[msn: string, matrix: string]> = [
    [":-)", "🙂"],
    [":)", "🙂"],
    ["hi :P there", "hi 😛 there"],
    [":p :d :-D :S", "😛 😃 😃 😕"],
    ["(L) (l) (Y)", "❤️ ❤️ 👍"],
    ["(BaH)", "🐑"],
    ["(L)(L)(F)", "❤️❤️🌹"],
    [":):P", "🙂😛"],
    ["well done (Y).", "well done 👍."],
    [":)!", "🙂!"],
    [":D\n:D", "😃\n😃"],
    ["see http://x:P", "see http://x:P"],
    ["http://a.b/(L)", "http://a.b/(L)"],
    ["https://", "https://"],
    ["f(x) and (x)y", "f(x) and (x)y"],
    ["16:D", "16:D"],
    ["::)", "::)"],
    ["(L", "(L"],
    ["(zzz)", "(zzz)"],
    ["__proto__ constructor", "__proto__ constructor"],
  ];
  for (const [msn, matrix] of SHOWN) {
    it(`shows ${JSON.stringify(msn)} as ${JSON.stringify(matrix)}`, () => expect(toEmoji(msn)).to.equal(matrix));
  }

  const SENT: Array<[matrix: string, msn: string]> = [
    ["🙂", ":-)"],
    ["nice 😊!", "nice :-)!"],
    ["❤️ ❤ ♥️", "(L) (L) (L)"],
    ["👍🏽 👍", "(Y) (Y)"],
    ["👍👍🏿", "(Y)(Y)"],
    ["🦄", "🦄"],
    ["nice👍", "nice👍"],
    ["👩‍👩‍👧", "👩‍👩‍👧"],
    ["🤷‍♀️", "🤷‍♀️"],
    ["http://x/🙂", "http://x/🙂"],
    [":P", ":P"],
  ];
  for (const [matrix, msn] of SENT) {
    it(`sends ${JSON.stringify(matrix)} as ${JSON.stringify(msn)}`, () => expect(toCodes(matrix)).to.equal(msn));
  }

  it("has every code and every emoji once", () => {
    const codes = EMOTICONS.flatMap((one) => one.codes.map((code) => code.toLowerCase()));
    expect(new Set(codes).size).to.equal(codes.length);
    expect(codes.length).to.be.at.least(75);
    const emoji = EMOTICONS.flatMap(({ emoji: shown, also = [] }) => [shown, ...also]);
    expect(new Set(emoji.map((one) => one.replaceAll("\u{fe0f}", ""))).size).to.equal(emoji.length);
  });

  it("reads each two emoticons that it has written side by side", () => {
    for (const { emoji: one } of EMOTICONS) {
      for (const { emoji: other } of EMOTICONS)
        expect(toEmoji(toCodes(`${one}${other}`)), `${one}${other}`).to.equal(`${one}${other}`);
    }
  });

  it("gives back what was written, with emoticons as emoji", () => {
    const words = fc.constantFrom(
      ...EMOTICONS.flatMap(({ emoji, codes }) => codes.concat(emoji)),
      ...Array.from(" \n.!?a:)(/8|-"),
      "http://",
      "\u{fe0f}",
    );
    fc.assert(
      fc.property(
        fc.array(words).map((list) => list.join("")),
        (text) => {
          const shown = toEmoji(text);
          expect(toEmoji(toCodes(shown)).replaceAll("\u{fe0f}", "")).to.equal(
            toEmoji(shown).replaceAll("\u{fe0f}", ""),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
