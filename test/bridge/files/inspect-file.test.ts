import { Readable } from "node:stream";
import { expect } from "chai";
import { inspectFile } from "../../../src/bridge/files/inspect-file.ts";
import type { MediaDownload } from "../../../src/matrix/media/media-fetch.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { MediaBench, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";

const LIMITS = { maxBytes: 1_000_000, signal: new AbortController().signal };

describe("bridge/files/inspect-file", () => {
  let bench: MediaBench;
  beforeEach(async () => void (bench = await MediaBench.open()));
  afterEach(() => bench.close());

  it("reads no more than the beginning where the homeserver says how large the file is", async () => {
    const mxc = bench.fake.media.put(testBytes(300_000), "application/octet-stream", "x");
    const found = await inspectFile(bench.media(), { mxc, name: "a.bin" }, LIMITS);
    expect(found).to.deep.equal({ file: "a.bin", size: 300_000 });
  });

  for (const size of [0, 5, 300_000]) {
    it(`counts ${size} bytes where it does not`, async () => {
      const content = Readable.from(size === 0 ? [] : [testBytes(size)], { objectMode: false });
      const unknown = { name: undefined, size: undefined, range: undefined };
      const download = (): Promise<MediaDownload> =>
        Promise.resolve({ content, type: "application/octet-stream", ...unknown });
      expect(await inspectFile({ download }, { mxc: "mxc://x/a", name: "a.bin" }, LIMITS)).to.deep.equal({
        file: "a.bin",
        size,
      });
    });
  }

  it("takes the name from the homeserver where the event has none, and the type from the bytes", async () => {
    const mxc = bench.fake.media.put(Buffer.from("%PDF-1.7\n%âãÏÓ\n1 0 obj\n"), "application/octet-stream", "report");
    expect(await inspectFile(bench.media(), { mxc, name: "file" }, LIMITS)).to.include({ file: "report.pdf" });
    const named = await inspectFile(bench.media(), { mxc, name: "mine", mimetype: "text/plain" }, LIMITS);
    expect(named.file).to.equal("mine.pdf");
  });

  it("fails where the homeserver does not have it", async () => {
    const error = await rejection(inspectFile(bench.media(), { mxc: "mxc://localhost/gone", name: "a" }, LIMITS));
    expect(error).to.be.instanceOf(MatrixError).and.include({ code: "not-found" });
  });
});
