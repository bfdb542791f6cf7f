import { Readable } from "node:stream";
import { expect } from "chai";
import { peek } from "../../../src/matrix/media/media-content.ts";
import { readAll, streamOf, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

describe("matrix/media/media-content", () => {
  for (const size of [0, 1, 99, 100, 101, 300_000]) {
    for (const chunk of [1, 100, 65_536]) {
      if (size / chunk > 1000) continue;
      it(`looks at 100 bytes of ${size} in chunks of ${chunk}, and still has all`, async () => {
        const bytes = testBytes(size);
        const { beginning, content } = await peek(streamOf(bytes, chunk), 100);
        expect(beginning.length).to.be.at.least(Math.min(size, 100));
        expect(bytes.subarray(0, beginning.length)).to.deep.equal(beginning);
        expect(await readAll(content)).to.deep.equal(bytes);
      });
    }
  }

  it("fails as the stream does, while it looks and afterwards", async () => {
    const trouble = new Error("the contact cancelled");
    const early = new Readable({ read: () => undefined });
    const looking = rejection(peek(early, 100));
    early.destroy(trouble);
    expect(await looking).to.equal(trouble);
    const late = new Readable({ read: () => undefined });
    late.push(testBytes(200));
    const { content } = await peek(late, 100);
    late.destroy(trouble);
    await until("it to be noticed, by nobody", () => content.destroyed);
    expect(await rejection(readAll(content))).to.equal(trouble);
  });

  it("ends the stream with what is made of it", async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push(testBytes(200));
    const { content } = await peek(stream, 100);
    content.destroy();
    await until("the stream to be ended", () => stream.destroyed);
  });
});
