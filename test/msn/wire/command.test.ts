import { expect } from "chai";
import * as fc from "fast-check";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { decodeArgument, encodeArgument, encodeCommand } from "../../../src/msn/wire/command.ts";
import { anyText } from "../../support/any-text.ts";

describe("msn/wire/command", () => {
  it("writes the payload's length in bytes", () => {
    const payload = Buffer.from("grüß");
    expect(encodeCommand({ name: "MSG", args: ["3", "A"], payload }).toString()).to.equal("MSG 3 A 6\r\ngrüß");
    expect(encodeCommand({ name: "PNG", args: [] }).toString()).to.equal("PNG\r\n");
  });

  it("refuses arguments that would become other commands", () => {
    for (const arg of ["", "a b", "a\r\nOUT", "a\u0000", "a\tb"]) {
      expect(() => encodeCommand({ name: "CAL", args: ["1", arg] }), JSON.stringify(arg)).to.throw(MsnError);
    }
  });

  it("decodes what servers write", () => {
    const cases = {
      "Mia%20😀": "Mia 😀",
      "Work%20&%20play": "Work & play",
      "100%": "100%",
      "%zz%2": "%zz%2",
      "a+b": "a+b",
      "%C3%BC": "ü",
      "%ff": "ÿ",
      "Gr%FC%DFe": "Grüße",
      "%C3%BC%FC": "ü\uFFFD",
      "caf\u00E9%20%80": "caf\u00E9 \uFFFD",
      "a\u00A0b": "a\u00A0b",
      "": "",
    };
    for (const [wire, text] of Object.entries(cases)) expect(decodeArgument(wire)).to.equal(text);
  });

  it("decodes what it encodes", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(decodeArgument(encodeArgument(text))).to.equal(text);
        expect(encodeArgument(text)).not.to.match(/[ \r\n]/u);
      }),
    );
    expect(encodeArgument("\uD800")).to.equal("%EF%BF%BD");
  });
});
