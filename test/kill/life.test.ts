import { expect } from "chai";
import { Life } from "./life.ts";

describe("kill/life", () => {
  const NOTES = ["1.5 turn", "2 turn", "2.5 kept m nils ann 1", "7 turn", "8 kept ", "9 kept m nils ann 2", "10 tu"];
  const life = new Life(NOTES.join("\n"));

  it("counts the turns that began after a moment", () => {
    expect([0, 1.5, 1.9, 2, 7, 99].map((at) => life.turnsSince(at))).to.deep.equal([3, 2, 2, 1, 0, 0]);
  });

  it("knows what was kept, and takes nothing from a line that was cut off", () => {
    const numbers = [1, 2, 3].map((number) => `m nils ann ${number}`);
    expect(numbers.map((text) => life.hasKept(text))).to.deep.equal([true, true, false]);
    expect(new Life("1 kept m nils ann 12").hasKept("m nils ann 1")).to.equal(false);
  });

  it("is empty when the probe was never there", () => {
    const none = Life.read("/nowhere/at/all");
    expect([none.turnsSince(0), none.hasKept("")]).to.deep.equal([0, false]);
  });
});
