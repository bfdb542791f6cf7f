import { PassThrough, Writable } from "node:stream";
import { expect } from "chai";
import type { FileOptions, FileReceive, TransferOutcome } from "../../../src/msn/index.ts";
import { encodeInvitation } from "../../../src/msn/wire/encode-invitation.ts";
import type { CancelCode } from "../../../src/msn/wire/invitation.ts";
import { bytesOf, MemoryNet, MIA, NILS, Side, Sink, type Hand } from "../../support/transfers.ts";
import { until } from "../../support/until.ts";

const COOKIE = "33267";
const AUTH = "2086936";

interface Bench {
  net: MemoryNet;
  mia: Side;
  sink: Sink;
  offer: FileReceive;
}

/** Nils, in the hand of the test, offers Mia a file. */
function offered(size: number, files: FileOptions = {}, more = ""): Bench {
  const net = new MemoryNet();
  const { clock, dial, listen } = net;
  const mia = new Side(MIA, { clock, dial, files: { listen, ...files } });
  mia.hear(
    NILS,
    `${encodeInvitation({ type: "file-invite", cookie: COOKIE, file: "../a.txt", size }).trimEnd()}\r\n${more}`,
  );
  const [offer] = mia.offers;
  if (offer === undefined) throw new Error("no offer");
  return { net, mia, sink: new Sink(), offer };
}

function address(host = "8.8.8.8", port = 6891): string {
  const transfer = { address: host, port, authCookie: AUTH, senderConnect: false };
  return encodeInvitation({ type: "accept", cookie: COOKIE, transfer });
}

/** The offer is accepted, and Mia has connected and greeted. */
async function greeted(size: number, files?: FileOptions): Promise<Bench & { hand: Hand }> {
  const bench = offered(size, files);
  bench.offer.accept(bench.sink);
  bench.mia.hear(NILS, address());
  const hand = await bench.net.hand();
  await hand.expect("VER MSNFTP\r\n");
  hand.say("VER MSNFTP\r\n");
  await hand.expect(`USR ${MIA} ${AUTH}\r\n`);
  return { ...bench, hand };
}

/** Mia has asked for the first block. */
async function started(size: number, files?: FileOptions): Promise<Bench & { hand: Hand }> {
  const bench = await greeted(size, files);
  bench.hand.say(`FIL ${size}\r\n`);
  await bench.hand.expect("TFR\r\n");
  return bench;
}

function block(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, data.length & 0xff, data.length >> 8]), data]);
}

function cancel(code: string): string {
  return encodeInvitation({ type: "cancel", cookie: COOKIE, code: "FAIL" }).replace("FAIL", code);
}

/** Nothing of it is left: no socket, no port, no timer, no stream. */
async function expectNothingLeft({ net, sink }: Bench): Promise<void> {
  for (const hand of net.hands) {
    await until("the end of the connection", () => hand.isEnded || hand.isClosed);
    hand.end();
  }
  await until("no timer", () => net.clock.waiting === 0);
  expect(net.open).to.deep.equal([]);
  expect(sink.destroyed).to.equal(true);
}

async function expectFailure(bench: Bench, problem: string): Promise<void> {
  const outcome = await bench.offer.done;
  expect(outcome).to.include({ state: "failed", problem });
  if (outcome.state === "failed") expect(outcome.error).to.have.property("name", "MsnError");
  await expectNothingLeft(bench);
  expect(bench.sink.writableFinished).to.equal(false);
}

describe("msn/transfer/file-receive", () => {
  it("speaks MSNFTP as other clients do", async () => {
    const bench = await started(12);
    const { hand, offer, sink, mia } = bench;
    const progress: number[] = [];
    offer.on("progress", (bytes) => progress.push(bytes));
    hand.say(block(Buffer.from("Hello ")));
    await until("a part", () => offer.bytes === 6);
    hand.say(block(Buffer.from("world!")));
    expect(await offer.done).to.deep.equal({ state: "done" });
    await hand.expect("BYE 16777989\r\n");
    expect(sink.bytes.toString()).to.equal("Hello world!");
    expect(sink.writableFinished).to.equal(true);
    expect(progress).to.deep.equal([6, 12]);
    expect(offer).to.include({ name: "a.txt", size: 12, contact: NILS, cookie: COOKIE });
    expect(mia.said).to.deep.equal([{ type: "accept", cookie: COOKIE }]);
    await expectNothingLeft(bench);
  });

  it("reads byte by byte, a version with a number, and an end behind the last byte", async () => {
    const bench = offered(3);
    bench.offer.accept(bench.sink);
    bench.mia.hear(NILS, address());
    const hand = await bench.net.hand();
    await hand.expect("VER MSNFTP\r\n");
    hand.say("ver 1 msnftp\n");
    await hand.expect(`USR ${MIA} ${AUTH}\r\n`);
    hand.say("fil 3\n");
    await hand.expect("TFR\r\n");
    for (const byte of Buffer.concat([block(Buffer.from("abc")), Buffer.from([1, 0, 0])]))
      hand.say(Buffer.from([byte]));
    expect(await bench.offer.done).to.deep.equal({ state: "done" });
    expect(bench.sink.bytes.toString()).to.equal("abc");
    await expectNothingLeft(bench);
  });

  it("takes a file without bytes", async () => {
    const { hand, offer, sink } = await started(0);
    expect(await offer.done).to.deep.equal({ state: "done" });
    await hand.expect("BYE 16777989\r\n");
    expect(sink.writableFinished).to.equal(true);
    hand.end();
  });

  it("does not read faster than the content takes", async () => {
    const bench = offered(10 * 1024 * 1024);
    const slow = new PassThrough();
    bench.offer.accept(slow);
    bench.mia.hear(NILS, address());
    const hand = await bench.net.hand();
    await hand.expect("VER MSNFTP\r\n");
    hand.say("VER MSNFTP\r\n");
    hand.say(`FIL ${10 * 1024 * 1024}\r\n`);
    await until("TFR", () => hand.heard.includes("TFR"));
    for (let at = 0; at < 500; at += 1) hand.say(block(bytesOf(2045)));
    await until("a part", () => bench.offer.bytes > 0);
    await bench.net.clock.advance(10);
    // What the content takes before it asks to wait, on both its sides, and a piece more.
    expect(bench.offer.bytes).to.be.lessThan(200_000);
    let read = 0;
    slow.on("data", (bytes: Buffer) => (read += bytes.length));
    await until("all", () => read === 500 * 2045);
    bench.offer.cancel();
    slow.on("error", () => undefined);
    await until("the end", () => hand.isEnded);
    hand.end();
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
    it(`says ${code}, and hears it, before the yes, after it and in the middle`, async () => {
      const byThem: TransferOutcome = { state: "cancelled", by: "them", code };
      const early = offered(5);
      early.mia.hear(NILS, cancel(code.toLowerCase()));
      expect(await early.offer.done).to.deep.equal(byThem);
      expect(early.mia.said).to.deep.equal([]);
      const agreed = offered(5);
      agreed.offer.accept(agreed.sink);
      agreed.mia.hear(NILS, cancel(code));
      expect(await agreed.offer.done).to.deep.equal(byThem);
      await expectNothingLeft(agreed);
      const middle = await started(5);
      middle.mia.hear(NILS, cancel(code));
      expect(await middle.offer.done).to.deep.equal(byThem);
      await expectNothingLeft(middle);

      const declined = offered(5);
      declined.offer.decline(code);
      expect(await declined.offer.done).to.deep.equal({ state: "declined", by: "us", code });
      expect(declined.mia.lastWords).to.include(`Cancel-Code: ${code}\r\n`);
      const regretted = offered(5);
      regretted.offer.accept(regretted.sink);
      regretted.offer.cancel(code);
      expect(await regretted.offer.done).to.deep.equal({ state: "cancelled", by: "us", code });
      expect(regretted.mia.lastWords).to.include(`Cancel-Code: ${code}\r\n`);
      await expectNothingLeft(regretted);
    });
  }

  it("takes a code that nobody knows for a cancel", async () => {
    const { mia, offer } = offered(5);
    mia.hear(NILS, cancel("BORED"));
    expect(await offer.done).to.deep.equal({ state: "cancelled", by: "them", code: "unknown" });
  });

  it("cancels in the middle with CCL", async () => {
    const bench = await started(5);
    bench.hand.say(block(Buffer.from("ab")));
    await until("a part", () => bench.offer.bytes === 2);
    bench.offer.cancel();
    expect((await bench.hand.rest()).toString()).to.equal("CCL\r\n");
    expect(await bench.offer.done).to.deep.equal({ state: "cancelled", by: "us", code: "OUTBANDCANCEL" });
    expect(bench.mia.said).to.have.length(1);
    await expectNothingLeft(bench);
  });

  it("is cancelled in the middle by a block that ends it", async () => {
    const bench = await started(5);
    bench.hand.say(Buffer.concat([block(Buffer.from("ab")), Buffer.from([1, 0, 0])]));
    expect(await bench.offer.done).to.deep.equal({ state: "cancelled", by: "them", code: "OUTBANDCANCEL" });
    await expectNothingLeft(bench);
  });

  const GREETINGS: ReadonlyArray<readonly [what: string, problem: string, lines: string]> = [
    ["another size than was announced", "wrong-size", "FIL 11\r\n"],
    ["a size that is none", "wrong-size", "FIL many\r\n"],
    ["garbage instead of the size", "protocol", "\0\x05\0hello\r\n"],
    ["a line without end", "protocol", "x".repeat(2000)],
  ];
  for (const [what, problem, lines] of GREETINGS) {
    it(`gives up on ${what}, and says so on the switchboard`, async () => {
      const bench = await greeted(10);
      bench.hand.say(lines);
      await expectFailure(bench, problem);
      expect(bench.mia.lastWords).to.include("Cancel-Code: FAIL\r\n");
    });
  }

  it("gives up on another protocol, and on a connection that ends at once", async () => {
    for (const [line, problem] of [
      ["VER MSNP8\r\n", "protocol"],
      ["", "closed"],
    ] as const) {
      const bench = offered(10);
      bench.offer.accept(bench.sink);
      bench.mia.hear(NILS, address());
      const hand = await bench.net.hand();
      hand.say(line);
      if (line === "") hand.end();
      await expectFailure(bench, problem);
    }
  });

  const BLOCKS: ReadonlyArray<readonly [what: string, problem: string, bytes: Buffer]> = [
    ["a lying size", "wrong-size", block(Buffer.alloc(11))],
    ["a late block", "wrong-size", Buffer.concat([block(Buffer.alloc(10)), block(Buffer.alloc(1))])],
    ["a last block with more than was announced", "wrong-size", Buffer.from([1, 11, 0])],
    ["a last block with less than was announced", "wrong-size", Buffer.from([1, 9, 0])],
    ["a garbage header", "protocol", Buffer.from([9, 9, 9])],
  ];
  for (const [what, problem, bytes] of BLOCKS) {
    it(`gives up on ${what}`, async () => {
      const bench = await started(10);
      bench.hand.say(bytes);
      await expectFailure(bench, problem);
      expect(bench.mia.said).to.have.length(1);
    });
  }

  it("gives up on an early end, and on a reset", async () => {
    const early = await started(10);
    early.hand.say(block(Buffer.alloc(9)));
    early.hand.end();
    await expectFailure(early, "closed");
    const reset = await started(10);
    reset.hand.destroy();
    await reset.offer.done;
    // A socket would tell us; a stream in memory is given up after a while.
    await reset.net.clock.advance(5000);
    await expectFailure(reset, "closed");
  });

  it("gives up on a sender who stalls, and tells her", async () => {
    const bench = await started(10);
    await bench.net.clock.advance(20_000);
    bench.hand.say(block(Buffer.alloc(5)));
    await until("a part", () => bench.offer.bytes === 5);
    await bench.net.clock.advance(29_999);
    expect(bench.hand.isEnded).to.equal(false);
    // A block without data is no sign of life.
    bench.hand.say(Buffer.from([0, 0, 0]));
    await bench.net.clock.advance(1);
    expect((await bench.hand.rest()).toString()).to.equal("BYE 2164261694\r\n");
    await expectFailure(bench, "stalled");
  });

  it("gives up on a sender who is too slow, however much she sends", async () => {
    const bench = await started(100_000, { minRate: 1000, idleSeconds: 60 });
    for (let second = 0; second < 160; second += 10) {
      bench.hand.say(block(Buffer.alloc(100)));
      await bench.net.clock.advance(10_000);
    }
    await expectFailure(bench, "too-slow");
  });

  it("takes no more than so many bytes in a second", async () => {
    const bench = await started(3000, { maxRate: 1000 });
    for (let at = 0; at < 3; at += 1) bench.hand.say(block(Buffer.alloc(1000)));
    let isDone = false;
    void bench.offer.done.then(() => (isDone = true));
    await bench.net.clock.advance(2999);
    expect(isDone).to.equal(false);
    await bench.net.clock.advance(1);
    expect(await bench.offer.done).to.deep.equal({ state: "done" });
    await expectNothingLeft({ ...bench, sink: Object.assign(new Sink(), { destroyed: true }) });
  });

  it("waits so long for a person, an address, and a connection", async () => {
    const asked = offered(5);
    await asked.net.clock.advance(299_999);
    expect(asked.mia.said).to.deep.equal([]);
    await asked.net.clock.advance(1);
    expect(await asked.offer.done).to.include({ state: "failed", problem: "unanswered" });
    expect(asked.mia.lastWords).to.include("Cancel-Code: TIMEOUT\r\n");
    const agreed = offered(5);
    agreed.offer.accept(agreed.sink);
    await agreed.net.clock.advance(60_000);
    await expectFailure(agreed, "unconnected");
    expect(agreed.mia.lastWords).to.include("Cancel-Code: FTTIMEOUT\r\n");
    const silent = offered(5);
    silent.offer.accept(silent.sink);
    silent.mia.hear(NILS, address());
    await silent.net.hand();
    await silent.net.clock.advance(60_000);
    await expectFailure(silent, "unconnected");
  });

  it("says when nobody answers at the address", async () => {
    const bench = offered(5);
    bench.net.deaf.add("8.8.8.8 6891");
    bench.offer.accept(bench.sink);
    bench.mia.hear(NILS, address());
    await expectFailure(bench, "unreachable");
    expect(bench.mia.lastWords).to.include("Cancel-Code: FTTIMEOUT\r\n");
  });

  it("falls back on the port in other notation", async () => {
    const bench = offered(0);
    bench.net.deaf.add("8.8.8.8 6891");
    bench.offer.accept(bench.sink);
    bench.mia.hear(NILS, address().replace("AuthCookie", `PortX: ${7000 ^ 0x3141}\r\nAuthCookie`));
    await bench.net.hand();
    expect(bench.net.dialled).to.deep.equal(["8.8.8.8 6891", "8.8.8.8 7000"]);
    bench.offer.cancel();
    bench.net.hands[0]?.end();
  });

  it("connects to no refused address, and says so", async () => {
    for (const [host, port] of [
      ["127.0.0.1", 6891],
      ["192.168.1.1", 80],
      ["8.8.8.8", 22],
      ["router.local", 6891],
    ] as const) {
      const bench = offered(5);
      bench.offer.accept(bench.sink);
      bench.mia.hear(NILS, address(host, port));
      await expectFailure(bench, "address-refused");
      expect(bench.net.dialled).to.deep.equal([]);
      expect(bench.mia.lastWords).to.include("Cancel-Code: FAIL\r\n");
    }
  });

  it("listens for a sender who cannot be connected to, if it can", async () => {
    const bench = offered(2, { publicAddress: "9.9.9.9" }, "Connectivity: N\r\n\r\n");
    bench.offer.accept(bench.sink);
    await until("the yes", () => bench.mia.said.length === 1);
    const [yes] = bench.mia.said;
    expect(yes).to.deep.include({ type: "accept", cookie: COOKIE });
    expect(yes).to.deep.nested.include({
      "transfer.address": "9.9.9.9",
      "transfer.port": 6891,
      "transfer.senderConnect": true,
    });
    const stranger = bench.net.knock();
    await stranger.expect("VER MSNFTP\r\n");
    stranger.say("GET / HTTP/1.1\r\n");
    await until("the stranger is out", () => stranger.isEnded);
    const hand = bench.net.knock();
    await hand.expect("VER MSNFTP\r\n");
    hand.say("VER MSNFTP\r\n");
    await until("USR", () => hand.heard.endsWith("\r\n"));
    expect(hand.heard).to.match(/^USR mia@example\.com \d+\r\n$/u);
    hand.say("FIL 2\r\n");
    await until("TFR", () => hand.heard.endsWith("TFR\r\n"));
    expect(bench.net.open).to.deep.equal([]);
    hand.say(block(Buffer.from("ok")));
    hand.end();
    expect(await bench.offer.done).to.deep.equal({ state: "done" });
    expect(bench.net.dialled).to.deep.equal([]);
    await until("no timer", () => bench.net.clock.waiting === 0);
  });

  /** Mia listens, because Nils has said that he cannot, and has told him so. */
  async function listening(files: FileOptions = {}): Promise<Bench> {
    const bench = offered(2, { publicAddress: "9.9.9.9", ...files }, "Connectivity: N\r\n\r\n");
    bench.offer.accept(bench.sink);
    await until("the yes", () => bench.mia.said.length === 1);
    return bench;
  }

  /** Nils sends the file over a connection, whoever has opened it. */
  async function sendOver(bench: Bench, hand: Hand): Promise<void> {
    await hand.expect("VER MSNFTP\r\n");
    hand.say("VER MSNFTP\r\n");
    await until("USR", () => hand.heard.endsWith("\r\n"));
    hand.say("FIL 2\r\n");
    await until("TFR", () => hand.heard.endsWith("TFR\r\n"));
    hand.say(block(Buffer.from("ok")));
    hand.end();
    expect(await bench.offer.done).to.deep.equal({ state: "done" });
    expect(bench.sink.bytes.toString()).to.equal("ok");
    for (const other of bench.net.hands) if (other !== hand) await until("the other end", () => other.isEnded);
    await expectNothingLeft(bench);
  }

  it("also connects to a sender who says where she listens, although she cannot be connected to", async () => {
    const bench = await listening();
    bench.mia.hear(NILS, address());
    await sendOver(bench, await bench.net.hand());
  });

  it("goes on listening when the address that she gives is of no use", async () => {
    const words = [address("127.0.0.1"), address("router.local"), address("8.8.8.8", 7001), address("8.8.8.8", 22)];
    for (const said of words) {
      const bench = await listening();
      bench.net.deaf.add("8.8.8.8 7001");
      bench.mia.hear(NILS, said);
      await bench.net.clock.advance(0);
      await sendOver(bench, bench.net.knock());
    }
  });

  it("takes the file over the connection on which she speaks first, and ends the other", async () => {
    const bench = await listening();
    bench.mia.hear(NILS, address());
    const silent = await bench.net.hand();
    await silent.expect("VER MSNFTP\r\n");
    await sendOver(bench, bench.net.knock());
    expect(silent.isEnded).to.equal(true);
  });

  it("is not put off by somebody else at the address, and says in the end what was wrong there", async () => {
    for (const [said, problem] of [
      [address(), "protocol"],
      [address("8.8.8.8", 7001), "unreachable"],
      [address("127.0.0.1"), "address-refused"],
      ["", "unconnected"],
    ] as const) {
      const bench = await listening();
      bench.net.deaf.add("8.8.8.8 7001");
      if (said !== "") bench.mia.hear(NILS, said);
      await bench.net.clock.advance(0);
      bench.net.hands[0]?.say("SSH-2.0-OpenSSH\r\n");
      await until("what was said to be heard", () => bench.net.hands.every(({ isEnded }) => isEnded));
      await bench.net.clock.advance(60_000);
      await expectFailure(bench, problem);
    }
  });

  it("ends at once when the sender signs out, whatever was agreed", async () => {
    const plain = offered(2);
    plain.offer.accept(plain.sink);
    for (const bench of [offered(2), plain, await listening()]) {
      bench.mia.transfers.wentOffline(NILS);
      bench.offer.accept(bench.sink);
      await expectFailure(bench, "signed-out");
    }
    const leaving = await listening();
    leaving.mia.presence = "offline";
    leaving.mia.transfers.left(NILS, true);
    await expectFailure(leaving, "signed-out");
  });

  it("does not take for signed out who only appears offline, closes the chat, or is somebody else", async () => {
    const bench = await listening();
    bench.mia.isPresent = true;
    bench.mia.transfers.wentOffline(NILS);
    bench.mia.isPresent = false;
    bench.mia.presence = "online";
    bench.mia.transfers.left(NILS, false);
    bench.mia.presence = "unknown";
    bench.mia.transfers.left(NILS, true);
    bench.mia.transfers.wentOffline("olga@example.com");
    await bench.net.clock.advance(59_999);
    await sendOver(bench, bench.net.knock());
  });

  it("waits only a moment for a stranger who has left the chat, and not at all for what goes over", async () => {
    const bench = await listening();
    bench.mia.transfers.left(NILS, false);
    await bench.net.clock.advance(4999);
    expect(bench.net.open).to.have.length(1);
    await bench.net.clock.advance(1);
    await expectFailure(bench, "left");
    const under = await started(2);
    under.mia.transfers.left(NILS, false);
    under.mia.transfers.wentOffline(NILS);
    await under.net.clock.advance(5000);
    under.hand.say(block(Buffer.from("ok")));
    expect(await under.offer.done).to.deep.equal({ state: "done" });
    await expectNothingLeft(under);
  });

  for (const word of ["007", "{5D3E02AB-6190-11d3-BBBB}", "9".repeat(128)]) {
    it(`says the word of the sender as it came: ${word.slice(0, 12)}`, async () => {
      const bench = offered(0);
      bench.offer.accept(bench.sink);
      bench.mia.hear(NILS, address().replace(AUTH, word));
      const hand = await bench.net.hand();
      hand.say("VER MSNFTP\r\n");
      await hand.expect(`VER MSNFTP\r\nUSR ${MIA} ${word}\r\n`);
      bench.offer.cancel();
      hand.end();
    });
  }

  it("takes blocks of any length, and a last one that is headed as such", async () => {
    const bench = await started(70_000);
    const [first, last] = [bytesOf(65_535), bytesOf(70_000 - 65_535)];
    bench.hand.say(block(first));
    bench.hand.say(Buffer.concat([Buffer.from([1]), block(last).subarray(1)]));
    expect(await bench.offer.done).to.deep.equal({ state: "done" });
    expect(bench.sink.bytes.equals(Buffer.concat([first, last]))).to.equal(true);
    await expectNothingLeft(bench);
  });

  it("closes its port when nobody comes, and when it is cancelled", async () => {
    for (const isCancelled of [true, false]) {
      const bench = offered(2, { publicAddress: "9.9.9.9" }, "Connectivity: N\r\n\r\n");
      bench.offer.accept(bench.sink);
      await until("a port", () => bench.net.open.length === 1);
      if (isCancelled) bench.offer.cancel();
      else await bench.net.clock.advance(60_000);
      expect(await bench.offer.done).to.include({ state: isCancelled ? "cancelled" : "failed" });
      await expectNothingLeft(bench);
    }
  });

  it("asks where she listens all the same when it cannot listen itself", () => {
    const { offer, sink, mia } = offered(2, {}, "Connectivity: N\r\n\r\n");
    offer.accept(sink);
    expect(mia.said).to.deep.equal([{ type: "accept", cookie: COOKIE }]);
    offer.cancel();
  });

  it("does not take what is too large", async () => {
    const bench = offered(1001, { maxSize: 1000 });
    bench.offer.accept(bench.sink);
    await expectFailure(bench, "too-large");
    expect(bench.mia.lastWords).to.include("Cancel-Code: REJECT\r\n");
  });

  it("ends when the contact cannot be told", async () => {
    const bench = offered(5);
    bench.mia.delivery = () => Promise.reject(new Error("the queue is full"));
    bench.offer.accept(bench.sink);
    await expectFailure(bench, "undelivered");
  });

  it("ends when the content fails, and tells the sender", async () => {
    const failing = await started(5);
    failing.sink.destroy(new Error("disk full"));
    expect((await failing.hand.rest()).toString()).to.equal("BYE 2147942405\r\n");
    await expectFailure(failing, "content");
    const abandoned = await started(5);
    abandoned.sink.destroy();
    await expectFailure(abandoned, "content");
    const stuck = offered(5);
    const sink = new Writable({ write: () => undefined });
    stuck.offer.accept(sink);
    stuck.mia.hear(NILS, address());
    const hand = await stuck.net.hand();
    hand.say("VER MSNFTP\r\nFIL 5\r\n\0\x05\0hello");
    await until("TFR", () => hand.heard.includes("TFR"));
    await stuck.net.clock.advance(30_000);
    expect(await stuck.offer.done).to.include({ state: "failed", problem: "content" });
    expect(sink.errored).to.have.property("name", "MsnError");
    hand.end();
  });

  it("is accepted once, and not after its end", async () => {
    const bench = offered(5);
    bench.offer.accept(bench.sink);
    const second = new Sink();
    bench.offer.accept(second);
    expect(second.destroyed).to.equal(true);
    await bench.net.clock.advance(0);
    bench.offer.cancel();
    await expectNothingLeft(bench);
    const gone = offered(5);
    gone.mia.hear(NILS, cancel("OUTBANDCANCEL"));
    gone.offer.accept(gone.sink);
    await until("destroyed", () => gone.sink.destroyed);
    expect(gone.mia.said).to.deep.equal([]);
  });
});
