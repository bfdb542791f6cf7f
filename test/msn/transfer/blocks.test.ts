import { expect } from "chai";
import * as fc from "fast-check";
import { BlockReader, BlockWriter, dataBytesIn, END_BLOCK } from "../../../src/msn/transfer/blocks.ts";
import { TransferEnd } from "../../../src/msn/transfer/outcome.ts";
import { bytesOf } from "../../support/transfers.ts";

const RUNS = 200;

/** All that a writer gives for a file that comes in pieces, when it is asked after each of them where `asks` says so. */
function write(bytes: Buffer, cuts: readonly number[], asks: readonly boolean[] = []): Buffer {
  const writer = new BlockWriter(bytes.length);
  const given: Buffer[] = [];
  let start = 0;
  for (const [at, end] of [...cuts.toSorted((a, b) => a - b), bytes.length].entries()) {
    while (start < end) {
      const taken = writer.fill(bytes.subarray(start, end));
      start += taken;
      // It is full.
      if (taken === 0) given.push(Buffer.from(writer.take()));
    }
    if (asks[at] === true) given.push(Buffer.from(writer.take()));
  }
  return Buffer.concat([...given, writer.end()]);
}

/** The blocks of a file, laid out by itself. */
function blocksOf(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 2045) {
    const data = bytes.subarray(at, at + 2045);
    blocks.push(block(0, data.length, data));
  }
  return Buffer.concat(blocks);
}

function read(size: number, ...pieces: readonly Buffer[]): Buffer {
  const reader = new BlockReader(size);
  return Buffer.concat(pieces.map((piece) => Buffer.from(reader.push(Buffer.from(piece)))));
}

function block(kind: number, length: number, data: Buffer = Buffer.alloc(length, "x")): Buffer {
  return Buffer.concat([Buffer.from([kind, length & 0xff, length >> 8]), data]);
}

function problem(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (!(error instanceof TransferEnd)) throw error;
    return error.outcome.state === "failed" ? error.outcome.problem : error.outcome.state;
  }
  return undefined;
}

describe("msn/transfer/blocks", () => {
  it("writes what other clients do", () => {
    expect(write(Buffer.from("Hello world!"), []).toString("hex")).to.equal("000c0048656c6c6f20776f726c6421");
    expect(write(Buffer.alloc(0), []).length).to.equal(0);
    const large = write(bytesOf(4097), []);
    expect(large.length).to.equal(4097 + 9);
    expect(
      [large.subarray(0, 3), large.subarray(2048, 2051), large.subarray(4096, 4099)].map((head) =>
        head.toString("hex"),
      ),
    ).to.deep.equal(["00fd07", "00fd07", "000700"]);
  });

  it("gives no last block before the end, also where the file ends with a block", () => {
    const writer = new BlockWriter(2 * 2045);
    expect([writer.fill(bytesOf(2045)), writer.take().length]).to.deep.equal([2045, 2048]);
    expect([writer.fill(bytesOf(2046)), writer.take().length]).to.deep.equal([2045, 0]);
    expect(writer.end().length).to.equal(2048);
    expect(writer.end().length).to.equal(0);
  });

  it("gives what is being written time, and takes no more than there is room for meanwhile", () => {
    const bytes = bytesOf(1_000_000);
    const writer = new BlockWriter(bytes.length);
    const first = writer.fill(bytes);
    const written = writer.take();
    const second = writer.fill(bytes.subarray(first));
    expect(writer.fill(bytes.subarray(first + second))).to.equal(0);
    expect(written.equals(blocksOf(bytes).subarray(0, written.length))).to.equal(true);
    expect([first, second]).to.deep.equal([32 * 2045, 32 * 2045]);
  });

  it("fills every block but the last and reads what it writes, however both are cut", () => {
    const file = fc.oneof(
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 60_000, max: 140_000 }),
      fc
        .tuple(fc.integer({ min: 1, max: 70 }), fc.constantFrom(-1, 0, 1))
        .map(([blocks, more]) => blocks * 2045 + more),
    );
    const cuts = fc.array(fc.nat({ max: 150_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(file, cuts, cuts, fc.array(fc.boolean()), (size, writing, reading, asks) => {
        const bytes = bytesOf(size);
        const blocks = write(
          bytes,
          writing.filter((cut) => cut <= size),
          asks,
        );
        expect(blocks.equals(blocksOf(bytes))).to.equal(true);
        expect(dataBytesIn(blocks.length)).to.equal(size);
        const places = [0, ...reading.filter((cut) => cut <= blocks.length).toSorted((a, b) => a - b), blocks.length];
        const pieces = places.slice(1).map((end, at) => blocks.subarray(places[at], end));
        expect(read(size, ...pieces).equals(bytes)).to.equal(true);
      }),
      { numRuns: RUNS },
    );
  });

  it("reads byte by byte, blocks of any length, and empty ones", () => {
    const blocks = Buffer.concat([block(0, 1), block(0, 0), block(0, 2044), block(0, 2045), block(0, 5)]);
    const size = 1 + 2044 + 2045 + 5;
    expect(read(size, ...Array.from(blocks, (byte) => Buffer.from([byte]))).length).to.equal(size);
  });

  for (const length of [1, 2046, 4096, 65_535]) {
    it(`reads blocks of ${length} bytes, the last one headed as such`, () => {
      const data = bytesOf(2 * length);
      const blocks = [block(0, length, data.subarray(0, length)), block(1, length, data.subarray(length))];
      expect(read(2 * length, ...blocks).equals(data)).to.equal(true);
      expect(read(2 * length, Buffer.concat([...blocks, END_BLOCK])).equals(data)).to.equal(true);
    });
  }

  it("takes an end behind the last byte, and nothing else", () => {
    expect(read(3, block(0, 3), END_BLOCK).length).to.equal(3);
    expect(problem(() => read(3, Buffer.concat([block(0, 3), block(0, 1)])))).to.equal("wrong-size");
    expect(problem(() => read(3, Buffer.concat([block(0, 3), Buffer.from("BYE 16777989\r\n")])))).to.equal("protocol");
  });

  const WRONG: ReadonlyArray<readonly [what: string, problem: string, blocks: Buffer]> = [
    ["a block that is larger than the rest of the file", "wrong-size", block(0, 11)],
    ["a second block that is", "wrong-size", Buffer.concat([block(0, 6), block(0, 6)])],
    ["an early end", "cancelled", Buffer.concat([block(0, 6), END_BLOCK])],
    ["a last block that is too short", "wrong-size", block(1, 4)],
    ["a last block that is too long", "wrong-size", block(1, 11)],
    ["a last block behind the last byte", "wrong-size", Buffer.concat([block(0, 10), block(1, 1)])],
    ["a block behind the last one", "wrong-size", Buffer.concat([block(1, 10), block(0, 1)])],
    ["a header of garbage", "protocol", Buffer.from([7, 1, 0, 1])],
    ["a length beyond all", "wrong-size", block(0, 65_535)],
    ["text", "protocol", Buffer.from("FIL 10\r\n")],
  ];
  for (const [what, name, blocks] of WRONG) {
    it(`refuses ${what}`, () => expect(problem(() => read(10, blocks))).to.equal(name));
  }

  it("never gives more than was announced, whatever comes", () => {
    const soup = fc.array(fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(block(0, 9))), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat({ max: 60 }), soup, (size, pieces) => {
        let length = 0;
        problem(() => (length = read(size, ...pieces.map((piece) => Buffer.from(piece))).length));
        expect(length).to.be.at.most(size);
      }),
      { numRuns: RUNS },
    );
  });
});
