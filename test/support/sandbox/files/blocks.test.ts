import { expect } from "chai";
import * as fc from "fast-check";

import { encodeBlocks, encodedLength, parseBlockHeader } from "./blocks.ts";

describe("sandbox blocks", () => {
  it("have their length in front, low byte first", () => {
    expect(encodeBlocks(Buffer.from("Hello world!"), 2045).toString("latin1")).to.equal("\0\u000C\0Hello world!");
    const three = encodeBlocks(Buffer.alloc(4097), 2045);
    expect([0, 2048, 4096].map((at) => three.toString("hex", at, at + 3))).to.deep.equal([
      "00fd07",
      "00fd07",
      "000700",
    ]);
    expect(encodeBlocks(Buffer.alloc(0), 2045)).to.have.length(0);
  });

  it("are as long as foretold", () => {
    const sizes = fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 2045 }));
    fc.assert(
      fc.property(sizes, ([size, length]) => {
        expect(encodeBlocks(Buffer.alloc(size), length)).to.have.length(encodedLength(size, length));
      }),
    );
  });

  it("have headers that are read strictly", () => {
    const read = (hex: string): unknown => parseBlockHeader(Buffer.from(hex, "hex"));
    expect(read("00fd07")).to.deep.equal({ type: "bytes", length: 2045 });
    expect(read("000000")).to.deep.equal({ type: "bytes", length: 0 });
    expect(read("010000")).to.deep.equal({ type: "end" });
    for (const garbage of ["00fe07", "020100", "ffffff", "0001"]) expect(read(garbage), garbage).to.equal(undefined);
  });
});
