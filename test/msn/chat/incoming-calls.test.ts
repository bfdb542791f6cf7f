import { expect } from "chai";
import { IncomingCalls } from "../../../src/msn/chat/incoming-calls.ts";
import type { Ring } from "../../../src/msn/base/switchboard-ticket.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function ring(number: number): Ring {
  return { address: { host: "sb", port: 1864 }, key: "1.2", session: String(number), caller: "nils@example.com" };
}

describe("msn/chat/incoming-calls", () => {
  function setUp(): { calls: IncomingCalls; clock: FakeClock; followed: string[] } {
    const clock = new FakeClock();
    const followed: string[] = [];
    const calls = new IncomingCalls(clock, { follow: ({ session }) => void followed.push(session) });
    return { calls, clock, followed };
  }

  it("follows a burst at once, and the rest in order, fifty in five seconds", async () => {
    const { calls, clock, followed } = setUp();
    const numbers = Array.from({ length: 130 }, (_, at) => at);
    for (const number of numbers) expect(calls.add(ring(number))).to.equal(true);
    expect(followed).to.have.length(50);
    await clock.advance(4999);
    expect(followed).to.have.length(50);
    await clock.advance(1);
    expect(followed).to.have.length(100);
    await clock.advance(5000);
    expect(followed).to.deep.equal(numbers.map(String));
    expect(clock.waiting).to.equal(0);
  });

  it("lets no more than 500 wait, each for less than a minute", async () => {
    const { calls, clock, followed } = setUp();
    const taken = Array.from({ length: 600 }, (_, at) => calls.add(ring(at)));
    expect(taken.filter((isTaken) => isTaken)).to.have.length(550);
    await clock.advance(60_000);
    expect(followed).to.have.length(550);
    expect(calls.add(ring(1))).to.equal(true);
  });

  it("forgets those who wait when it is told to", async () => {
    const { calls, clock, followed } = setUp();
    for (let number = 0; number < 60; number += 1) calls.add(ring(number));
    calls.clear();
    expect(clock.waiting).to.equal(0);
    await clock.advance(60_000);
    expect(followed).to.have.length(50);
    expect(calls.add(ring(61))).to.equal(true);
    expect(followed.at(-1)).to.equal("61");
  });
});
