import { expect } from "chai";
import { nextTurn } from "../../src/util/next-turn.ts";
import { TurnShare } from "../../src/util/turn-share.ts";

describe("util/turn-share", () => {
  it("is over when so much was taken, and begins anew in the next turn", async () => {
    let renewed = 0;
    const share = new TurnShare(100, () => (renewed += 1));
    share.take(60);
    expect(share.isOver).to.equal(false);
    share.take(60);
    share.take(60);
    expect([share.isOver, renewed]).to.deep.equal([true, 0]);
    await nextTurn();
    expect([share.isOver, renewed]).to.deep.equal([false, 1]);
  });

  it("calls nobody where it was not used up", async () => {
    let renewed = 0;
    const share = new TurnShare(100, () => (renewed += 1));
    for (let turn = 0; turn < 5; turn += 1) {
      share.take(99);
      await nextTurn();
      expect([share.isOver, renewed]).to.deep.equal([false, 0]);
    }
  });
});
