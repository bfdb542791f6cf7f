import { expect } from "chai";
import { LatestMap } from "../../src/util/latest-map.ts";

describe("util/latest-map", () => {
  it("keeps the last so many, however many there are", () => {
    const map = new LatestMap<number, string>(3);
    for (let at = 0; at < 1000; at += 1) {
      map.set(0, "again");
      map.set(at, `${at}`);
    }
    expect(map.size).to.equal(3);
    expect([0, 999, 998, 997].map((key) => map.get(key))).to.deep.equal(["again", "999", "998", undefined]);
    map.delete(999);
    expect([map.size, map.get(999)]).to.deep.equal([2, undefined]);
  });
});
