import { once } from "node:events";
import { Readable } from "node:stream";
import { expect } from "chai";
import { lazyStream } from "../../../src/bridge/files/lazy-stream.ts";
import { readAll, streamOf, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

describe("bridge/files/lazy-stream", () => {
  it("is opened when it is read, and gives everything", async () => {
    let opened = 0;
    const stream = lazyStream(async () => {
      opened += 1;
      return Promise.resolve(streamOf(testBytes(200_000)));
    });
    await new Promise(setImmediate);
    expect(opened).to.equal(0);
    expect((await readAll(stream)).equals(testBytes(200_000))).to.equal(true);
    expect(opened).to.equal(1);
  });

  it("fails with what it is made of", async () => {
    expect(await rejection(readAll(lazyStream(() => Promise.reject(new Error("away")))))).to.have.property(
      "message",
      "away",
    );
    const broken = new Readable({ read: () => void broken.destroy(new Error("cut")) });
    expect(await rejection(readAll(lazyStream(() => Promise.resolve(broken))))).to.have.property("message", "cut");
  });

  it("tells when nobody wants it any more", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const stream = lazyStream((signal) => {
      asked.resolve(signal);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("gone"))));
    });
    stream.read();
    const signal = await asked.promise;
    stream.destroy();
    await once(stream, "close");
    expect(signal.aborted).to.equal(true);
  });

  it("takes no more of what it is made of than is read", async () => {
    let taken = 0;
    const endless = new Readable({
      read() {
        taken += 65_536;
        setImmediate(() => this.push(Buffer.alloc(65_536)));
      },
    });
    const stream = lazyStream(() => Promise.resolve(endless));
    stream.once("readable", () => undefined);
    stream.read(0);
    await until("it to be full", () => endless.isPaused());
    const before = taken;
    expect(before).to.be.lessThan(1_000_000);
    stream.resume();
    await until("more", () => taken > 2 * before);
    stream.destroy();
    await once(stream, "close");
    expect(endless.destroyed).to.equal(true);
  });

  it("fails when what it is made of is cut off", async () => {
    const source = new Readable({ read: () => undefined });
    source.push("a");
    const reading = rejection(readAll(lazyStream(() => Promise.resolve(source))));
    await until("it to be read", () => source.readableLength === 0 && source.listenerCount("data") > 0);
    source.destroy();
    expect(await reading).to.have.property("message", "the file was cut off");
  });
});
