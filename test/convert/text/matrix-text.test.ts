import { expect } from "chai";
import * as fc from "fast-check";
import { readText } from "../../../src/convert/text/matrix-text.ts";
import { DEFAULT_STYLE, type TextStyle } from "../../../src/msn/index.ts";

function read(html: unknown, body = "the plain form", isReply = false): ReturnType<typeof readText> {
  return readText({ body, format: "org.matrix.custom.html", formatted_body: html }, isReply);
}

const BOLD = { bold: true };
const CODE = { font: "Courier New", family: "modern", pitch: "fixed" } as const;

describe("convert/text/matrix-text", () => {
  const ONE_LOOK: Array<[html: string, text: string, style: Partial<TextStyle>]> = [
    ["<b>x</b>", "x", BOLD],
    ["<strong>x</strong> <b>y</b>", "x y", BOLD],
    ["<p><b>x</b></p><p><strong>y</strong></p>", "x\n\ny", BOLD],
    ["<h1>x</h1>", "x", BOLD],
    ["<i>x</i>", "x", { italic: true }],
    ["<em><u>x</u></em>", "x", { italic: true, underline: true }],
    ["<del>x</del><s>y</s><strike>z</strike>", "xyz", { strike: true }],
    ['<font color="#F00">x</font>', "x", { color: "#ff0000" }],
    ['<font color="red">x</font>', "x", { color: "#ff0000" }],
    ['<span data-mx-color="#00ff00">x <b>y</b></span>', "x *y*", { color: "#00ff00" }],
    ["<pre><code>a\n  b\n</code></pre>", "a\n  b", CODE],
    ["<pre>\n\na</pre>", "\na", CODE],
    ["<code>a</code>", "a", CODE],
    ['<p dir="rtl">abc</p>', "abc", { rightToLeft: true }],
    ["<b>שלום</b>", "שלום", { bold: true, rightToLeft: true }],
    ["<b>all <i>some</i></b>", "all _some_", BOLD],
    ["<ul><li><b>x</b></li></ul>", "- x", BOLD],
  ];
  for (const [html, text, style] of ONE_LOOK) {
    it(`reads ${html} as one look`, () => {
      expect(read(html)).to.deep.equal({ text, style: { ...DEFAULT_STYLE, ...style } });
    });
  }

  const PLAIN: Array<[html: string, text: string]> = [
    ["a", "a"],
    [
      "some <b>bold</b>, some <i>slanted</i>, <u>lined</u>, <del>gone</del>",
      "some *bold*, some _slanted_, _lined_, ~gone~",
    ],
    ["<b>a &amp; b</b> c <b><del>d</del> e</b>", "*a & b* c *~d~ e*"],
    ["<b>a<br>b</b> c", "*a*\n*b* c"],
    ["run <code>a  &lt; b</code> now", "run `a < b` now"],
    ["see:<pre><code>a  b\n c\n</code></pre>end", "see:\na  b\n c\nend"],
    ['<font color="red">r</font><font color="blue">b</font>', "rb"],
    ['<span data-mx-bg-color="#ff0000">x</span>', "x"],
    ['<font color="#000">x</font>', "x"],
    // Whitespace and entities.
    ["  a \n\t b  ", "a b"],
    ["a&nbsp; b", "a  b"],
    ["a<br/>b<br />c", "a\nb\nc"],
    ["<br>a", "\na"],
    ["<p>a</p>\n\n<p>b</p>\n", "a\n\nb"],
    ["<div>a</div><div>b</div>", "a\nb"],
    ["a<p></p><p></p>b", "a\n\nb"],
    ["&lt;b&gt; &amp;lt; &#x41; &eacute; &unknown; &", "<b> &lt; A é &unknown; &"],
    ["a < b > c", "a < b > c"],
    // Blocks.
    ["<h2>Title</h2><p>text</p>", "*Title*\n\ntext"],
    ["a<hr>b", "a\n----------\nb"],
    ["<p>a:</p><ul><li>x</li><li>y</li></ul><p>b</p>", "a:\n- x\n- y\nb"],
    ["<ol><li>x</li><li>y</li></ol>", "1. x\n2. y"],
    ['<ol start="9"><li>x</li><li>y<br>z</li></ol>', "9. x\n10. y\n    z"],
    ["<ul><li>x<ul><li>y<ol><li>z</li></ol></li></ul></li><li>w</li></ul>", "- x\n  - y\n    1. z\n- w"],
    ["<blockquote><p>q</p><p>r</p></blockquote><p>a</p>", "> q\n>\n> r\na"],
    ["<blockquote>q<blockquote>r</blockquote></blockquote>a", "> q\n> > r\na"],
    [
      "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1<br>2</td><td><p>3</p></td></tr></tbody></table>x",
      "a | b\n1 2 | 3\nx",
    ],
    ["<details><summary>s</summary>d</details>", "s\nd"],
    // Links.
    ['<a href="https://a.example/b">here</a>', "here (https://a.example/b)"],
    ['<a href="https://a.example/">a.example</a>', "a.example"],
    ['<a href="https://a.example/b"></a>', "https://a.example/b"],
    [
      '<a href="mailto:a@b.example">a@b.example</a>, <a href="ftp://b.example/x">x</a>',
      "a@b.example, x (ftp://b.example/x)",
    ],
    [
      '<a href="javascript:alert(1)">a</a> <a href=" java\nscript:x">b</a> <a href="data:text/html,x">c</a> <a>d</a>',
      "a b c d",
    ],
    ['<a href="https://a b">a</a> <a href="https://">b</a>', "a b"],
    ['<a href="https://matrix.to/#/@msn_one_nils=40example.com:hs.example">Nils</a>: hi', "Nils: hi"],
    ['in <a href="https://matrix.to/#/#room:hs.example">#room:hs.example</a>', "in #room:hs.example"],
    [
      '<a href="https://matrix.to/#/#room:hs.example">this</a>, <a href="https://matrix.to/#/%23room%3Ahs.example">#room:hs.example</a>',
      "this (https://matrix.to/#/#room:hs.example), #room:hs.example",
    ],
    [
      'see <a href="https://matrix.to/#/!r:hs.example/$e?via=hs.example">that</a>',
      "see that (https://matrix.to/#/!r:hs.example/$e?via=hs.example)",
    ],
    [
      '<a href="https://matrix.to/#/!r:hs.example?via=a&amp;via=b">General</a>',
      "General (https://matrix.to/#/!r:hs.example?via=a&via=b)",
    ],
    ['<a href="https://matrix.to/#/%E0">x</a>', "x (https://matrix.to/#/%E0)"],
    // Pictures and the rest.
    ['<img data-mx-emoticon src="mxc://a/b" alt=":cat:"> <img src="mxc://a/b" title="t"> <img>', ":cat: t [image]"],
    [
      "<span data-mx-spoiler>a</span>, <span data-mx-spoiler='the end'>b</span>",
      "[spoiler: a], [spoiler (the end): b]",
    ],
    ["10<sup>6</sup>", "10^6"],
    ["<mx-reply><blockquote>x</blockquote></mx-reply>a", "a"],
    ["a<script>x</script><style>y</style><!-- z --><title>t</title>", "a"],
    ["<b>never <i>closed", "never _closed_"],
    ["</b>closed</p></blockquote> only", "closed\n\nonly"],
    ["a\u0000\u0003b\uD83D", "ab\uFFFD"],
  ];
  for (const [html, text] of PLAIN) {
    it(`reads ${html}`, () => expect(read(html)?.text).to.equal(text));
  }

  const FALLS_BACK: Array<[what: string, html: unknown]> = [
    ["nothing", ""],
    ["nothing to be seen", "<p> </p><script>x</script>"],
    ["no text", 42],
    ["more levels than make sense", "<b>".repeat(101)],
    ["100,000 levels", "<div>".repeat(100_000)],
    ["more than an event can hold", "x".repeat(200_000)],
  ];
  for (const [what, html] of FALLS_BACK) {
    it(`takes the plain form if the other one is ${what}`, () =>
      expect(read(html)).to.deep.equal({ text: "the plain form" }));
  }

  it("takes the plain form if the other one is of a format nobody knows", () => {
    expect(readText({ body: "a", format: "x", formatted_body: "<b>b</b>" }, false)).to.deep.equal({ text: "a" });
    expect(readText({ body: "a" }, false)).to.deep.equal({ text: "a" });
    expect(readText({ body: 1 }, false)).to.equal(undefined);
  });

  it("reads what old clients put before an answer only if it is one", () => {
    const body = "> <@a:b> x\n> y\n\nanswer";
    expect(readText({ body }, true)).to.deep.equal({ text: "answer" });
    expect(readText({ body }, false)).to.deep.equal({ text: body });
    expect(readText({ body: "> my own quote" }, true)).to.deep.equal({ text: "> my own quote" });
  });

  it("is bounded, whatever is nested and repeated", () => {
    const margins = `${"<blockquote>".repeat(90)}${"<br>".repeat(10_000)}x`;
    expect(read(margins)?.text).to.have.length.at.most(66_000).and.include("too long");
  });

  it("reads any soup of tags", () => {
    const tags = ["b", "i", "p", "br", "ul", "ol", "li", "blockquote", "pre", "code", "table", "tr", "td", "a", "hr"];
    const part = fc.oneof(
      fc.constantFrom(...tags.flatMap((tag) => [`<${tag}>`, `</${tag}>`])),
      fc.constantFrom("x", " ", "\n", "&amp;", "<", '<a href="https://a.example">', "<mx-reply>", "</mx-reply>"),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const text = read(parts.join(""))?.text ?? "";
        expect(text).to.not.equal("");
        expect(text)
          .to.match(/^[\P{Cc}\n\t]*$/u)
          .and.not.include("mx-reply>x");
      }),
    );
  });
});
