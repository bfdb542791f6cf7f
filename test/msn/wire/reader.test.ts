import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import * as fc from "fast-check";
import { msnp8 } from "../../../src/msn/dialect/msnp8.ts";
import { MsnError } from "../../../src/msn/base/errors.ts";
import type { Command } from "../../../src/msn/wire/command.ts";
import { CommandReader } from "../../../src/msn/wire/reader.ts";
import { parseTranscript } from "../../support/transcript.ts";
import { anyText } from "../../support/any-text.ts";

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

// Arguments are a getter, which `deep.equal` would not look at.
function read(chunks: readonly Buffer[]): Command[] {
  const reader = new CommandReader(msnp8.payloadCommands);
  const commands: Command[] = [];
  for (const chunk of chunks) {
    reader.push(chunk, { take: ({ name, args, payload }) => void commands.push({ name, args, payload }) });
  }
  return commands;
}

/** What the reader has to do, as plainly as it can be said. */
function readPlainly(bytes: Buffer): Command[] {
  const feed = bytes.indexOf("\n");
  if (feed === -1) return [];
  const [first = "", ...args] = bytes
    .toString("latin1", 0, feed)
    .replace(/\r$/u, "")
    .split(" ")
    .map((word) => {
      const raw = Buffer.from(word, "latin1");
      return isUtf8(raw)
        ? raw.toString()
        : [...raw].map((byte) => (byte < 128 ? String.fromCharCode(byte) : `%${byte.toString(16)}`)).join("");
    });
  const name = first.toUpperCase();
  const length = msnp8.payloadCommands.has(name) ? Number(args.at(-1)) : undefined;
  const end = feed + 1 + (length ?? 0);
  if (end > bytes.length) return [];
  const payload = length === undefined ? undefined : bytes.subarray(feed + 1, end);
  const rest = readPlainly(bytes.subarray(end));
  return name === "" && args.length === 0 ? rest : [{ name, args, payload }, ...rest];
}

/** The bytes of buffers that are alive, in MiB. */
async function mebibytesInBuffers(): Promise<number> {
  // Buffers are counted until the collector has swept them, which it does beside the program.
  setFlagsFromString("--expose-gc");
  for (let turn = 0; turn < 3; turn += 1) {
    // Only contexts that are made from now on have it.
    runInNewContext("gc()");
    await setImmediate();
  }
  return process.memoryUsage().arrayBuffers / 1024 / 1024;
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

  it("reads odd lines as well as common ones, whether their names are new to it or not", () => {
    const start = fc.constantFrom(
      "",
      " ",
      "A",
      "ab",
      "LST",
      "lst",
      "LSTX",
      "\u0390",
      "ß",
      "\uFEFF",
      "A\rB",
      "M G",
      "201",
    );
    const args = fc.array(fc.constantFrom("", "a@x", "5", "é😀", "\r", "\0"), { maxLength: 4 });
    const line = fc.tuple(start, args).map(([name, words]) => [name, ...words].join(" "));
    const text = anyText({ maxLength: 8 }).map((body) => Buffer.from(body).toString());
    const message = text.map((body) => `msg a ${Buffer.byteLength(body)}\r\n${body}`);
    const lines = fc.oneof(
      { weight: 5, arbitrary: fc.tuple(line, fc.constantFrom("\r\n", "\n", "\r\r\n")).map((parts) => parts.join("")) },
      { weight: 1, arbitrary: message },
    );
    fc.assert(
      fc.property(fc.array(lines), fc.nat(), (parts, place) => {
        const bytes = Buffer.from(parts.join(""));
        const cut = place % (bytes.length + 1);
        expect(read([bytes])).to.deep.equal(readPlainly(bytes));
        expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).to.deep.equal(readPlainly(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it("reads any number of names", () => {
    const names = Array.from({ length: 2000 }, (_, index) =>
      (1000 + index).toString(36).toUpperCase().padStart(3, "X"),
    );
    const bytes = Buffer.from(names.map((name) => `${name} 1\r\n`).join(""));
    expect(read([bytes, bytes]).map(({ name }) => name)).to.deep.equal([...names, ...names]);
  });

  it("keeps no chunk alive for a command whose arguments were read, or one that has not come whole", async () => {
    const filler = "QNG 50\r\n".repeat(8000);
    const before = await mebibytesInBuffers();
    const kept: unknown[] = [];
    for (const end of ["LST a@x A 11\r\n", "LST a@", "MSG a A 5\r\nab"]) {
      for (let count = 0; count < 100; count += 1) {
        const reader = new CommandReader(msnp8.payloadCommands);
        kept.push(reader);
        reader.push(Buffer.from(`${filler}${end}`), {
          take: (command) => {
            if (command.name === "LST") kept.push(command, command.args);
          },
        });
      }
    }
    expect((await mebibytesInBuffers()) - before).to.be.below(3);
    expect(kept).to.have.length(500);
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
    for (const length of ["x", "-1", "1e3", "5x", "99999999", "9".repeat(400), ""]) {
      expect(() => read([Buffer.from(`MSG a b ${length}\r\n`)]), length).to.throw(
        MsnError,
        "impossible payload length",
      );
    }
  });

  it("gives the commands before the broken one", () => {
    const reader = new CommandReader(msnp8.payloadCommands);
    const seen: string[] = [];
    const bytes = Buffer.from("QNG\r\nNOT x\r\nQNG\r\n");
    expect(() => reader.push(bytes, { take: ({ name }) => void seen.push(name) })).to.throw(MsnError);
    expect(seen).to.deep.equal(["QNG"]);
  });

  it("knows the marks of transcripts", () => {
    expect(parseTranscript("remark\nC: PNG\nS| a⏎⇥\n")).to.deep.equal([
      { by: "C", bytes: Buffer.from("PNG\r\n") },
      { by: "S", bytes: Buffer.from("a\r\n\t") },
    ]);
  });
});
