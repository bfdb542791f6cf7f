import { expect } from "chai";
import { giveBack } from "../../src/util/give-back.ts";

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("util/give-back", () => {
  it("gives memory back once whoever handed it on is done with it", async () => {
    const bytes = Buffer.allocUnsafeSlow(100).fill("x");
    giveBack(bytes);
    giveBack(bytes);
    expect(bytes.length).to.equal(100);
    await nextTurn();
    expect(bytes.length).to.equal(0);
    giveBack(bytes);
    await nextTurn();
  });

  it("leaves what shares its memory: small buffers of Node, and parts of others", async () => {
    const small = [Buffer.from("abc"), Buffer.concat([Buffer.from("a"), Buffer.from("b")]), Buffer.allocUnsafe(10)];
    const part = Buffer.allocUnsafeSlow(100).subarray(10);
    const shared = new Uint8Array(new SharedArrayBuffer(10));
    const all = [...small, part, shared];
    const lengths = all.map(({ length }) => length);
    for (const bytes of all) giveBack(bytes);
    await nextTurn();
    expect(all.map(({ length }) => length)).to.deep.equal(lengths);
  });
});
