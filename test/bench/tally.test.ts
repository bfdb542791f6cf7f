import { expect } from "chai";
import { everywhere, inTurn, mustBeWhole, Tally, type Received } from "../../bench/stage/tally.ts";

function came(...numbers: readonly number[]): Received {
  return { room: numbers.map((number) => [number, 0]) };
}

const EXPECTED = everywhere(["room"], 1, 3);

describe("the tally of the bench", () => {
  it("is content when everything has come once and in order", () =>
    expect(() => mustBeWhole(came(1, 2, 3), EXPECTED)).not.to.throw());

  for (const [fault, received] of [
    ["room: missing: 2 (1)", came(1, 3)],
    ["room: missing: 1, 2, 3 (3)", {}],
    ["room: doubled: 2 (1)", came(1, 2, 2, 3)],
    ["room: never sent: 4 (1)", came(1, 2, 3, 4)],
    ["room: out of order", came(1, 3, 2)],
    ["other: nobody wrote there", { ...came(1, 2, 3), other: [[1, 0]] }],
  ] as const satisfies readonly (readonly [string, Received])[])
    it(`says "${fault}"`, () => expect(() => mustBeWhole(received, EXPECTED)).to.throw(fault));

  it("knows which numbers belong to conversations that take turns", () =>
    expect([...inTurn(["a", "b"], 10, 3)]).to.deep.equal([
      ["a", [10, 12]],
      ["b", [11]],
    ]));

  it("counts what arrives, by conversation, until it is taken", async () => {
    const tally = new Tally();
    tally.add("a", "1 hello");
    tally.add("b", "1 hello");
    tally.add("a", "2 hello");
    await tally.until(3);
    expect(Object.entries(tally.take()).map(([name, all]) => [name, all.map(([number]) => number)])).to.deep.equal([
      ["a", [1, 2]],
      ["b", [1]],
    ]);
    expect(tally.take()).to.deep.equal({});
  });

  it("takes a text that has no number for one that nobody sent", () => {
    const tally = new Tally();
    tally.add("room", "hello");
    expect(() => mustBeWhole(tally.take(), EXPECTED)).to.throw("never sent: -1");
  });
});
