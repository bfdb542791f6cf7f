import { validateHeaderValue } from "node:http";
import { expect } from "chai";
import * as fc from "fast-check";
import { attachment, fileNameIn, percentEncode } from "../../../src/matrix/media/content-disposition.ts";
import { anyText } from "../../support/any-text.ts";

describe("matrix/media/content-disposition", () => {
  it("gives back any name, in a header that is one", () => {
    fc.assert(
      fc.property(anyText(), (name) => {
        const header = attachment(name);
        validateHeaderValue("content-disposition", header);
        if (name !== "") expect(fileNameIn(header)).to.equal(name.toWellFormed());
      }),
    );
  });

  it("leaves no sign in an address that ends it in a text", () => {
    expect(percentEncode("a (b)'s *!~ä\ud800.txt")).to.equal("a%20%28b%29%27s%20%2A%21%7E%C3%A4%EF%BF%BD.txt");
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(percentEncode(text)).to.match(/^[\w.%-]*$/);
        expect(decodeURIComponent(percentEncode(text))).to.equal(text.toWellFormed());
      }),
    );
  });

  const table: Array<[header: string | undefined, name: string | undefined]> = [
    [undefined, undefined],
    ["inline", undefined],
    ["attachment; filename=a.txt", "a.txt"],
    ['inline; filename="a b; \\"c\\".txt"', 'a b; "c".txt'],
    ["attachment; filename*=utf-8''%C3%BC.txt", "ü.txt"],
    ["attachment; filename=\"a\"; FileName* = UTF-8'en'b.txt", "b.txt"],
    ["attachment; filename*=utf-8''%FF; filename=c.txt", "c.txt"],
  ];
  for (const [header, name] of table) {
    it(`finds ${String(name)} in ${String(header)}`, () => expect(fileNameIn(header)).to.equal(name));
  }
});
