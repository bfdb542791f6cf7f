import { expect } from "chai";
import { KeptMap } from "../../src/util/kept-map.ts";
import { collectGarbage } from "../support/garbage.ts";

describe("util/kept-map", () => {
  it("keeps what was asked for since the last time but one that it grew older, and forgets the rest", async () => {
    const map = new KeptMap<string, { readonly name: string }>();
    for (const name of ["one", "two", "three"]) map.set(name, { name });
    map.age();
    expect(map.get("two")?.name).to.equal("two");
    expect(map.peek("three")?.name).to.equal("three");
    await collectGarbage();
    expect(map.values()).to.have.length(3);
    map.age();
    await collectGarbage();
    expect(map.values()).to.deep.equal([{ name: "two" }]);
    expect(map.get("one")).to.equal(undefined);
    map.age();
    map.age();
    await collectGarbage();
    expect(map.values()).to.deep.equal([]);
  });

  it("never forgets what is in use elsewhere, and finds the very same", async () => {
    const map = new KeptMap<string, object>();
    const held = {};
    map.set("held", held);
    for (let time = 0; time < 3; time += 1) map.age();
    await collectGarbage();
    expect(map.get("held")).to.equal(held);
  });

  it("forgets at once what is taken out", () => {
    const map = new KeptMap<string, object>();
    map.set("one", {});
    map.delete("one");
    expect([map.get("one"), map.peek("one"), map.values()]).to.deep.equal([undefined, undefined, []]);
  });
});
