import { expect } from "chai";
import { runsRightToLeft } from "../../../src/convert/text/direction.ts";

describe("convert/text/direction", () => {
  for (const text of ["שלום abc", "123: مرحبا", "\u{1E900}"]) {
    it(`sees that ${text} runs from right to left`, () => expect(runsRightToLeft(text)).to.equal(true));
  }
  for (const text of ["abc שלום", "123 :-)", "", "你好"]) {
    it(`sees no such thing in "${text}"`, () => expect(runsRightToLeft(text)).to.equal(false));
  }
});
