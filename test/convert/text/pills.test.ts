import { expect } from "chai";
import { z } from "zod";
import { peopleIn, withNames } from "../../../src/convert/text/pills.ts";

const NILS = "@msn_one_nils=40example.com:hs.example";
const NAMES: Readonly<Record<string, string>> = { [NILS]: "Nils <3", "@bob:hs.example": "Bob" };
const nameOf = (userId: string): string | undefined => NAMES[userId];

const shown = z.object({ body: z.string(), formatted_body: z.string().optional() });

function html(formatted: string): unknown {
  return shown.parse(withNames({ body: "x", formatted_body: formatted }, nameOf)).formatted_body;
}

function text(body: string): unknown {
  return shown.parse(withNames({ body }, nameOf)).body;
}

describe("convert/text/pills", () => {
  const HTML: Array<[what: string, before: string, after: string]> = [
    ["a mention", `<a href="https://matrix.to/#/${NILS}">N</a>: hi`, "Nils &lt;3: hi"],
    ["an encoded one", `<a href='https://matrix.to/#/${encodeURIComponent(NILS)}'>N</a>`, "Nils &lt;3"],
    [
      "one with a server in it",
      `<a class="x" href="https://matrix.to/#/@bob:hs.example?via=a&amp;via=b" >N</a >`,
      "Bob",
    ],
    ["one by the scheme", '<a href="matrix:u/bob:hs.example?action=chat">N</a>', "Bob"],
    ["one with its id for words", `<A HREF="https://matrix.to/#/@bob:hs.example">@bob:hs.example</A>`, "Bob"],
    ["one with more in it", '<a href="https://matrix.to/#/@bob:hs.example"><b>B</b>ob</a>', "Bob"],
    [
      "two",
      `<a href="https://matrix.to/#/@bob:hs.example">B</a> <a href="https://matrix.to/#/${NILS}">N</a>`,
      "Bob Nils &lt;3",
    ],
  ];
  for (const [what, before, after] of HTML) it(`names ${what}`, () => expect(html(before)).to.equal(after));

  const SAME = [
    '<a href="https://matrix.to/#/@eve:hs.example">Eve</a>',
    '<a href="https://matrix.to/#/#room:hs.example">room</a>',
    '<a href="https://matrix.to/#/!room:hs.example/$event">x</a>',
    '<a href="https://matrix.to/#/@bob">x</a>',
    '<a href="https://matrix.to/#/@%E0:x">x</a>',
    '<a href="https://a.example/#/@bob:hs.example">x</a>',
    '<b title="https://matrix.to/#/@bob:hs.example">x</b>',
  ];
  for (const same of SAME) it(`leaves alone ${same}`, () => expect(html(same)).to.equal(same));

  it("names people in what has no HTML, and only where their link is one of its own", () => {
    expect(text(`[N](https://matrix.to/#/${NILS}): hi`)).to.equal("Nils <3: hi");
    expect(text("ask https://matrix.to/#/@bob:hs.example now")).to.equal("ask Bob now");
    expect(text("matrix:u/bob:hs.example")).to.equal("Bob");
    for (const same of ["@bob:hs.example", "[this](https://matrix.to/#/#room:hs.example)", "xmatrix:u/bob:hs.example"])
      expect(text(same)).to.equal(same);
  });

  it("names them in an edit too, and tells who they are", () => {
    const content = {
      body: "* [B](matrix:u/bob:hs.example)",
      "m.new_content": { body: "[B](matrix:u/bob:hs.example)" },
    };
    expect(withNames(content, nameOf)).to.deep.equal({ body: "* Bob", "m.new_content": { body: "Bob" } });
    expect(peopleIn(content)).to.deep.equal(["@bob:hs.example"]);
    for (const nothing of [{}, { "m.new_content": 1 }, { body: 1, formatted_body: {} }])
      expect([peopleIn(nothing), withNames(nothing, nameOf)]).to.deep.equal([[], nothing]);
  });

  // What would have to be tried again and again takes as many steps as it has letters; the whole of this ends at once.
  it("does not choke on what only begins like a link", () => {
    for (const part of [
      "<a ",
      '<a href="https://matrix.to/#/@',
      '<a href="matrix:u/a:b">',
      "[",
      "[x](https://matrix.to/#/@",
    ])
      expect(html(part.repeat(60_000 / part.length))).to.be.a("string");
  });
});
