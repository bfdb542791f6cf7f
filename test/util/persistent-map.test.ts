import { inspect } from "node:util";
import { expect } from "chai";
import * as fc from "fast-check";
import { PersistentMap } from "../../src/util/persistent-map.ts";
import { countSteps } from "../support/step-counter.ts";

type Change = readonly [key: number, value: number | undefined];

const changes: fc.Arbitrary<Change[]> = fc.array(fc.tuple(fc.nat(150), fc.option(fc.nat(), { nil: undefined })), {
  maxLength: 400,
});

function apply(map: PersistentMap<number, number>, [key, value]: Change): PersistentMap<number, number> {
  return value === undefined ? map.without(key) : map.with(key, value);
}

function numbers(count: number): PersistentMap<number, number> {
  return PersistentMap.from(Array.from({ length: count }, (_, at) => [at, at] as const));
}

describe("util/persistent-map", () => {
  it("holds what a Map would hold after the same changes, and so does each map on the way", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const truth = new Map<number, number>();
        let map = PersistentMap.from<number, number>([]);
        const past: Array<readonly [PersistentMap<number, number>, Map<number, number>]> = [];
        for (const change of all) {
          map = apply(map, change);
          if (change[1] === undefined) truth.delete(change[0]);
          else truth.set(change[0], change[1]);
          past.push([map, new Map(truth)]);
        }
        for (const [snapshot, expected] of past) {
          expect(new Map(snapshot)).to.deep.equal(expected);
          expect(snapshot.size).to.equal(expected.size);
          for (const [key] of all) expect(snapshot.get(key)).to.equal(expected.get(key));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("lets two maps that came from one go their own ways", () => {
    const both = numbers(3);
    const [one, other] = [both.with(7, 1).without(0), both.with(8, 2).with(7, 3)];
    expect([...one]).to.deep.equal([
      [1, 1],
      [2, 2],
      [7, 1],
    ]);
    // The key has one place for both of them.
    expect([...other]).to.deep.equal([...both, [7, 3], [8, 2]]);
    expect([...both.keys()]).to.deep.equal([0, 1, 2]);
  });

  it("does not keep room for keys that are gone", () => {
    let map = numbers(3);
    let most = 0;
    for (let key = 10; key < 5000; key += 1) {
      map = map.with(key, key).without(key);
      most = Math.max(
        most,
        countSteps(() => map.get(1)),
      );
    }
    expect([...map.values()]).to.deep.equal([0, 1, 2]);
    expect(countSteps(() => void [...map])).to.be.below(100);
    expect(most).to.be.below(10);
  });

  for (const count of [100, 1000, 10_000]) {
    it(`copies no more for a change of ${count} entries than for one of a hundred`, () => {
      const map = numbers(count);
      const steps = [
        countSteps(() => map.with(count - 1, 7)),
        countSteps(() => map.with(0, 7)),
        countSteps(() => map.with(count, 7)),
        countSteps(() => map.without(count - 1)),
      ];
      expect(Math.max(...steps)).to.be.below(130);
    });
  }

  it("compares and prints as a Map, and is taken for one by forEach", () => {
    const map = PersistentMap.from(new Map([["a", 1]]));
    expect(PersistentMap.from(map)).to.equal(map);
    expect(map).to.deep.equal(new Map([["a", 1]]));
    expect(inspect(map)).to.equal("Map(1) { 'a' => 1 }");
    const seen: unknown[] = [];
    for (const part of [map.keys(), map.values(), map.entries()]) seen.push(...part);
    map.forEach((value, key, all) => seen.push([value, key, all === map]));
    expect(seen).to.deep.equal(["a", 1, ["a", 1], [1, "a", true]]);
  });
});
