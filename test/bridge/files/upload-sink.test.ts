import { expect } from "chai";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import sharp from "sharp";
import { uploadSink, storeFile } from "../../../src/bridge/files/upload-sink.ts";
import type { MediaUpload } from "../../../src/matrix/media/media.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { Limiter } from "../../../src/util/limiter.ts";
import { FakeClock } from "../../support/fake-clock.ts";
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

  it("tells what is stored, and stores it as it is", async () => {
    const uploads: Array<{ upload: MediaUpload; bytes: Buffer }> = [];
    const upload = async (one: MediaUpload): Promise<string> => {
      const content: Readable = typeof one.content === "function" ? one.content() : one.content;
      uploads.push({ upload: one, bytes: await readAll(content) });
      return `mxc://x/${uploads.length}`;
    };
    const file = {
      media: { upload },
      thumbnails: new Limiter(1, 0),
      name: "a.txt",
      size: 5,
      as: "@ghost:x",
      signal: new AbortController().signal,
      clock: systemClock,
    };
    expect(await storeFile(streamOf(Buffer.from("hello")), file)).to.deep.equal({
      type: "file",
      name: "a.txt",
      kind: "file",
      mxc: "mxc://x/1",
      mimetype: "text/plain",
      size: 5,
    });
    expect(uploads[0]?.bytes.toString()).to.equal("hello");
    expect(uploads[0]?.upload).to.include({ type: "text/plain", name: "a.txt", as: "@ghost:x" });
    expect(
      await rejection(
        storeFile(streamOf(CONTENT), { ...file, media: { upload: () => Promise.reject(new Error("no")) } }),
      ),
    ).to.have.property("message", "no");
  });

  it("does not wait for ever for a thumbnail", async () => {
    const clock = new FakeClock();
    const content = await sharp({ create: { width: 2000, height: 1000, channels: 3, background: "#ff8800" } })
      .png()
      .toBuffer();
    const asked: string[] = [];
    const upload = async ({ name, content: given, signal }: MediaUpload): Promise<string> => {
      asked.push(name);
      if (name === "a.png") {
        await readAll(typeof given === "function" ? given() : given);
        return "mxc://x/1";
      }
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    };
    const file = { name: "a.png", size: content.length, as: "@ghost:x", signal: new AbortController().signal, clock };
    const storing = storeFile(streamOf(content), { media: { upload }, thumbnails: new Limiter(1, 0), ...file });
    await until("the thumbnail", () => asked.length === 2);
    await clock.advance(15_000);
    expect(await storing)
      .to.deep.include({ mxc: "mxc://x/1", w: 2000 })
      .and.not.have.property("thumbnail");
    expect(clock.waiting).to.equal(0);
  });
});
