import { expect } from "chai";
import { WriteWatch } from "../../../src/msn/chat/write-watch.ts";

describe("msn/chat/write-watch", () => {
  it("tells the other listener first, each time, and resolves", async () => {
    const seen: boolean[] = [];
    const watch = new WriteWatch({ onWrite: () => void seen.push(watch.isWritten) });
    expect(watch.isWritten).to.equal(false);
    watch.onWrite();
    await watch.written;
    watch.onWrite();
    expect(seen).to.deep.equal([false, true]);
  });

  it("counts nothing as written that the other listener keeps back", () => {
    const watch = new WriteWatch({
      onWrite: () => {
        throw new Error("not now");
      },
    });
    expect(() => watch.onWrite()).to.throw("not now");
    expect(watch.isWritten).to.equal(false);
  });

  it("needs no other listener", () => {
    const watch = new WriteWatch(undefined);
    watch.onWrite();
    expect(watch.isWritten).to.equal(true);
  });
});
