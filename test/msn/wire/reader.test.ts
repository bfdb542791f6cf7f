import { expect } from "chai";
import * as fc from "fast-check";
import { msnp8 } from "../../../src/msn/dialect/msnp8.ts";
import { MsnError } from "../../../src/msn/errors.ts";
import type { Command } from "../../../src/msn/wire/command.ts";
import { CommandReader } from "../../../src/msn/wire/reader.ts";
import { parseTranscript } from "../../support/transcript.ts";

const TEXT = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nMSG x y 5\r\nßü😀";

// Every kind of command of a server: with and without transaction id, arguments, payload, and with payloads that look
// like commands.
const STREAM = Buffer.concat(
  [
    "QNG\r\nQNG 60\r\nVER 1 MSNP8\r\nCVR 2 5.0 5.0 5.0 https://a https://b\r\nUSR 3 TWN S ct=1,rver=1\r\n",
    "XFR 3 NS 10.0.0.5:1863 0 10.0.0.1:1863\r\nUSR 4 OK a@x.org Mia\u00A0K 1 0\r\nSYN 5 1 3 3\r\nGTC A\r\nBLP AL\r\n",
    "PRP PHH 555\r\nLSG 0 Other%20Contacts 0\r\nLST a@x F=… 4 \r\nLST a@x A 11 1,2\r\nBPR 5 a@x PHH\r\nBPR a@x PHH\r\n",
    "CHG 6 NLN 0\r\nILN 6 NLN a@x A 0\r\nNLN AWY a@x A%20B 2789003324\r\nFLN a@x\r\n201 5\r\nNOT 12\r\nOUT OTH\r\n<a>",
    "IPG 0\r\nCHL 0 1234\r\nQRY 7\r\nADD 0 RL 5 c@x C\r\nREM 0 RL 6 c@x\r\nRNG 12 1.2.3.4:5 CKI k a@x A\r\nURL 8 /u /v 1\r\n",
    "XFR 9 SB 1.2.3.4:5 CKI k\r\nUSR 1 OK a@x A\r\nCAL 2 RINGING 49f\r\nJOI a@x A\r\nIRO 1 1 1 a@x A\r\nANS 1 OK\r\n",
    "ACK 3\r\nNAK 4\r\nBYE a@x 1\r\nbye a@x\r\nXYZ\r\n\r\nADG 1 2 G 3 0\nREG 1 2 3 G 0\r\nRMG 1 2 3\r\nREA 1 2 a@x A\r\n",
    `MSG a@x Nils ${Buffer.byteLength(TEXT)}\r\n${TEXT}`,
    `MSG Hotmail Hotmail ${Buffer.byteLength(TEXT)}\r\n${TEXT}`,
    "OUT SSD\r\n",
  ].map((part) => Buffer.from(part)),
);

function read(chunks: readonly Buffer[]): Command[] {
  const reader = new CommandReader(msnp8.payloadLength);
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

describe("msn/wire/reader", () => {
  const whole = read([STREAM]);

  it("reads every kind of command", () => {
    const names =
      "QNG QNG VER CVR USR XFR USR SYN GTC BLP PRP LSG LST LST BPR BPR CHG ILN NLN FLN 201 NOT IPG CHL QRY ADD REM RNG URL " +
      "XFR USR CAL JOI IRO ANS ACK NAK BYE BYE XYZ ADG REG RMG REA MSG MSG OUT";
    expect(whole.map(({ name }) => name).join(" ")).to.equal(names);
    expect(whole.filter(({ payload }) => payload !== undefined)).to.have.length(4);
    expect(whole.at(-2)?.payload?.toString()).to.equal(TEXT);
    expect(whole.find(({ name }) => name === "NOT")?.payload?.toString()).to.equal("OUT OTH\r\n<a>");
    expect(whole.find(({ name }) => name === "LST")?.args).to.deep.equal(["a@x", "F=…", "4", ""]);
  });

  it("gives the same commands wherever the stream is cut in two", () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      expect(read([STREAM.subarray(0, cut), STREAM.subarray(cut)])).to.deep.equal(whole);
    }
  });

  it("gives the same commands byte by byte and in any pieces", () => {
    expect(read([...STREAM].map((byte) => Buffer.from([byte])))).to.deep.equal(whole);
    const cuts = fc.array(fc.nat(STREAM.length), { maxLength: 30 });
    fc.assert(
      fc.property(cuts, (places) => {
        const edges = [0, ...places.toSorted((a, b) => a - b), STREAM.length];
        const chunks = edges.slice(1).map((edge, index) => STREAM.subarray(edges[index], edge));
        expect(read(chunks)).to.deep.equal(whole);
      }),
    );
  });

  it("ends any bytes in commands, a protocol error or need of more, with little memory", () => {
    const soup = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom("MSG a b 5\r\n", "NOT 3\n", "\r\n", "201 5\r\n").map((text) => Buffer.from(text)),
      ),
    );
    fc.assert(
      fc.property(soup, (chunks) => {
        try {
          read(chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          expect(error).to.be.instanceOf(MsnError).with.property("code", "protocol");
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses lines over 8 KiB and payload lengths that are absurd", () => {
    expect(() => read([Buffer.from("A".repeat(9000))])).to.throw(MsnError, "too long");
    expect(() => read([...Buffer.from("A".repeat(9000))].map((byte) => Buffer.from([byte])))).to.throw(
      MsnError,
      "too long",
    );
    for (const length of ["x", "-1", "1e3", "99999999", ""]) {
      expect(() => read([Buffer.from(`MSG a b ${length}\r\n`)]), length).to.throw(
        MsnError,
        "impossible payload length",
      );
    }
  });

  it("gives the commands before the broken one", () => {
    const reader = new CommandReader(msnp8.payloadLength);
    const seen: string[] = [];
    expect(() => {
      for (const { name } of reader.push(Buffer.from("QNG\r\nNOT x\r\nQNG\r\n"))) seen.push(name);
    }).to.throw(MsnError);
    expect(seen).to.deep.equal(["QNG"]);
  });

  it("knows the marks of transcripts", () => {
    expect(parseTranscript("remark\nC: PNG\nS| a⏎⇥\n")).to.deep.equal([
      { by: "C", bytes: Buffer.from("PNG\r\n") },
      { by: "S", bytes: Buffer.from("a\r\n\t") },
    ]);
  });
});
