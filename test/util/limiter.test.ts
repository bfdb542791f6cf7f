import { expect } from "chai";
import { Limiter } from "../../src/util/limiter.ts";

describe("util/limiter", () => {
  it("runs so many at once, the others in the order they came, also after failures", async () => {
    const limiter = new Limiter(2, 10);
    const begun: number[] = [];
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
    const results = gates.map(async ({ promise }, index) =>
      limiter.run(async () => {
        begun.push(index);
        return promise;
      }, full),
    );
    const settled = Promise.allSettled(results);
    await turn();
    expect(begun).to.deep.equal([0, 1]);
    gates[1]?.reject(new Error("failed"));
    await turn();
    expect(begun).to.deep.equal([0, 1, 2]);
    for (const gate of gates) gate.resolve(1);
    await settled;
    expect(begun).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("refuses what may not even wait, and takes more once there is room", async () => {
    const limiter = new Limiter(1, 1);
    const gate = Promise.withResolvers<void>();
    const first = limiter.run(async () => gate.promise, full);
    const second = limiter.run(async () => gate.promise, full);
    let refused: unknown;
    await limiter.run(async () => gate.promise, full).catch((error: unknown) => (refused = error));
    expect(refused).to.be.an("error").with.property("message", "full");
    gate.resolve();
    await Promise.all([first, second]);
    await limiter.run(async () => gate.promise, full);
  });

  it("lets those behind come first where one has as many as one may have", async () => {
    const limiter = new Limiter(3, 10, 2);
    const begun: string[] = [];
    const gates = new Map<string, PromiseWithResolvers<void>>();
    const run = async (name: string): Promise<void> => {
      const gate = Promise.withResolvers<void>();
      gates.set(name, gate);
      return limiter.run(
        async () => {
          begun.push(name);
          return gate.promise;
        },
        full,
        name.slice(0, 1),
      );
    };
    const all = ["e1", "e2", "e3", "e4", "n1", "n2"].map(run);
    await turn();
    expect(begun).to.deep.equal(["e1", "e2", "n1"]);
    gates.get("n1")?.resolve();
    await turn();
    expect(begun.at(-1)).to.equal("n2");
    gates.get("e2")?.resolve();
    await turn();
    expect(begun.at(-1)).to.equal("e3");
    gates.get("n2")?.resolve();
    await turn();
    expect(begun).to.have.length(5);
    for (const gate of gates.values()) gate.resolve();
    await Promise.all(all);
    expect(begun.at(-1)).to.equal("e4");
  });
});

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function full(): Error {
  return new Error("full");
}
