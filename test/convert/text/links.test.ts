import { expect } from "chai";
import { asLink, linksAsHtml, withoutLinks } from "../../../src/convert/text/links.ts";

describe("convert/text/links", () => {
  it("are a label in plain text and an anchor in HTML", () => {
    const text = `To ${asLink("Nils & co", "!room:example.org")}\nand <b>`;
    expect(withoutLinks(text)).to.equal("To Nils & co\nand <b>");
    expect(linksAsHtml(text)).to.equal(
      'To <a href="https://matrix.to/#/!room%3Aexample.org">Nils &amp; co</a><br/>and &lt;b&gt;',
    );
  });

  it("are not in other texts, whatever these hold", () => {
    for (const text of ["", "plain", "[a](https://example.org)", "\u0001a", "a\u0002b\u0003", "\u0003\u0002\u0001"]) {
      expect(linksAsHtml(text), JSON.stringify(text)).to.equal(undefined);
      expect(withoutLinks(text)).to.equal(text);
    }
  });
});
