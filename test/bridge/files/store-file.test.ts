import { expect } from "chai";
import type { Readable } from "node:stream";
import sharp from "sharp";
import { storeFile } from "../../../src/bridge/files/store-file.ts";
import type { MediaUpload } from "../../../src/matrix/media/media.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { Limiter } from "../../../src/util/limiter.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { readAll, streamOf, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

describe("bridge/files/store-file", () => {
  it("tells what is stored, and stores it as it is", async () => {
    const uploads: Array<{ upload: MediaUpload; bytes: Buffer }> = [];
    const upload = async (one: MediaUpload): Promise<string> => {
      const content: Readable = typeof one.content === "function" ? one.content() : one.content;
      uploads.push({ upload: one, bytes: await readAll(content) });
      return `mxc://x/${uploads.length}`;
    };
    const file = { name: "a.txt", size: 5, as: "@ghost:x", signal: new AbortController().signal };
    const files = { media: { upload }, thumbnails: new Limiter(1, 0) };
    expect(await storeFile({ files, clock: systemClock }, streamOf(Buffer.from("hello")), file)).to.deep.equal({
      type: "file",
      name: "a.txt",
      kind: "file",
      mxc: "mxc://x/1",
      mimetype: "text/plain",
      size: 5,
    });
    expect(uploads[0]?.bytes.toString()).to.equal("hello");
    expect(uploads[0]?.upload).to.include({ type: "text/plain", name: "a.txt", as: "@ghost:x" });
    const refusing = { ...files, media: { upload: () => Promise.reject(new Error("no")) } };
    const refused = storeFile({ files: refusing, clock: systemClock }, streamOf(testBytes(300_000)), file);
    expect(await rejection(refused)).to.have.property("message", "no");
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
    const file = { name: "a.png", size: content.length, as: "@ghost:x", signal: new AbortController().signal };
    const storing = storeFile(
      { files: { media: { upload }, thumbnails: new Limiter(1, 0) }, clock },
      streamOf(content),
      file,
    );
    await until("the thumbnail", () => asked.length === 2);
    await clock.advance(15_000);
    expect(await storing)
      .to.deep.include({ mxc: "mxc://x/1", w: 2000 })
      .and.not.have.property("thumbnail");
    expect(clock.waiting).to.equal(0);
  });
});
