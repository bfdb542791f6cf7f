import { expect } from "chai";
import * as fc from "fast-check";
import {
  encodeContentRange,
  encodeRange,
  parseContentRange,
  parseRange,
  RangeNotSatisfiable,
  resolveRange,
} from "../../../src/matrix/media/byte-range.ts";

describe("matrix/media/byte-range", () => {
  it("reads what it writes", () => {
    const first = fc.nat(1e9);
    fc.assert(
      fc.property(first, fc.nat(1e9), fc.nat(1e9), (a, b, c) => {
        const wanted = { first: a, last: a + b };
        for (const range of [wanted, { first: a }, { suffix: a }]) {
          expect(parseRange(encodeRange(range))).to.deep.equal(range);
        }
        const range = { ...wanted, whole: a + b + c + 1 };
        expect(parseContentRange(encodeContentRange(range))).to.deep.equal(range);
      }),
    );
  });

  it("ignores what is no single range of bytes", () => {
    for (const header of [
      undefined,
      "",
      "bytes",
      "bytes=",
      "bytes=-",
      "bytes=1-2,3-4",
      "bytes= 1-2",
      "bytes=2-1",
      "items=1-2",
    ]) {
      expect(parseRange(header), header).to.equal(undefined);
    }
    expect(parseRange(`bytes=${"9".repeat(16)}-`)).to.equal(undefined);
    for (const header of [undefined, "bytes */9", "bytes 1-2/*", "bytes 2-1/9", "bytes 0-9/9", "1-2/9"]) {
      expect(parseContentRange(header), header).to.equal(undefined);
    }
  });

  it("finds bytes that are there, or says that there are none", () => {
    const wanted = fc.oneof(
      fc.record({ first: fc.nat(20), last: fc.nat(20) }).filter(({ first, last }) => first <= last),
      fc.record({ first: fc.nat(20) }),
      fc.record({ suffix: fc.nat(20) }),
    );
    fc.assert(
      fc.property(wanted, fc.nat(15), (range, whole) => {
        const all = Array.from({ length: whole }, (_, at) => at);
        const expected =
          "suffix" in range
            ? all.slice(Math.max(0, whole - range.suffix))
            : all.slice(range.first, ("last" in range ? range.last : whole) + 1);
        if (expected.length === 0) expect(() => resolveRange(range, whole)).to.throw(RangeNotSatisfiable);
        else expect(resolveRange(range, whole)).to.deep.equal({ first: expected[0], last: expected.at(-1), whole });
      }),
    );
  });
});
