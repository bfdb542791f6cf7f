import { expect } from "chai";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { intake, storeFile } from "../../../src/bridge/files/intake.ts";
import type { MediaUpload } from "../../../src/matrix/media.ts";
import { Limiter } from "../../../src/util/limiter.ts";
import { readAll, streamOf, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";

const CONTENT = testBytes(300_000);

describe("bridge/files/intake", () => {
  it("finishes when what it is for has, and not before", async () => {
    const stored = Promise.withResolvers<void>();
    let bytes: Buffer | undefined;
    const sink = intake(async (content) => {
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
    const middle = intake(() => Promise.reject(new Error("no room")));
    expect(await rejection(pipeline(streamOf(CONTENT), middle))).to.have.property("message", "no room");
    const end = intake(async (content) => {
      await readAll(content);
      throw new Error("no room any more");
    });
    expect(await rejection(pipeline(streamOf(CONTENT), end))).to.have.property("message", "no room any more");
  });

  it("never looks complete when it is cut off", async () => {
    const read = Promise.withResolvers<unknown>();
    const sink = intake(async (content) => {
      const error = await rejection(readAll(content));
      read.resolve(error);
      throw error;
    });
    sink.on("error", () => undefined);
    sink.write(CONTENT.subarray(0, 1000));
    sink.destroy(new Error("cut off"));
    expect(await read.promise).to.have.property("message", "cut off");
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
});
