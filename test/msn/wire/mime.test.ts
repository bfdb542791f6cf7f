import { expect } from "chai";
import * as fc from "fast-check";
import { encodeMime, parseMime } from "../../../src/msn/wire/mime.ts";

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

  it("reads what it writes", () => {
    const name = fc.stringMatching(/^[A-Za-z-]{1,12}$/u);
    fc.assert(
      fc.property(name, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), (header, value, body) => {
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
