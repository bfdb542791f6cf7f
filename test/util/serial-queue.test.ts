import { expect } from "chai";
import * as fc from "fast-check";
import { SerialQueue } from "../../src/util/serial-queue.ts";
import { rejection } from "../support/rejection.ts";

describe("util/serial-queue", () => {
  it("keeps the order and runs one at a time, however long each task takes and whichever fail", async () => {
    const tasks = fc.array(fc.record({ turns: fc.nat(5), fails: fc.boolean() }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(tasks, async (plan) => {
        const queue = new SerialQueue(plan.length);
        const seen: string[] = [];
        const results = plan.map(({ turns, fails }, index) =>
          queue.add(async () => {
            seen.push(`begin ${index}`);
            for (let count = 0; count < turns; count += 1) await Promise.resolve();
            seen.push(`end ${index}`);
            if (fails) throw new Error(`task ${index}`);
            return index;
          }),
        );
        const settled = await Promise.allSettled(results);
        expect(seen).to.deep.equal(plan.flatMap((_, index) => [`begin ${index}`, `end ${index}`]));
        expect(settled.map(({ status }) => status === "rejected")).to.deep.equal(plan.map(({ fails }) => fails));
        await queue.idle();
        expect(queue.size).to.equal(0);
      }),
    );
  });

  it("begins no task before the caller has gone on", async () => {
    const queue = new SerialQueue(1);
    let hasBegun = false;
    const added = queue.add(() => Promise.resolve((hasBegun = true)));
    expect(hasBegun).to.equal(false);
    await added;
  });

  it("refuses more than it may hold, until there is room again", async () => {
    const queue = new SerialQueue(2);
    const gate = Promise.withResolvers<string>();
    const [first, second] = [queue.add(() => gate.promise), queue.add(() => Promise.resolve("second"))];
    expect(queue.size).to.equal(2);
    const refused = await rejection(queue.add(() => Promise.resolve("third")));
    expect(refused).to.include({ name: "QueueFullError" });
    expect(queue.size).to.equal(2);
    gate.resolve("first");
    expect(await Promise.all([first, second])).to.deep.equal(["first", "second"]);
    expect(queue.size).to.equal(0);
    expect(await queue.add(() => Promise.resolve("third"))).to.equal("third");
  });

  it("is idle once all that was added so far has ended, also when some of it failed", async () => {
    const queue = new SerialQueue(10);
    await queue.idle();
    const gate = Promise.withResolvers<never>();
    const failing = rejection(queue.add(() => gate.promise));
    let isIdle = false;
    const idle = queue.idle().then(() => (isIdle = true));
    await Promise.resolve();
    expect(isIdle).to.equal(false);
    gate.reject(new Error("broken"));
    await Promise.all([idle, failing]);
  });
});
