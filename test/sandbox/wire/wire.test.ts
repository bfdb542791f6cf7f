import { expect } from "chai";
import * as fc from "fast-check";

import {
  WireError,
  WireReader,
  encodeLine,
  encodePayload,
  type ClientCommand,
} from "../../../src/sandbox/wire/wire.ts";

function readAll(...chunks: (Buffer | string)[]): ClientCommand[] {
  const reader = new WireReader();
  const commands: ClientCommand[] = [];
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk));
    for (let next = reader.next(); next !== undefined; next = reader.next()) commands.push(next);
  }
  return commands;
}

const text = "MIME-Version: 1.0\r\n\r\nPNG\r\nHello Nils, grüß dich!";
const payload = Buffer.from(text);
const stream = Buffer.concat([
  Buffer.from(`VER 1 MSNP8 CVR0\r\nMSG 4 A ${payload.length}\r\n`),
  payload,
  Buffer.from("PNG\r\nQRY 8 msmsgs@msnmsgr.com 4\r\nabcdREA 9 mia@example.com Mia%20%F0%9F%98%80\nOUT\r\n"),
]);
const commands: ClientCommand[] = [
  { name: "VER", args: ["1", "MSNP8", "CVR0"] },
  { name: "MSG", args: ["4", "A"], payload },
  { name: "PNG", args: [] },
  { name: "QRY", args: ["8", "msmsgs@msnmsgr.com"], payload: Buffer.from("abcd") },
  { name: "REA", args: ["9", "mia@example.com", "Mia 😀"] },
  { name: "OUT", args: [] },
];

describe("sandbox wire", () => {
  it("reads the same commands wherever the stream is cut", () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      expect(readAll(stream.subarray(0, cut), stream.subarray(cut)), `cut at ${cut}`).to.deep.equal(commands);
    }
  });

  it("reads the same commands however many cuts there are", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const chunks = ends.slice(1).map((end, at) => stream.subarray(ends[at], end));
        expect(readAll(...chunks)).to.deep.equal(commands);
      }),
    );
  });

  it("waits for ever at an empty line, and at a line of one character", () => {
    expect(readAll("\r\nPNG\r\n")).to.deep.equal([]);
    expect(readAll("PNG\r\n\nPNG\r\n", "PNG\r\n")).to.deep.equal([{ name: "PNG", args: [] }]);
    expect(readAll("X\r\nPNG\r\n")).to.deep.equal([]);
  });

  it("waits for the bytes that a length too long announces, and takes them from the next command", () => {
    expect(readAll("MSG 1 A 6\r\nabc")).to.deep.equal([]);
    const read = readAll("MSG 1 A 6\r\nabcPN", "G\r\nOUT\r\n");
    expect(read[0]).to.deep.equal({ name: "MSG", args: ["1", "A"], payload: Buffer.from("abcPNG") });
  });

  it("reads the rest of a payload as a command when the length is too short", () => {
    expect(readAll("MSG 1 A 3\r\nabcdef ghi\r\n")).to.deep.equal([
      { name: "MSG", args: ["1", "A"], payload: Buffer.from("abc") },
      { name: "DEF", args: ["ghi"] },
    ]);
  });

  it("breaks at a line that is not UTF-8, at a payload without a length, and beyond a mebibyte", () => {
    expect(() => readAll(Buffer.from([0x50, 0xff, 0x0a]))).to.throw(WireError, "UTF-8");
    expect(() => readAll("MSG 1 A\r\n")).to.throw(WireError, "length");
    expect(() => readAll("QRY\r\n")).to.throw(WireError, "length");
    expect(() => readAll(Buffer.alloc(1_100_000, 0x41))).to.throw(WireError, "1 MiB");
  });

  it("splits at any white space of Unicode and decodes once", () => {
    expect(readAll("rea  1\u00a0a@b\u3000%2541%zz+100%\r\n")).to.deep.equal([
      { name: "REA", args: ["1", "a@b", "%41%zz+100%"] },
    ]);
  });

  it("escapes only per cent, space, CR and LF, and leaves absent arguments out", () => {
    const line = encodeLine("LSG", [1, "Work & play 100%\r\n\u00a0Mia 😀", undefined]);
    expect(line.toString()).to.equal("LSG 1 Work%20&%20play%20100%25%0D%0A\u00a0Mia%20😀\r\n");
  });

  it("counts a payload in bytes", () => {
    expect(encodePayload("MSG", ["a@b", "ü"], Buffer.from("grüß")).toString()).to.equal("MSG a@b ü 6\r\ngrüß");
  });
});
