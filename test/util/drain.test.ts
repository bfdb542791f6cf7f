import { expect } from "chai";
import { Drain } from "../../src/util/drain.ts";
import { until } from "../support/until.ts";

/** A drain of numbers that others put into `queue`. */
function drainOf(
  queue: number[],
  work: (item: number) => Promise<void> = () => Promise.resolve(),
): {
  drain: Drain;
  done: number[];
  errors: unknown[];
} {
  const done: number[] = [];
  const errors: unknown[] = [];
  const step = async (): Promise<boolean> => {
    const item = queue.shift();
    if (item === undefined) return false;
    await work(item);
    done.push(item);
    return true;
  };
  return { drain: new Drain({ step, onError: (error) => void errors.push(error) }), done, errors };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("util/drain", () => {
  it("rests until it is woken, then does everything in order, one at a time", async () => {
    let running = 0;
    let most = 0;
    const { drain, done } = drainOf([1, 2, 3], async () => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
    });
    await turn();
    expect(done).to.deep.equal([]);
    for (let times = 0; times < 5; times += 1) drain.wake();
    await until("all", () => done.length === 3);
    expect(done).to.deep.equal([1, 2, 3]);
    expect(most).to.equal(1);
  });

  it("does not interrupt whoever wakes it", () => {
    let steps = 0;
    const drain = new Drain({
      step: () => Promise.resolve((steps += 1) < 0),
      onError: () => undefined,
    });
    drain.wake();
    expect(steps).to.equal(0);
  });

  it("does what comes while it works", async () => {
    const queue = [1];
    const { drain, done } = drainOf(queue, async (item) => {
      if (item < 3) queue.push(item + 1);
      drain.wake();
      await turn();
    });
    drain.wake();
    await until("all", () => done.length === 3);
  });

  // Each number of turns puts the second call at another place of the drain's own end.
  for (let turns = 0; turns < 12; turns += 1) {
    it(`is woken by a call that comes ${turns} turns of the promise queue after the first`, async () => {
      const queue: number[] = [];
      const { drain, done } = drainOf(queue);
      drain.wake();
      for (let count = 0; count < turns; count += 1) await Promise.resolve();
      queue.push(1);
      drain.wake();
      await turn();
      expect(done).to.deep.equal([1]);
    });
  }

  it("tells of a step that threw, and rests until it is woken again", async () => {
    const { drain, done, errors } = drainOf([1, 2], async (item) => {
      await turn();
      if (item === 1) throw new Error("broken");
    });
    drain.wake();
    await until("the error", () => errors.length === 1);
    await turn();
    expect(done).to.deep.equal([]);
    drain.wake();
    await until("the second", () => done.length === 1);
    expect(String(errors[0])).to.equal("Error: broken");
  });

  it("ends the step that is under way when it is stopped, and starts no other", async () => {
    const gate = Promise.withResolvers<void>();
    const started: number[] = [];
    const { drain, done } = drainOf([1, 2], async (item) => {
      started.push(item);
      await gate.promise;
    });
    drain.wake();
    await until("the first", () => started.length === 1);
    const stopping = drain.stop();
    gate.resolve();
    await stopping;
    expect(done).to.deep.equal([1]);
    drain.wake();
    await turn();
    expect(started).to.deep.equal([1]);
    await drain.stop();
  });
});
