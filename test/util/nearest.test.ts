import { expect } from "chai";
import * as fc from "fast-check";
import { nearest } from "../../src/util/nearest.ts";

describe("nearest", () => {
  const known = ["address", "domain", "hostname", "port", "id"];

  it("finds the word that was meant", () => {
    const table: Array<[string, string]> = [
      ["adress", "address"],
      ["adresss", "address"],
      ["Domain", "domain"],
      ["hotsname", "hostname"],
      ["prot", "port"],
    ];
    for (const [word, meant] of table) expect(nearest(word, known), word).to.equal(meant);
  });

  it("finds nothing where nothing is like the word", () => {
    expect(nearest("encryption", known)).to.equal(undefined);
    expect(nearest("anything", [])).to.equal(undefined);
    for (const word of ["?", "hi", "ok", ""]) expect(nearest(word, [...known, "pm"]), word).to.equal(undefined);
  });

  it("always finds a word that is known", () => {
    const words = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
      minLength: 1,
      selector: (w) => w.toLowerCase(),
    });
    fc.assert(
      fc.property(words, fc.nat(), (list, pick) => {
        const word = list[pick % list.length] ?? "";
        expect(nearest(word, list)).to.equal(word);
      }),
    );
  });
});
