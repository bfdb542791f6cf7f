import { expect } from "chai";
import * as fc from "fast-check";
import { DEFAULT_STYLE, encodeTextStyle, parseTextStyle, type TextStyle } from "../../../src/msn/content/text-style.ts";
import { anyText } from "../../support/any-text.ts";

const RUNS = 500;

const plain: TextStyle = { bold: false, italic: false, underline: false, strike: false, rightToLeft: false };

const styles: fc.Arbitrary<TextStyle> = fc.record(
  {
    font: anyText({ minLength: 1, maxLength: 31 }).map((font) => font.toWellFormed()),
    bold: fc.boolean(),
    italic: fc.boolean(),
    underline: fc.boolean(),
    strike: fc.boolean(),
    color: fc.stringMatching(/^#[0-9a-f]{6}$/u),
    charset: fc.nat({ max: 255 }),
    family: fc.constantFrom("roman", "swiss", "modern", "script", "decorative"),
    pitch: fc.constantFrom("fixed", "variable"),
    rightToLeft: fc.boolean(),
  },
  { requiredKeys: ["bold", "italic", "underline", "strike", "rightToLeft"] },
);

const headers = fc
  .array(
    fc.tuple(
      fc.constantFrom("FN", "EF", "CO", "CS", "PF", "RL", "fn", " ef ", "XX", ""),
      fc.constantFrom("=", "", "==", " = "),
      fc.oneof(fc.string(), fc.constantFrom("BI", "ff", "0", "a1", "22", "1", "%", "%4", "a%20b", "%FF", "00000ff")),
    ),
  )
  .map((pairs) => pairs.map((pair) => pair.join("")).join(";"));

describe("msn/content/text-style", () => {
  it("reads every key", () => {
    expect(parseTextStyle("FN=Courier%20New; EF=BIUS; CO=800000; CS=a1; PF=31; RL=1")).to.deep.equal({
      font: "Courier New",
      bold: true,
      italic: true,
      underline: true,
      strike: true,
      color: "#000080",
      charset: 0xa1,
      family: "modern",
      pitch: "fixed",
      rightToLeft: true,
    });
  });

  it("writes the keys in their order, and colours with red last and no zeros in front", () => {
    expect(encodeTextStyle(DEFAULT_STYLE)).to.equal("FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0");
    const style: TextStyle = {
      ...plain,
      font: "Größe; 1=2",
      bold: true,
      strike: true,
      color: "#FF0a00",
      charset: 204,
      family: "swiss",
      pitch: "variable",
      rightToLeft: true,
    };
    expect(encodeTextStyle(style)).to.equal("FN=Gr%C3%B6%C3%9Fe%3B%201%3D2; EF=BS; CO=aff; CS=cc; PF=22; RL=1");
    expect(encodeTextStyle(plain)).to.equal("FN=; EF=; CO=; CS=; PF=0");
  });

  const COLOURS: Array<[wire: string, color: string | undefined]> = [
    ["ff", "#ff0000"],
    ["ff00", "#00ff00"],
    ["FF0000", "#0000ff"],
    ["0", "#000000"],
    ["00000000ff", "#ff0000"],
    ["", undefined],
    ["1ffffff", undefined],
    ["#ff", undefined],
    ["red", undefined],
    ["-1", undefined],
  ];
  for (const [wire, color] of COLOURS) {
    it(`reads the colour "${wire}"`, () => {
      expect(parseTextStyle(`CO=${wire}`).color).to.equal(color);
    });
  }

  const TOLERATED: Array<[header: string, style: Partial<TextStyle>]> = [
    ["", {}],
    [";;;=;=x;nonsense", {}],
    [
      "RL=1;PF=2;CO=FF;ef=ib;FN=Arial",
      { font: "Arial", bold: true, italic: true, color: "#ff0000", pitch: "variable", rightToLeft: true },
    ],
    ["EF=B; EF=I; FN=One; FN=Two", { bold: true, font: "One" }],
    ["FN=; EF=; CO=; CS=; PF=; RL=", {}],
    ["FN=MS Shell Dlg ;EF= u", { font: "MS Shell Dlg", underline: true }],
    ["FN=100%; XX=1", { font: "100%" }],
    ["FN=%zz%F", { font: "%zz%F" }],
    ["FN=%FF%41", { font: "ÿA" }],
    ["FN=a=b", { font: "a=b" }],
    ["CS=4d; PF=62", { charset: 0x4d, pitch: "variable" }],
    ["CS=134; PF=222; RL=0", {}],
    ["CS=zz; PF=-1; RL=yes", {}],
    ["PF=50; CS=00", { family: "decorative", charset: 0 }],
  ];
  for (const [header, style] of TOLERATED) {
    it(`takes "${header}" for what can be read of it`, () => {
      expect(parseTextStyle(header)).to.deep.equal({ ...plain, ...style });
    });
  }

  it("cuts over-long font names between characters, both ways", () => {
    const long = "😀".repeat(40);
    const cut = "😀".repeat(31);
    expect(parseTextStyle(`FN=${encodeURIComponent(long)}`).font).to.equal(cut);
    expect(encodeTextStyle({ ...plain, font: long })).to.equal(`FN=${encodeURIComponent(cut)}; EF=; CO=; CS=; PF=0`);
  });

  it("does not write what is no colour or character set", () => {
    for (const charset of [-1, 256, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(encodeTextStyle({ ...plain, charset, color: "red\r\nX: 1" })).to.equal("FN=; EF=; CO=; CS=; PF=0");
    }
  });

  it("loses nothing of any style", () => {
    fc.assert(
      fc.property(styles, (style) => {
        expect(parseTextStyle(encodeTextStyle(style))).to.deep.equal(style);
      }),
      { numRuns: RUNS },
    );
  });

  it("comes to rest on any header after one round", () => {
    fc.assert(
      fc.property(headers, (header) => {
        const once = encodeTextStyle(parseTextStyle(header));
        expect(encodeTextStyle(parseTextStyle(once))).to.equal(once);
        expect(once).to.match(/^FN=[^;\s]*; EF=B?I?U?S?; CO=[0-9a-f]{0,6}; CS=[0-9a-f]{0,2}; PF=\d{1,2}(; RL=1)?$/u);
      }),
      { numRuns: RUNS },
    );
  });
});
