import { expect } from "chai";
import { settleAll } from "../../src/util/settle-all.ts";
import { rejection } from "../support/rejection.ts";

describe("util/settle-all", () => {
  it("waits for the others when one fails, wherever it stands", async () => {
    for (const failing of [0, 1, 2]) {
      const ended: number[] = [];
      const work = [0, 1, 2].map(async (index) => {
        if (index === failing) throw new Error(`number ${index}`);
        await new Promise(setImmediate);
        ended.push(index);
      });
      expect(await rejection(settleAll(work))).to.have.property("message", `number ${failing}`);
      expect(ended).to.have.length(2);
    }
  });

  it("says of several that they failed, and nothing of none", async () => {
    const failures = [Promise.reject(new Error("one")), Promise.resolve(), Promise.reject(new Error("two"))];
    expect(await rejection(settleAll(failures))).to.be.instanceOf(AggregateError);
    await settleAll([Promise.resolve(1)]);
    await settleAll([]);
  });
});
