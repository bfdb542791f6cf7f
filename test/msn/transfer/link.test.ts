import { duplexPair } from "node:stream";
import { expect } from "chai";
import { Link } from "../../../src/msn/transfer/link.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { Hand } from "../../support/transfers.ts";
import { until } from "../../support/until.ts";

/** The next bytes that come. */
async function next(link: Link): Promise<Buffer> {
  let come: Buffer = Buffer.alloc(0);
  await link.read((bytes) => {
    come = bytes;
    return "enough";
  });
  return come;
}

function open(): { link: Link; hand: Hand; clock: FakeClock } {
  const [near, far] = duplexPair();
  const clock = new FakeClock();
  return { link: new Link(near, clock), hand: new Hand(far), clock };
}

describe("msn/transfer/link", () => {
  it("reads lines, however they end and are cut, and then bytes", async () => {
    const { link, hand } = open();
    hand.say("VER MSN");
    hand.say("FTP\r\nUSR a 1\n\r\nTFR\r\n\0\x01\x02");
    expect([await link.line(), await link.line(), await link.line(), await link.line()]).to.deep.equal([
      "VER MSNFTP",
      "USR a 1",
      "",
      "TFR",
    ]);
    expect(await next(link)).to.deep.equal(Buffer.from([0, 1, 2]));
    hand.say("BYE");
    hand.end();
    expect(await link.line()).to.equal(undefined);
    expect(await rejection(next(link))).to.have.nested.property("outcome.problem", "closed");
    link.destroy();
  });

  it("refuses a line without end", async () => {
    const { link, hand } = open();
    hand.say("x".repeat(600));
    expect(await rejection(link.line())).to.have.nested.property("outcome.problem", "protocol");
    link.destroy();
  });

  it("reads no faster than it is asked to", async () => {
    const { link, hand } = open();
    for (let at = 0; at < 20; at += 1) hand.say(Buffer.alloc(16_384));
    expect((await next(link)).length).to.be.lessThan(20 * 16_384);
    const takes = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let [bytes, times] = [0, 0];
    const reading = link.read((more) => {
      bytes += more.length;
      return takes[times++]?.promise ?? "more";
    });
    await until("the first bytes", () => times === 1);
    const first = bytes;
    // Whatever would come unasked would come before what goes a longer way.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(bytes).to.equal(first);
    takes[0]?.resolve();
    await until("more bytes", () => times === 2);
    takes[1]?.reject(new Error("no room"));
    expect(await rejection(reading)).to.have.property("message", "no room");
    link.destroy();
  });

  it("gives bytes that nobody else looks at", async () => {
    const { link, hand } = open();
    const bytes = Buffer.from("abc");
    hand.say(bytes);
    const read = await next(link);
    read.fill(0);
    expect(bytes.toString()).to.equal("abc");
    const memory = Buffer.from("xyz");
    await Promise.all([link.write(memory), until("read", () => hand.heard === "xyz")]);
    memory.fill(0);
    expect(hand.heard).to.equal("xyz");
    link.destroy();
  });

  it("says last words, and waits so long for the other side to end it too", async () => {
    const { link, hand, clock } = open();
    link.close("BYE 1\r\n");
    link.close("BYE 2\r\n");
    expect((await hand.rest()).toString()).to.equal("BYE 1\r\n");
    expect(hand.isClosed).to.equal(false);
    await clock.advance(2999);
    expect(clock.waiting).to.equal(1);
    await clock.advance(1);
    expect(clock.waiting).to.equal(0);
  });

  it("leaves no timer when the other side does", async () => {
    const { link, hand, clock } = open();
    hand.say("unread");
    link.close();
    hand.end();
    await until("no timer", () => clock.waiting === 0);
    expect(await link.line()).to.equal(undefined);
    expect(await rejection(link.write("x"))).to.have.nested.property("outcome.problem", "closed");
  });

  it("tells whoever reads or writes that the connection has broken", async () => {
    const [near] = duplexPair();
    const link = new Link(near, new FakeClock());
    const reading = rejection(next(link));
    near.destroy(new Error("reset"));
    expect(await reading).to.have.nested.property("outcome.problem", "closed");
    expect(await rejection(link.write("x"))).to.have.nested.property("outcome.problem", "closed");
    link.close("x");
  });

  it("hands on a share in each turn of the loop, so that all else has its turn too", async () => {
    const [near, far] = duplexPair({ highWaterMark: 16 * 1024 * 1024 });
    const link = new Link(near, new FakeClock());
    const piece = Buffer.alloc(65_536);
    for (let at = 0; at < 100; at += 1) far.write(piece);
    let [bytes, turns, most, before] = [0, 0, 0, 0];
    const isOver = (): boolean => bytes >= 100 * piece.length;
    const reading = link.read((more) => {
      bytes += more.length;
      return isOver() ? "enough" : "more";
    });
    while (!isOver()) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, bytes - before);
      before = bytes;
      turns += 1;
    }
    await reading;
    expect(most).to.be.at.most(512 * 1024);
    expect(turns).to.be.at.least(12);
    link.destroy();
  });
});
