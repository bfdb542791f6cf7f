import { Duplex, PassThrough, Readable } from "node:stream";
import { expect } from "chai";
import {
  MsnError,
  type FileOptions,
  type FileSend,
  type FileSource,
  type TransferOutcome,
} from "../../../src/msn/index.ts";
import type { Listen } from "../../../src/msn/net/listen.ts";
import { encodeInvitation } from "../../../src/msn/wire/encode-invitation.ts";
import type { CancelCode } from "../../../src/msn/wire/invitation.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bytesOf, contentOf, MemoryNet, MIA, NILS, Side, type Hand } from "../../support/transfers.ts";
import { until } from "../../support/until.ts";

const LISTENS: FileOptions = { publicAddress: "9.9.9.9" };

interface Bench {
  net: MemoryNet;
  mia: Side;
  send: FileSend;
}

/** Mia offers a file to Nils, who is in the hand of the test. */
function offered(file: Partial<FileSource> & { bytes?: Buffer } = {}, files: FileOptions = LISTENS): Bench {
  const net = new MemoryNet();
  const { clock, dial, listen } = net;
  const { bytes = Buffer.from("Hello world!"), ...rest } = file;
  const mia = new Side(MIA, { clock, dial, files: { listen, ...files } });
  const send = mia.transfers.offer(NILS, { name: "a.txt", size: bytes.length, content: contentOf(bytes), ...rest });
  return { net, mia, send };
}

function accept({ mia, send }: Bench, fields = ""): void {
  const yes = encodeInvitation({ type: "accept", cookie: send.cookie });
  mia.hear(NILS, yes.replace("Launch", `${fields}Launch`));
}

/** Nils wants to be connected to himself. */
const REVERSE = "IP-Address: 8.8.8.8\r\nPort: 6899\r\nAuthCookie: 77\r\nSender-Connect: TRUE\r\n";

/** What Mia has told Nils of where she listens. */
async function address({ mia }: Bench): Promise<{ port: number; authCookie: string }> {
  return until("an address", () => {
    const last = mia.said.at(-1);
    return last?.type === "accept" ? last.transfer : undefined;
  });
}

/** Nils has connected and shown who he is, and knows the size. */
async function greeted(bench: Bench): Promise<Hand> {
  accept(bench);
  const { port, authCookie } = await address(bench);
  const hand = bench.net.knock(port);
  hand.say("VER MSNFTP\r\n");
  await hand.expect("VER MSNFTP\r\n");
  hand.say(`USR ${NILS} ${authCookie}\r\n`);
  await hand.expect(`FIL ${bench.send.size}\r\n`);
  return hand;
}

async function started(bench: Bench): Promise<Hand> {
  const hand = await greeted(bench);
  hand.say("TFR\r\n");
  return hand;
}

function cancel({ send }: Bench, code: string): string {
  return encodeInvitation({ type: "cancel", cookie: send.cookie, code: "FAIL" }).replace("FAIL", code);
}

async function expectNothingLeft({ net }: Bench, ...hands: Hand[]): Promise<void> {
  for (const hand of [...net.hands, ...hands]) {
    await until("the end of the connection", () => hand.isEnded || hand.isClosed);
    hand.end();
  }
  await until("no timer", () => net.clock.waiting === 0);
  expect(net.open).to.deep.equal([]);
}

async function expectFailure(bench: Bench, problem: string, ...hands: Hand[]): Promise<void> {
  const outcome = await bench.send.done;
  expect(outcome).to.include({ state: "failed", problem });
  if (outcome.state === "failed") expect(outcome.error).to.be.instanceOf(MsnError);
  await expectNothingLeft(bench, ...hands);
}

describe("msn/transfer/file-send", () => {
  it("speaks MSNFTP as other clients do", async () => {
    const bytes = bytesOf(4097);
    const bench = offered({ bytes, name: "C:\\größe.txt" });
    const { mia, send } = bench;
    const events: Array<string | number> = [];
    send.on("accepted", () => events.push("accepted"));
    send.on("progress", (count) => events.push(count));
    expect(mia.said).to.deep.equal([{ type: "file-invite", cookie: send.cookie, file: "größe.txt", size: 4097 }]);
    const hand = await started(bench);
    for (const [head, start, end] of [
      ["00fd07", 0, 2045],
      ["00fd07", 2045, 4090],
      ["000700", 4090, 4097],
    ] as const) {
      await hand.expect(Buffer.from(head, "hex"));
      await hand.expect(bytes.subarray(start, end));
    }
    expect(bench.net.open).to.deep.equal([]);
    hand.say("BYE 16777989\r\n");
    expect(await send.done).to.deep.equal({ state: "done" });
    expect((await hand.rest()).length).to.equal(0);
    expect(events).to.deep.equal(["accepted", 4090, 4097]);
    expect(send).to.include({ name: "größe.txt", size: 4097, bytes: 4097, contact: NILS });
    expect(mia.said[1]).to.deep.nested.include({ "transfer.address": "9.9.9.9", "transfer.senderConnect": false });
    await expectNothingLeft(bench, hand);
  });

  it("connects to a receiver who listens, and lets him speak first", async () => {
    const bench = offered({}, {});
    expect(bench.mia.lastWords).to.include("Connectivity: N\r\n");
    accept(bench, REVERSE);
    accept(bench, REVERSE);
    const hand = await bench.net.hand();
    expect(bench.net.dialled).to.deep.equal(["8.8.8.8 6899"]);
    await bench.net.clock.advance(10);
    expect(hand.heard).to.equal("");
    hand.say("VER 1 MSNFTP\r\nUSR Nils@Example.com 77\r\n");
    await hand.expect("VER MSNFTP\r\nFIL 12\r\n");
    hand.say("TFR\r\n");
    await hand.expect(Buffer.concat([Buffer.from([0, 12, 0]), Buffer.from("Hello world!")]));
    hand.say("BYE 16777987\r\n");
    expect(await bench.send.done).to.deep.equal({ state: "done" });
    await expectNothingLeft(bench);
  });

  it("connects to a receiver who says where he is when nobody can connect to us", async () => {
    const bench = offered({}, {});
    accept(bench, REVERSE.replace("Sender-Connect: TRUE\r\n", ""));
    await bench.net.hand();
    expect(bench.net.dialled).to.deep.equal(["8.8.8.8 6899"]);
    bench.send.cancel();
    await expectNothingLeft(bench);
  });

  it("says when neither side can be connected to", async () => {
    const bench = offered({}, {});
    accept(bench);
    await expectFailure(bench, "no-address");
    expect(bench.mia.lastWords).to.include("Cancel-Code: FAIL\r\n");
  });

  it("connects to no refused address", async () => {
    for (const host of ["10.0.0.1", "localhost", "::1"]) {
      const bench = offered({}, {});
      accept(bench, REVERSE.replace("8.8.8.8", host));
      await expectFailure(bench, "address-refused");
      expect(bench.net.dialled).to.deep.equal([]);
      expect(bench.mia.lastWords).to.include("Cancel-Code: FAIL\r\n");
    }
  });

  it("sends a file without bytes", async () => {
    const bench = offered({ bytes: Buffer.alloc(0) });
    const hand = await started(bench);
    hand.say("BYE 16777989\r\n");
    expect(await bench.send.done).to.deep.equal({ state: "done" });
    await expectNothingLeft(bench, hand);
  });

  const CODES: readonly CancelCode[] = [
    "REJECT",
    "REJECT_NOT_INSTALLED",
    "TIMEOUT",
    "FAIL",
    "FTTIMEOUT",
    "OUTBANDCANCEL",
  ];

  for (const code of CODES) {
    it(`hears ${code}, and says it, before the yes, after it and in the middle`, async () => {
      const byThem: TransferOutcome = { state: "cancelled", by: "them", code };
      const offer = offered();
      offer.mia.hear(NILS, cancel(offer, code.toLowerCase()));
      expect(await offer.send.done).to.deep.equal({ ...byThem, state: "declined" });
      await expectNothingLeft(offer);
      const agreed = offered();
      accept(agreed);
      await address(agreed);
      agreed.mia.hear(NILS, cancel(agreed, code));
      expect(await agreed.send.done).to.deep.equal(byThem);
      await expectNothingLeft(agreed);
      const middle = offered({ bytes: bytesOf(100_000) });
      const hand = await started(middle);
      middle.mia.hear(NILS, cancel(middle, code));
      expect(await middle.send.done).to.deep.equal(byThem);
      await expectNothingLeft(middle, hand);

      const early = offered();
      early.send.cancel(code);
      expect(await early.send.done).to.deep.equal({ state: "cancelled", by: "us", code });
      expect(early.mia.lastWords).to.include(`Cancel-Code: ${code}\r\n`);
      await expectNothingLeft(early);
      const late = offered();
      accept(late);
      await address(late);
      late.send.cancel(code);
      expect(late.mia.lastWords).to.include(`Cancel-Code: ${code}\r\n`);
      await expectNothingLeft(late);
    });
  }

  it("does not take an offer back before it is made", async () => {
    const net = new MemoryNet();
    const mia = new Side(MIA, { clock: net.clock, files: { listen: net.listen } });
    const written = Promise.withResolvers<{ state: "delivered" }>();
    mia.delivery = () => written.promise;
    const send = mia.transfers.offer(NILS, { name: "a", size: 1, content: contentOf(bytesOf(1)) });
    send.cancel();
    expect(await send.done).to.include({ state: "cancelled" });
    expect(mia.said).to.deep.equal([]);
    written.resolve({ state: "delivered" });
    await until("the cancel", () => mia.said.length === 1);
    expect(mia.lastWords).to.include("Cancel-Code: OUTBANDCANCEL\r\n");
  });

  it("cancels in the middle with a block that ends it", async () => {
    const content = new PassThrough();
    const bench = offered({ size: 10_000, content });
    const hand = await started(bench);
    content.write(bytesOf(5000));
    await hand.expect(Buffer.from([0, 0xfd, 0x07]));
    await until("two blocks", () => hand.heard.length >= 2 * 2048 - 3);
    bench.send.cancel();
    expect(await bench.send.done).to.deep.equal({ state: "cancelled", by: "us", code: "OUTBANDCANCEL" });
    const rest = await hand.rest();
    expect(rest.subarray(-3).toString("hex")).to.equal("010000");
    expect(rest.length).to.equal(2 * 2048 - 3 + 3);
    expect(content.destroyed).to.equal(true);
    expect(bench.mia.said).to.have.length(2);
    await expectNothingLeft(bench, hand);
  });

  const LINES: ReadonlyArray<readonly [line: string, outcome: object]> = [
    ["CCL", { state: "cancelled", by: "them", code: "OUTBANDCANCEL" }],
    ["BYE 2164261682", { state: "cancelled", by: "them" }],
    ["BYE 2147942405", { state: "failed", problem: "not-saved" }],
    ["BYE 2164261694", { state: "failed", problem: "stalled" }],
    ["BYE 5", { state: "failed", problem: "not-saved" }],
    ["BYE", { state: "failed", problem: "not-saved" }],
    // All of it has not been sent yet.
    ["BYE 16777989", { state: "failed", problem: "protocol" }],
  ];
  for (const [line, outcome] of LINES) {
    it(`hears ${line} while it writes, and before`, async () => {
      const content = new PassThrough();
      const bench = offered({ size: 10_000, content });
      const hand = await started(bench);
      content.write(bytesOf(3000));
      hand.say(`\r\nXYZ\r\n${line}\r\n`);
      expect(await bench.send.done).to.include(outcome);
      await expectNothingLeft(bench, hand);
      if (line.startsWith("BYE 16")) return;
      const early = offered();
      const other = await greeted(early);
      other.say(`${line.toLowerCase()}\n`);
      expect(await early.send.done).to.include(outcome);
      await expectNothingLeft(early, other);
    });
  }

  it("puts those out who do not know the cookie, and lets the right one in", async () => {
    const bench = offered();
    accept(bench);
    const { port, authCookie } = await address(bench);
    for (const lines of [`USR ${NILS} ${authCookie + 1}`, `USR ${NILS}`, "USR", `XYZ ${authCookie}`, `USR ${NILS} x`]) {
      const stranger = bench.net.knock(port);
      stranger.say(`VER MSNFTP\r\n${lines}\r\n`);
      await until("out", () => stranger.isEnded);
      expect(stranger.heard).to.equal("VER MSNFTP\r\n");
    }
    const other = bench.net.knock(port);
    other.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect((await other.rest()).length).to.equal(0);
    const hand = bench.net.knock(port);
    hand.say(`VER MSNFTP\r\nUSR ${NILS} ${authCookie}\r\nTFR\r\n`);
    await until("the file", () => hand.heard.endsWith("Hello world!"));
    expect(() => bench.net.knock(port)).to.throw("nobody listens");
    hand.say("BYE 16777989\r\n");
    expect(await bench.send.done).to.deep.equal({ state: "done" });
    await expectNothingLeft(bench, hand);
  });

  it("gives up on a receiver who knows no cookie when it is we who connect", async () => {
    const bench = offered({}, {});
    accept(bench, REVERSE);
    const hand = await bench.net.hand();
    hand.say(`VER MSNFTP\r\nUSR ${NILS} 78\r\n`);
    await expectFailure(bench, "protocol");
  });

  it("gives up on garbage instead of the start, an early end, and a file that is not confirmed", async () => {
    const garbage = offered();
    const one = await greeted(garbage);
    one.say("HELLO\r\n");
    await expectFailure(garbage, "protocol", one);
    const early = offered();
    const two = await greeted(early);
    two.end();
    await expectFailure(early, "closed", two);
    const middle = offered({ size: 10, content: new PassThrough() });
    const three = await started(middle);
    three.end();
    await expectFailure(middle, "closed", three);
    const unconfirmed = offered();
    const four = await started(unconfirmed);
    await until("the file", () => four.heard.endsWith("Hello world!"));
    four.end();
    await expectFailure(unconfirmed, "unconfirmed", four);
  });

  it("waits so long for an answer, a connection, and the next byte", async () => {
    const offer = offered();
    await offer.net.clock.advance(300_000);
    await expectFailure(offer, "unanswered");
    expect(offer.mia.lastWords).to.include("Cancel-Code: TIMEOUT\r\n");
    const agreed = offered();
    accept(agreed);
    const { port } = await address(agreed);
    const idler = agreed.net.knock(port);
    await agreed.net.clock.advance(60_000);
    await expectFailure(agreed, "unconnected", idler);
    expect(agreed.mia.lastWords).to.include("Cancel-Code: FTTIMEOUT\r\n");
    const silent = offered();
    const hand = await started(silent);
    await until("the file", () => hand.heard.endsWith("Hello world!"));
    await silent.net.clock.advance(30_000);
    await expectFailure(silent, "stalled", hand);
    const stuck = offered({ size: 10, content: new PassThrough() });
    const other = await started(stuck);
    await stuck.net.clock.advance(30_000);
    await expectFailure(stuck, "content", other);
  });

  it("bears a receiver behind a slow line, who takes a piece each half minute, and asks the content for no more", async () => {
    const clock = new FakeClock();
    const bytes = bytesOf(4 * 32 * 2045);
    const written: Array<{ readonly bytes: Buffer; readonly taken: () => void }> = [];
    const line = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        if (chunk.length < 100) done();
        else written.push({ bytes: Buffer.from(chunk), taken: done });
      },
    });
    const listen: Listen = async (port, onConnection) => {
      setImmediate(() => onConnection(line));
      return Promise.resolve({ port, close: () => undefined });
    };
    const mia = new Side(MIA, { clock, files: { ...LISTENS, listen } });
    const content = contentOf(bytes, bytes.length);
    const send = mia.transfers.offer(NILS, { name: "a.bin", size: bytes.length, content });
    mia.hear(NILS, encodeInvitation({ type: "accept", cookie: send.cookie }));
    const cookie = await until("an address", () => {
      const last = mia.said.at(-1);
      return last?.type === "accept" ? last.transfer?.authCookie : undefined;
    });
    line.push(`VER MSNFTP\r\nUSR ${NILS} ${cookie}\r\nTFR\r\n`);
    for (let piece = 1; piece <= 4; piece += 1) {
      await until(`piece ${piece}`, () => written.length === piece);
      await clock.advance(29_000);
      expect(content.readableEnded || piece < 4).to.equal(true);
      written[piece - 1]?.taken();
    }
    expect(Buffer.concat(written.map((piece) => piece.bytes)).length).to.equal(4 * 65_536);
    line.push("BYE 16777989\r\n");
    expect(await send.done).to.deep.equal({ state: "done" });
    line.push(null);
    line.destroy();
  });

  const CONTENTS: ReadonlyArray<readonly [what: string, content: () => Readable]> = [
    ["is shorter than its size", () => Readable.from([bytesOf(2999)])],
    ["is longer than its size", () => Readable.from([bytesOf(3000), bytesOf(1)])],
    [
      "breaks",
      () =>
        new Readable({
          read() {
            this.destroy(new Error("gone"));
          },
        }),
    ],
    ["is no bytes", () => Readable.from(["text", "more"])],
  ];
  for (const [what, content] of CONTENTS) {
    it(`does not make a file whole that ${what}`, async () => {
      const bench = offered({ size: 3000, content });
      const hand = await started(bench);
      await expectFailure(bench, "content", hand);
      expect(hand.heard.endsWith("\x01\0\0")).to.equal(true);
      // Without the last block.
      expect(hand.heard.length).to.be.at.most(2048 + 3);
    });
  }

  it("ends when its content cannot be opened", async () => {
    const content = (): Readable => {
      throw new Error("gone");
    };
    const bench = offered({ size: 3000, content });
    accept(bench);
    const { port, authCookie } = await address(bench);
    const hand = bench.net.knock(port);
    hand.say(`VER MSNFTP\r\nUSR ${NILS} ${authCookie}\r\n`);
    await expectFailure(bench, "content", hand);
    expect(hand.heard).not.to.include("FIL");
  });

  it("ends when its content breaks before anybody wants it, and looks after what is not needed", async () => {
    const content = new PassThrough();
    const bench = offered({ size: 5, content });
    content.destroy(new Error("gone"));
    await expectFailure(bench, "content");
    const unused = new PassThrough();
    const declined = offered({ size: 5, content: unused });
    declined.mia.hear(NILS, cancel(declined, "REJECT"));
    await declined.send.done;
    await until("destroyed", () => unused.destroyed);
  });

  it("offers nothing that is too large, and no size that is none", async () => {
    const bench = offered({ size: 1001, content: () => Readable.from([]) }, { maxSize: 1000 });
    await expectFailure(bench, "too-large");
    for (const size of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => offered({ size })).to.throw(MsnError, "whole number");
    }
  });

  it("ends when the contact cannot be told, in the words of the server", async () => {
    const net = new MemoryNet();
    const mia = new Side(MIA, { clock: net.clock, files: { listen: net.listen } });
    const error = new MsnError("contact-offline", "the contact is offline", { serverCode: 217 });
    mia.delivery = () => Promise.resolve({ state: "failed", error });
    const send = mia.transfers.offer(NILS, { name: "", size: 1, content: () => contentOf(bytesOf(1)) });
    expect(await send.done).to.deep.equal({ state: "failed", problem: "undelivered", error });
    expect([send.name, net.clock.waiting]).to.deep.equal(["file", 0]);
  });

  it("ends at once when the contact signs out, before the yes and after it", async () => {
    for (const isAccepted of [false, true]) {
      const bench = offered();
      if (isAccepted) {
        accept(bench);
        await address(bench);
      }
      bench.mia.transfers.wentOffline(NILS);
      expect(await bench.send.done).to.include({ state: "failed", problem: "signed-out" });
      await until("nothing is left", () => bench.net.clock.waiting === 0 && bench.net.open.length === 0);
    }
  });
});
