import { expect } from "chai";
import { IncomingCalls } from "../../../src/msn/chat/incoming-calls.ts";
import { MsnError } from "../../../src/msn/base/errors.ts";
import type { Ring } from "../../../src/msn/base/switchboard-ticket.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const NILS = "nils@example.com";
const SECOND = 1000;

function ring(number: number, caller = NILS): Ring {
  return { address: { host: "sb", port: 1864 }, key: `1.${number}`, session: String(number), caller };
}

/** Each of another, whom we know, or do not. */
function ofMany(count: number, name = "friend"): Ring[] {
  return Array.from({ length: count }, (_, at) => ring(at, `${name}${at}@example.com`));
}

describe("msn/chat/incoming-calls", () => {
  function setUp(): { calls: IncomingCalls; clock: FakeClock; followed: string[] } {
    const clock = new FakeClock();
    const followed: string[] = [];
    const friends = { knows: (account: string) => !account.startsWith("eve") };
    const calls = new IncomingCalls(clock, { follow: ({ session }) => void followed.push(session) }, friends);
    return { calls, clock, followed };
  }

  it("follows a burst at once, and the rest in order, sixty in three seconds", async () => {
    const { calls, clock, followed } = setUp();
    for (const one of ofMany(150)) expect(calls.add(one)).to.equal(undefined);
    expect(followed).to.have.length(60);
    await clock.advance(2999);
    expect(followed).to.have.length(60);
    await clock.advance(1);
    expect(followed).to.have.length(120);
    await clock.advance(3 * SECOND);
    expect(followed).to.deep.equal(Array.from({ length: 150 }, (_, at) => String(at)));
    expect(clock.waiting).to.equal(0);
  });

  it("lets no more than 400 wait, each for less than half a minute", async () => {
    const { calls, clock, followed } = setUp();
    const refusals = ofMany(500).map((one) => calls.add(one));
    expect(refusals.filter((refusal) => refusal === undefined)).to.have.length(460);
    expect(refusals.at(-1)).to.be.instanceOf(MsnError).and.include({ code: "limited" });
    await clock.advance(30 * SECOND);
    expect(followed).to.have.length(460);
    expect(calls.add(ring(1))).to.equal(undefined);
  });

  it("follows twenty of one at once, twenty in ten seconds, and lets no more wait", async () => {
    const { calls, clock, followed } = setUp();
    const refusals = Array.from({ length: 50 }, (_, at) => calls.add(ring(at)));
    expect(refusals.filter((refusal) => refusal === undefined)).to.have.length(40);
    expect(followed).to.have.length(20);
    expect(calls.add(ring(51, "olga@example.com"))).to.equal(undefined);
    expect(followed.at(-1)).to.equal("51");
    await clock.advance(10 * SECOND);
    expect(followed).to.have.length(41);
    expect(clock.waiting).to.equal(0);
  });

  it("gives strangers a lane of their own, and those in it their turns", async () => {
    const { calls, clock, followed } = setUp();
    const refusals = Array.from({ length: 10 }, (_, at) => calls.add(ring(at, "eve@example.com")));
    expect(refusals.filter((refusal) => refusal === undefined)).to.have.length(8);
    const others = ofMany(200, "eve").map((one) => calls.add(one));
    expect(others.filter((refusal) => refusal === undefined)).to.have.length(100 - 3 + 25);
    expect(followed).to.have.length(30);
    expect(calls.add(ring(300))).to.equal(undefined);
    expect(followed).to.have.length(31);
    await clock.advance(60 * SECOND);
    expect(followed).to.have.length(131);
    expect(clock.waiting).to.equal(0);
  });

  it("takes a call that waits and comes again for one", async () => {
    const { calls, clock, followed } = setUp();
    for (let number = 0; number < 20; number += 1) calls.add(ring(number));
    for (let times = 0; times < 100; times += 1) expect(calls.add(ring(99))).to.equal(undefined);
    await clock.advance(60 * SECOND);
    expect(followed.filter((session) => session === "99")).to.have.length(1);
  });

  it("remembers the pace of a thousand callers, and no more", async () => {
    const { calls, clock, followed } = setUp();
    for (let number = 0; number < 20; number += 1) calls.add(ring(number));
    for (const one of ofMany(1000)) {
      calls.add(one);
      await clock.advance(125);
    }
    expect(followed).to.have.length(1020);
    expect(calls.add(ring(99))).to.equal(undefined);
    expect(followed.at(-1)).to.equal("99");
  });

  it("forgets those who wait when it is told to", async () => {
    const { calls, clock, followed } = setUp();
    for (const one of [...ofMany(60), ...ofMany(20, "eve")]) calls.add(one);
    calls.clear();
    expect(clock.waiting).to.equal(0);
    await clock.advance(60 * SECOND);
    expect(followed).to.have.length(80);
    expect(calls.add(ring(61))).to.equal(undefined);
    expect(followed.at(-1)).to.equal("61");
  });
});
