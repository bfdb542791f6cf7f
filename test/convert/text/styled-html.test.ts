import { expect } from "chai";
import * as fc from "fast-check";
import { readText } from "../../../src/convert/text/matrix-text.ts";
import { escapeHtml, styledHtml } from "../../../src/convert/text/styled-html.ts";
import { DEFAULT_STYLE, type TextStyle } from "../../../src/msn/index.ts";

const fixed = { pitch: "fixed" } as const;

describe("convert/text/styled-html", () => {
  const SHOWN: Array<[what: string, text: string, style: Partial<TextStyle>, html: string | undefined]> = [
    ["nothing that was chosen", "a", {}, undefined],
    ["no font", "a", { font: "Comic Sans MS", family: "script", charset: 0xa1 }, undefined],
    ["bold", "a", { bold: true }, "<b>a</b>"],
    [
      "all effects",
      "a",
      { bold: true, italic: true, underline: true, strike: true },
      "<b><i><u><del>a</del></u></i></b>",
    ],
    ["a colour", "a", { color: "#ff0000" }, '<font color="#ff0000" data-mx-color="#ff0000">a</font>'],
    [
      "a colour with an effect",
      "a",
      { color: "#00ff00", italic: true },
      '<font color="#00ff00" data-mx-color="#00ff00"><i>a</i></font>',
    ],
    ["no black", "a", { color: "#000000" }, undefined],
    ["no colour that is none", "a", { color: 'red" onclick="x' }, undefined],
    ["lines", "a\n\nb", { bold: true }, "<b>a<br/><br/>b</b>"],
    ["spaces", "  a  b ", { bold: true }, "<b>&nbsp;&nbsp;a &nbsp;b&nbsp;</b>"],
    [
      "no markup of the sender",
      `<img src="x">&amp;'`,
      { bold: true },
      "<b>&lt;img src=&quot;x&quot;&gt;&amp;amp;&#39;</b>",
    ],
    ["the direction of words that do not show it", "abc", { rightToLeft: true }, '<p dir="rtl">abc</p>'],
    ["the direction of signs", "123 :-)", { rightToLeft: true }, '<p dir="rtl">123 :-)</p>'],
    ["no direction that the words show", "שלום", { rightToLeft: true }, undefined],
    ["a direction with an effect", "مرحبا", { rightToLeft: true, bold: true }, "<b>مرحبا</b>"],
    ["columns", "a  b\n  c", fixed, "<pre><code>a  b\n  c</code></pre>"],
    ["columns with an effect", "a\n<b", { ...fixed, bold: true }, "<pre><code><b>a\n&lt;b</b></code></pre>"],
    ["no typewriter in one line", "a  b", fixed, undefined],
    ["nothing where there is nothing to see", " \n ", { bold: true }, undefined],
  ];
  for (const [what, text, style, html] of SHOWN) {
    it(`shows ${what}`, () => expect(styledHtml(text, { ...DEFAULT_STYLE, ...style })).to.equal(html));
  }

  const textStyle: fc.Arbitrary<TextStyle> = fc.record({
    bold: fc.boolean(),
    italic: fc.boolean(),
    underline: fc.boolean(),
    strike: fc.boolean(),
    rightToLeft: fc.boolean(),
    color: fc.oneof(fc.constant("#ff8000"), fc.string()),
    pitch: fc.constantFrom("fixed", "variable"),
  });
  const markup = fc.array(
    fc.constantFrom("<", ">", "&", '"', "'", "b", "/", " ", "\n", "&lt;", "<br>", "mx-reply", "é"),
  );

  it("lets no markup through but its own", () => {
    fc.assert(
      fc.property(markup, textStyle, (parts, style) => {
        const html = styledHtml(parts.join(""), style) ?? "";
        const own =
          /<\/?(?:b|i|u|del|pre|code|font|br\/|p|(?:p|pre) dir="rtl")>|<font color="#[0-9a-f]{6}" data-mx-color="#[0-9a-f]{6}">/gu;
        expect(html.replaceAll(own, "")).to.not.match(/[<>"']|&(?!(?:amp|lt|gt|quot|nbsp|#39);)/u);
      }),
    );
  });

  it("writes what is read again as the same text in the same look", () => {
    fc.assert(
      fc.property(markup, textStyle, (parts, chosen) => {
        const text = parts.join("");
        const style = { ...chosen, color: "#ff8000" };
        const html = styledHtml(text, style);
        if (html === undefined) return;
        const content = { body: "", format: "org.matrix.custom.html", formatted_body: html };
        const { text: back, style: look } = readText(content, false) ?? {};
        expect(back).to.equal(text);
        const { bold, italic, underline, strike, rightToLeft, color } = style;
        expect(look).to.include({ bold, italic, underline, strike, rightToLeft, color });
      }),
    );
  });

  it("escapes every letter that means something in HTML", () => {
    expect(escapeHtml(`a<b>&"'`)).to.equal("a&lt;b&gt;&amp;&quot;&#39;");
  });
});
