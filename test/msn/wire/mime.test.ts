import { expect } from "chai";
import * as fc from "fast-check";
import { encodeMime, parseMime } from "../../../src/msn/wire/mime.ts";
import { anyText } from "../../support/any-text.ts";

function parse(text: string): { headers: Record<string, string>; body: string } {
  const { headers, body } = parseMime(Buffer.from(text));
  return { headers: Object.fromEntries(headers), body: String(body) };
}

describe("msn/wire/mime", () => {
  it("reads what clients send", () => {
    expect(parse("MIME-Version: 1.0\r\nCONTENT-TYPE:text/plain\r\n\r\na\r\n\r\nb")).to.deep.equal({
      headers: { "mime-version": "1.0", "content-type": "text/plain" },
      body: "a\r\n\r\nb",
    });
    expect(parse("Message-URL: http://a:1/b\r\nA: 1\r\n 2\r\nnonsense\r\nA: 3")).to.deep.equal({
      headers: { "message-url": "http://a:1/b", a: "1 2" },
      body: "",
    });
    expect(parse("\r\nbody")).to.deep.equal({ headers: {}, body: "body" });
    expect(parse("")).to.deep.equal({ headers: {}, body: "" });
    expect(parse("A: b\n\nbody")).to.deep.equal({ headers: { a: "b" }, body: "body" });
  });

  it("takes a folded line for a part of the line above, also where that one is skipped", () => {
    expect(
      parse("A: 1\r\n\t2\r\nA: 3\r\n B: 4\r\nnonsense\r\n C: 5\r\n: 6\r\n D: 7\r\nE:\r\n 8\r\n \r\n\r\nF: 9"),
    ).to.deep.equal({
      headers: { a: "1 2", e: "8" },
      body: "F: 9",
    });
    expect(parse(" A: 1\r\n\r\n")).to.deep.equal({ headers: { a: "1" }, body: "" });
  });

  it("takes names from strangers for names and nothing else", () => {
    const { headers } = parseMime(Buffer.from("__proto__: 1\r\nconstructor: 2\r\nN\0: a\rb\r\n\r\n"));
    expect([...headers]).to.deep.equal([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["n\0", "a\rb"],
    ]);
  });

  it("writes a body of bytes as it is, and no header that begins a line of its own", () => {
    const bytes = Buffer.from([0xff, 0, 0x0d]);
    expect(parseMime(encodeMime([["A", "b"]], bytes)).body).to.deep.equal(bytes);
    expect(String(encodeMime([["A", "b\r\n\r\nC: d"]], ""))).to.equal("A: b C: d\r\n\r\n");
  });

  it("reads what it writes", () => {
    const name = fc.stringMatching(/^[A-Za-z-]{1,12}$/u);
    fc.assert(
      fc.property(name, fc.string({ unit: "grapheme" }), anyText(), (header, value, body) => {
        const clean = value.replaceAll(/[\r\n]+/gu, " ").trim();
        const read = parseMime(encodeMime([[header, value]], body.toWellFormed()));
        expect(read.headers.get(header.toLowerCase())?.trim()).to.equal(clean);
        expect(String(read.body)).to.equal(body.toWellFormed());
      }),
    );
  });

  it("never fails on any bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseMime(Buffer.from(bytes))));
  });
});
