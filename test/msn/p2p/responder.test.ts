import { expect } from "chai";
import * as fc from "fast-check";
import { P2pResponder } from "../../../src/msn/p2p/responder.ts";
import type { MimeMessage } from "../../../src/msn/wire/mime.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { anyText } from "../../support/any-text.ts";

const OWN = "mia@example.com";
const FROM = "Nils@Example.com";

interface Part {
  readonly data: Buffer;
  readonly identifier?: number;
  readonly offset?: number;
  readonly total?: number;
  readonly flags?: number;
}

function bench(): { responder: P2pResponder; said: string[]; clock: FakeClock } {
  const said: string[] = [];
  const clock = new FakeClock();
  const sendData = (payload: Buffer): void => void said.push(payload.toString("latin1"));
  return { responder: new P2pResponder({ account: OWN, clock, log: NO_LOG }, { sendData }), said, clock };
}

function message({ data, identifier = 7, offset = 0, total = data.length, flags = 0 }: Part, to = OWN): MimeMessage {
  const body = Buffer.alloc(52 + data.length);
  body.writeUInt32LE(identifier, 4);
  body.writeBigUInt64LE(BigInt(offset), 8);
  body.writeBigUInt64LE(BigInt(total), 16);
  body.writeUInt32LE(data.length, 24);
  body.writeUInt32LE(flags, 28);
  data.copy(body, 48);
  return { headers: new Map([["p2p-dest", to]]), body };
}

function invite(more = ""): Buffer {
  return Buffer.from(
    "INVITE MSNMSGR:mia@example.com MSNSLP/1.0\r\nVia: v\r\nCall-ID: {c}\r\n\r\n" +
      `EUF-GUID: {5D3E02AB-6190-11D3-BBBB-00C04F795683}\r\nSessionID: 5\r\n${more}\r\n\0`,
  );
}

// What is answered byte for byte stands in the transcript peer-to-peer.
describe("msn/p2p/responder", () => {
  it("answers the account as it was spelled, without the id of its program", () => {
    const { responder, said } = bench();
    expect(responder.take(`${FROM};{3f1c8a52-77d0-4e0b-9a64-52b18cf0d9e7}`, message({ data: invite() }))).to.equal(
      "file",
    );
    expect(said).to.have.length(2);
    for (const payload of said) expect(payload).to.include(`P2P-Dest: ${FROM}\r\n\r\n`);
    expect(said[1]).to.include("603 Decline\r\nTo: <msnmsgr:Nils@Example.com>\r\nFrom: <msnmsgr:mia@example.com>\r\n");
  });

  it("acknowledges no packet that is an acknowledgement, an error or an end, and nothing that is not whole", () => {
    const { responder, said } = bench();
    for (const flags of [0x01, 0x02, 0x08, 0x40, 0x80, 0x100, 0x01000002])
      responder.take(FROM, message({ data: invite(), flags }));
    responder.take(FROM, message({ data: invite(), total: 5000 }));
    responder.take(FROM, message({ data: invite(), offset: 10 }));
    responder.take(FROM, message({ data: invite(), total: 1 }));
    responder.take(FROM, message({ data: Buffer.alloc(0) }));
    expect(said).to.deep.equal([]);
  });

  it("reads a long invitation, whose end it does not keep, and none with a part missing", () => {
    const { responder, said } = bench();
    const data = invite(`Context: ${"A".repeat(100_000)}\r\n`);
    const parts = (identifier: number): MimeMessage[] =>
      Array.from({ length: Math.ceil(data.length / 1200) }, (_, at) => {
        const part = data.subarray(at * 1200, (at + 1) * 1200);
        return message({ data: part, identifier, offset: at * 1200, total: data.length });
      });
    const wanted = parts(1).map((part) => responder.take(FROM, part));
    expect(wanted.at(-1)).to.equal("file");
    expect(new Set(wanted.slice(0, -1))).to.deep.equal(new Set([undefined]));
    expect(said).to.have.length(2);
    for (const part of parts(2).toSpliced(3, 1)) expect(responder.take(FROM, part)).to.equal(undefined);
    expect(said).to.have.length(2);
  });

  const AGAIN: Array<[what: string, cuts: Array<[from: number, to: number]>]> = [
    [
      "twice in the middle",
      [
        [0, 50],
        [50, 100],
        [50, 100],
        [100, 500],
      ],
    ],
    [
      "cut in another way",
      [
        [0, 50],
        [50, 100],
        [30, 120],
        [110, 500],
      ],
    ],
    [
      "again from the start",
      [
        [0, 50],
        [50, 100],
        [0, 50],
        [50, 100],
        [100, 500],
      ],
    ],
    [
      "an early part late",
      [
        [0, 50],
        [50, 100],
        [60, 90],
        [100, 500],
      ],
    ],
  ];
  for (const [what, cuts] of AGAIN)
    it(`reads an invitation of which parts come ${what}`, () => {
      const { responder, said } = bench();
      const data = invite();
      const wanted = cuts.map(([from, to]) =>
        responder.take(FROM, message({ data: data.subarray(from, to), offset: from, total: data.length })),
      );
      expect(wanted).to.deep.equal([...cuts.slice(1).map(() => undefined), "file"]);
      expect(said).to.have.length(2);
      expect(said[1]).to.include("SessionID: 5\r\n");
    });

  it("knows an invitation to a session by its type, whatever stands beside that", () => {
    for (const type of ["", "; charset=utf-8", " ;x=y"]) {
      const { responder } = bench();
      const head = `Call-ID: {c}\r\nContent-Type: Application/x-msnmsgr-sessionreqbody${type}\r\n`;
      const text = invite().toString().replace("Call-ID: {c}\r\n", head);
      expect(responder.take(FROM, message({ data: Buffer.from(text) })), type).to.equal("file");
    }
  });

  it("keeps a few unfinished messages only, whoever begins them", () => {
    const { responder, said } = bench();
    const data = invite();
    const half = (identifier: number, offset: number): MimeMessage =>
      message({
        data: offset === 0 ? data.subarray(0, 50) : data.subarray(50),
        identifier,
        offset,
        total: data.length,
      });
    for (let identifier = 1; identifier <= 5; identifier += 1) responder.take(FROM, half(identifier, 0));
    expect(responder.take(FROM, half(1, 50))).to.equal(undefined);
    expect(responder.take("olga@example.com", half(5, 50))).to.equal(undefined);
    expect(responder.take(FROM, half(5, 50))).to.equal("file");
    expect(said).to.have.length(2);
  });

  it("does not answer without end, and still tells what a person wants", async () => {
    const { responder, said, clock } = bench();
    for (let times = 0; times < 100; times += 1)
      expect(responder.take(FROM, message({ data: invite() }))).to.equal("file");
    expect(said).to.have.length(80);
    await clock.advance(10_000);
    responder.take(FROM, message({ data: invite() }));
    expect(said).to.have.length(82);
  });

  it("never fails on any bytes, and sends nothing that a switchboard would not take", () => {
    const { responder, said } = bench();
    const field = anyText({ maxLength: 1000 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), field, field, (bytes, via, callId) => {
        responder.take(FROM, { headers: new Map([["p2p-dest", OWN]]), body: Buffer.from(bytes) });
        const text = `INVITE x\r\nVia: ${via}\r\nCall-ID: ${callId}\r\n\r\nSessionID: 99999999999\r\n\r\n\0`;
        responder.take(FROM, message({ data: Buffer.from(text) }));
      }),
    );
    for (const payload of said) expect(payload.length).to.be.at.most(1664);
  });
});
