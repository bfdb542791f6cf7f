import { once } from "node:events";
import { expect } from "chai";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { uploadSink } from "../../../src/bridge/files/upload-sink.ts";
import { readAll, streamOf, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const CONTENT = testBytes(300_000);

describe("bridge/files/upload-sink", () => {
  it("finishes when what it is for has, and not before", async () => {
    const stored = Promise.withResolvers<void>();
    let bytes: Buffer | undefined;
    const sink = uploadSink(async (content) => {
      bytes = await readAll(content);
      await stored.promise;
    });
    const done = pipeline(streamOf(CONTENT), sink).then(() => "done");
    const early = await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 20, "not yet"))]);
    expect(early).to.equal("not yet");
    expect(bytes?.equals(CONTENT)).to.equal(true);
    stored.resolve();
    expect(await done).to.equal("done");
  });

  it("fails with what it is for, in the middle and at the end", async () => {
    const middle = uploadSink(() => Promise.reject(new Error("no room")));
    expect(await rejection(pipeline(streamOf(CONTENT), middle))).to.have.property("message", "no room");
    const end = uploadSink(async (content) => {
      await readAll(content);
      throw new Error("no room any more");
    });
    expect(await rejection(pipeline(streamOf(CONTENT), end))).to.have.property("message", "no room any more");
  });

  it("never looks complete when it is cut off", async () => {
    const read = Promise.withResolvers<unknown>();
    const sink = uploadSink(async (content) => {
      const error = await rejection(readAll(content));
      read.resolve(error);
      throw error;
    });
    sink.on("error", () => undefined);
    sink.write(CONTENT.subarray(0, 1000));
    sink.destroy(new Error("cut off"));
    expect(await read.promise).to.have.property("message", "cut off");
  });

  it("says that nobody wants any more what has come whole", async () => {
    const gone = Promise.withResolvers<AbortSignal>();
    const sink = uploadSink(async (content, signal) => {
      await readAll(content);
      gone.resolve(signal);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      signal.throwIfAborted();
    });
    sink.on("error", () => undefined);
    sink.end(CONTENT);
    expect((await gone.promise).aborted).to.equal(false);
    sink.destroy(new Error("cancelled"));
    expect((await gone.promise).reason).to.have.property("message", "cancelled");
  });

  it("lets so much come, and more only when that is read", async () => {
    const reading = Promise.withResolvers<Readable>();
    const sink = uploadSink(async (content) => {
      reading.resolve(content);
      await new Promise((resolve) => content.once("end", resolve));
    });
    let written = 0;
    const endless = new Readable({
      read() {
        written += 65_536;
        setImmediate(() => this.push(written > 4_000_000 ? null : Buffer.alloc(65_536)));
      },
    });
    const done = pipeline(endless, sink);
    const content = await reading.promise;
    await until("it to be full", () => sink.writableNeedDrain);
    expect(written).to.be.lessThan(1_000_000);
    content.resume();
    await done;
    expect(written).to.be.greaterThan(4_000_000);
  });

  it("fails when what it is for ends before it does", async () => {
    const sink = uploadSink(async (content) => {
      content.once("data", () => content.destroy());
      await once(content, "close");
    });
    const error = await rejection(pipeline(streamOf(CONTENT), sink));
    expect(error).to.have.property("message", "the file was not read to its end");
  });
});
