import { expect } from "chai";
import * as fc from "fast-check";
import { safeFileName } from "../../src/util/file-name.ts";
import { anyText } from "../support/any-text.ts";

describe("util/file-name", () => {
  const table: Array<[name: string, safe: string]> = [
    ["holiday.jpg", "holiday.jpg"],
    ["Räksmörgås – 2003 (1).txt", "Räksmörgås – 2003 (1).txt"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\mia\\a.txt", "a.txt"],
    ["C:a.txt", "C_a.txt"],
    ["photos/", "photos"],
    ["a/..", "a"],
    ["a/ \u200b ", "a"],
    ["..", "file"],
    ["", "file"],
    ["///", "file"],
    [" . . ", "file"],
    ["a\0.txt", "a.txt"],
    ["a\r\nb\t\u0085\u2028.txt", "ab.txt"],
    ["photo\u202egpj.exe", "photogpj.exe"],
    ["\u2066a\u2069\u200f\ufeff\u00ad.txt", "a.txt"],
    ["\u202e", "file"],
    ["\u200d\u200c", "file"],
    ["نامه\u200cها.txt", "نامه\u200cها.txt"],
    ["👩\u200d👧.png", "👩\u200d👧.png"],
    ["a\ud800b\udc00.txt", "ab.txt"],
    [".bashrc", "bashrc"],
    ["...a", "a"],
    ["a.txt. . ", "a.txt"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["Aux .tar.gz", "_Aux .tar.gz"],
    ["COM1", "_COM1"],
    ["lpt³.doc", "_lpt³.doc"],
    ["conout$", "_conout$"],
    ["CON\u0000", "_CON"],
    ["console.txt", "console.txt"],
    ["com10.txt", "com10.txt"],
    ['<a>:"b"|?*.txt', "_a___b____.txt"],
    [`${"a".repeat(300)}.jpeg`, `${"a".repeat(250)}.jpeg`],
    [`${"ü".repeat(200)}.txt`, `${"ü".repeat(125)}.txt`],
    [`${"😀".repeat(100)}.txt`, `${"😀".repeat(62)}.txt`],
    [`a.${"x".repeat(300)}`, `a.${"x".repeat(253)}`],
    [`${"a".repeat(250)}    .txt`, `${"a".repeat(250)}.txt`],
  ];
  for (const [name, safe] of table) {
    it(`makes ${JSON.stringify(safe.slice(0, 30))} of ${JSON.stringify(name.slice(0, 30))}`, () =>
      expect(safeFileName(name)).to.equal(safe));
  }

  it("cuts to another length, keeping the extension and whole characters", () => {
    expect(safeFileName(`${"ü".repeat(20)}.tar.gz`, 20)).to.equal(`${"ü".repeat(8)}.gz`);
    expect(safeFileName(`con${" ".repeat(300)}.txt`)).to.equal("_con.txt");
  });

  it("gives a safe name for any text, and changes it no more", () => {
    const piece = fc.oneof(
      anyText(),
      fc.constantFrom("/", "\\", "..", ".", " ", "\0", "con", "NUL", ".txt", "\u202e", "\u200d", "é", "😀".repeat(70)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 16, max: 255 }), (pieces, most) => {
        const safe = safeFileName(pieces.join(""), most);
        expect(Buffer.byteLength(safe)).to.be.within(1, most);
        expect(safe).to.match(/^[^\s./\\][^/\\\p{Cc}]*$/u);
        expect(safe).not.to.match(/[\s.]$|[<>:"|?*\u202a-\u202e\u2066-\u2069]|^(?:con|prn|aux|nul)\s*(?:\.|$)/iu);
        expect(safe.isWellFormed()).to.equal(true);
        expect(safeFileName(safe, most)).to.equal(safe);
      }),
      { numRuns: 500 },
    );
  });
});
