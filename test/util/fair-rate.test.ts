import { expect } from "chai";
import * as fc from "fast-check";
import { FairRate } from "../../src/util/fair-rate.ts";
import { FakeClock } from "../support/fake-clock.ts";

type Kind = "by-user" | "kept";

describe("util/fair-rate", () => {
  let clock: FakeClock;
  let rate: FairRate<Kind>;
  let stopping: AbortController;
  let served: string[];
  beforeEach(() => {
    clock = new FakeClock();
    rate = new FairRate(clock, { burst: 2, everyMs: 500 });
    [stopping, served] = [new AbortController(), []];
  });

  const wants = (kind: Kind, who: string, times = 1, { signal } = stopping): void => {
    for (let count = 0; count < times; count += 1)
      void rate.turn(kind, who, signal).then(() => served.push(`${kind} ${who}`));
  };

  it("lets a burst through at once, and the others at their pace", async () => {
    wants("kept", "anna", 5);
    await clock.advance(0);
    expect(served).to.have.length(2);
    await clock.advance(1499);
    expect(served).to.have.length(4);
    await clock.advance(1);
    expect([served.length, clock.waiting]).to.deep.equal([5, 0]);
  });

  it("makes those who want much wait behind themselves, for each kind", async () => {
    wants("by-user", "mallory", 1000);
    await clock.advance(0);
    wants("by-user", "anna");
    wants("kept", "bob");
    await clock.advance(3 * 500);
    expect(served.slice(2)).to.include("by-user anna").and.to.include("kept bob");
    stopping.abort();
    await clock.advance(0);
    expect(clock.waiting).to.equal(0);
  });

  it("counts nothing for those who do not want their turn any more", async () => {
    const given = new AbortController();
    wants("kept", "anna", 2);
    wants("kept", "mallory", 1000, given);
    await clock.advance(0);
    given.abort();
    await clock.advance(0);
    expect([served.length, clock.waiting]).to.deep.equal([1002, 0]);
    wants("kept", "anna");
    await clock.advance(499);
    expect(served).to.have.length(1002);
    await clock.advance(1);
    expect(served.at(-1)).to.equal("kept anna");
  });

  it("is never kept from one who waits by more than one turn of each other who does, and loses nobody", async () => {
    const asks = fc.array(
      fc.tuple(
        fc.constantFrom<Kind>("by-user", "kept"),
        fc.constantFrom("anna", "bob", "mallory"),
        fc.integer({ min: 1, max: 8 }),
      ),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(asks, async (all) => {
        const time = new FakeClock();
        const fair = new FairRate<Kind>(time, { burst: 1, everyMs: 10 });
        const order: string[] = [];
        let wanted = 0;
        for (const [kind, who, times] of all)
          for (let count = 0; count < times; count += 1) {
            wanted += 1;
            void fair.turn(kind, who, new AbortController().signal).then(() => order.push(`${kind} ${who}`));
          }
        await time.advance(wanted * 10);
        expect(order).to.have.length(wanted);
        // There are two kinds, and three who want something: in any twelve turns everybody who waits has had one.
        for (const one of new Set(order)) {
          const turns = order.flatMap((other, at) => (other === one ? [at] : []));
          for (const [index, at] of turns.slice(1).entries()) expect(at - (turns[index] ?? 0)).to.be.at.most(12);
        }
      }),
      { numRuns: 30 },
    );
  });
});
