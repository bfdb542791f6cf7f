import { Readable } from "node:stream";
import { expect } from "chai";
import * as fc from "fast-check";
import { ContentError } from "../../../src/matrix/media/media-content.ts";
import type { MediaUpload } from "../../../src/matrix/media/media.ts";
import { EagerClock } from "../../support/eager-clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GHOST, MediaBench, readAll, sha256, streamOf, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const FILE = { size: 11, type: "text/plain", name: "a.txt", as: GHOST };
const UPLOAD = "POST media/v3/upload";
const uploadOf = (bytes: Uint8Array, more: Partial<MediaUpload> = {}): MediaUpload => ({
  ...FILE,
  content: streamOf(bytes),
  size: bytes.length,
  ...more,
});

describe("matrix/media/media", () => {
  let bench: MediaBench;

  beforeEach(async () => {
    bench = await MediaBench.open();
  });

  afterEach(async () => bench.close());

  for (const size of [0, 1, 65_535, 65_536, 65_537, 1_000_000, 8_000_000]) {
    it(`uploads ${size} bytes as they are, in the name of a user`, async () => {
      const bytes = testBytes(size);
      const upload = uploadOf(bytes, { type: "image/png", name: "Ü &?/#.png" });
      const mxc = await bench.media().upload(upload);
      expect(bench.fake.media.files.get(mxc)).to.deep.include({
        size,
        sha256: sha256(bytes),
        type: "image/png",
        name: "Ü &?/#.png",
        uploader: GHOST,
      });
    });
  }

  it("uploads content that comes in any pieces, and gives their memory back where it is said to be its own", async () => {
    const size = 300_000;
    const bytes = testBytes(size);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: size }), { maxLength: 12 }), fc.boolean(), async (cuts, ownsPieces) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), size];
        const pieces = places.slice(1).map((end, at) => {
          const piece = bytes.subarray(places[at], end);
          return Buffer.allocUnsafeSlow(piece.length).fill(piece);
        });
        const held = [...pieces];
        const content = new Readable({ read: () => void content.push(pieces.shift() ?? null) });
        const mxc = await bench.media().upload(uploadOf(bytes, { content, ownsPieces }));
        expect(bench.fake.media.files.get(mxc)?.sha256).to.equal(sha256(bytes));
        if (!ownsPieces) expect(Buffer.concat(held).equals(bytes)).to.equal(true);
      }),
      { numRuns: 20 },
    );
  });

  it("posts what type it may, and octets for one that would break the request", async () => {
    const types = [
      ["text/plain; charset=utf-8", "text/plain; charset=utf-8"],
      ["image/svg+xml", "image/svg+xml"],
      ["text/plain\r\nx: y", "application/octet-stream"],
      ["täxt/plain", "application/octet-stream"],
      ["", "application/octet-stream"],
    ];
    for (const [type = "", posted] of types) {
      const mxc = await bench.media().upload(uploadOf(testBytes(3), { type }));
      expect(bench.fake.media.files.get(mxc)?.type).to.equal(posted);
    }
  });

  describe("with content that is not what was said", () => {
    const table: Array<[what: string, content: () => Readable, code: string]> = [
      ["shorter", () => streamOf(testBytes(10)), "too-short"],
      ["empty", () => Readable.from([], { objectMode: false }), "too-short"],
      ["longer", () => streamOf(testBytes(12)), "too-long"],
    ];
    for (const [what, open, code] of table) {
      it(`leaves nothing behind when it is ${what}, and does not try again`, async () => {
        for (const content of [open(), open]) {
          const error = await rejection(bench.media().upload({ ...FILE, content }));
          expect(error).to.be.instanceOf(ContentError).that.includes({ code });
        }
        expect(bench.paths.filter((path) => path === UPLOAD)).to.have.lengthOf.at.most(2);
        // By the time the next one is there, what was sent before it has been seen.
        await bench.media().upload(uploadOf(testBytes(11)));
        expect(bench.fake.media.files.size).to.equal(1);
      });
    }

    it("leaves nothing behind when what is too much comes late", async () => {
      const content = new Readable({ read: () => undefined });
      content.push(testBytes(11));
      const work = rejection(bench.media().upload({ ...FILE, content }));
      await until("the upload to begin", () => bench.paths.includes(UPLOAD));
      // What was sent with the beginning has been seen by the time that others have been answered.
      for (let times = 0; times < 5; times += 1) await bench.media().uploadLimit();
      content.push(testBytes(1));
      content.push(null);
      expect(await work).to.include({ code: "too-long" });
      expect(bench.fake.media.files.size).to.equal(0);
    });

    it("fails with what the content fails with", async () => {
      const trouble = new Error("the contact cancelled");
      const content = new Readable({ read: () => undefined });
      content.push(testBytes(5));
      const work = rejection(bench.media().upload({ ...FILE, content }));
      await until("the upload to begin", () => bench.paths.includes(UPLOAD));
      content.destroy(trouble);
      expect(await work).to.equal(trouble);
      expect(bench.fake.media.files.size).to.equal(0);
    });

    it("bears content that fails before anybody reads it", async () => {
      const trouble = new Error("the contact cancelled");
      const content = new Readable({ read: () => undefined });
      bench.fake.fail({ path: /config/, slow: { when: "before", ms: 20 }, times: 1 });
      const work = rejection(bench.media().upload({ ...FILE, content }));
      content.destroy(trouble);
      expect(await work).to.equal(trouble);
    });

    it("gives up when nothing more of it comes", async () => {
      const clock = new FakeClock();
      const content = new Readable({ read: () => undefined });
      content.push(testBytes(5));
      const work = rejection(bench.media({ clock }).upload({ ...FILE, content }));
      await until("the upload to begin", () => bench.paths.includes(UPLOAD));
      await until("it waits", () => content.readableLength === 0 && clock.waiting > 0);
      await clock.advance(120_000);
      expect(await work).to.include({ code: "stalled" });
      expect(content.destroyed).to.equal(true);
    });
  });

  describe("with a homeserver that has trouble", () => {
    for (const fault of [{ status: 502, body: "<html>" }, { status: 500 }, {}, { cutAfter: 10 }]) {
      const name = JSON.stringify(fault);
      it(`tries again after ${name} where the content can be opened anew`, async () => {
        const bytes = testBytes(300_000);
        bench.fake.fail({ path: /upload/, times: 2, ...fault });
        let opened = 0;
        const content = (): Readable => {
          opened += 1;
          return streamOf(bytes);
        };
        await bench.media().upload(uploadOf(bytes, { content }));
        expect(opened).to.equal(3);
        expect(bench.fake.media.only.sha256).to.equal(sha256(bytes));
      });

      it(`says so after ${name} where it cannot`, async () => {
        bench.fake.fail({ path: /upload/, times: 1, ...fault });
        const content = streamOf(testBytes(300_000));
        const error = await rejection(bench.media().upload(uploadOf(testBytes(300_000), { content })));
        expect(error).to.include({ name: "MatrixError", code: "unreachable" });
        expect(content.destroyed).to.equal(true);
      });
    }

    it("ends what it has opened, also where nothing more of that comes", async () => {
      bench.fake.fail({ path: /upload/, times: 2 });
      const opened: Readable[] = [];
      const content = (): Readable => {
        const stream = opened.length < 2 ? new Readable({ read: () => undefined }) : streamOf(testBytes(9));
        opened.push(stream);
        return stream;
      };
      await bench.media().upload(uploadOf(testBytes(9), { content }));
      expect(opened.map(({ destroyed }) => destroyed)).to.deep.equal([true, true, true]);
    });

    it("waits as long as it is asked to", async () => {
      const clock = new EagerClock();
      bench.fake.fail({ path: /upload/, times: 1, status: 429, body: { retry_after_ms: 20_000 } });
      bench.fake.fail({ path: /upload/, times: 1, status: 429, headers: { "retry-after": "30" } });
      await bench.media({ clock }).upload(uploadOf(testBytes(9), { content: () => streamOf(testBytes(9)) }));
      expect(clock.waits.filter((ms) => ms >= 20_000)).to.deep.equal([20_000, 30_000]);
    });

    it("does not try again what was refused", async () => {
      bench.fake.fail({ path: /upload/, times: 1, status: 403, body: { errcode: "M_FORBIDDEN", error: "no files" } });
      const content = (): Readable => streamOf(testBytes(9));
      const error = await rejection(bench.media().upload(uploadOf(testBytes(9), { content })));
      expect(error).to.include({ code: "forbidden", reason: "no files" });
      expect(bench.paths.filter((path) => path === UPLOAD)).to.have.length(1);
    });

    it("hears a refusal that comes before it has sent everything", async () => {
      bench.fake.fail({ path: /upload/, times: 1, status: 413, body: { errcode: "M_TOO_LARGE", error: "too much" } });
      const clock = new FakeClock();
      const content = streamOf(testBytes(20_000_000));
      const error = await rejection(bench.media({ clock }).upload({ ...FILE, content, size: 20_000_000 }));
      expect(error).to.include({ code: "too-large" });
      await until("the content to be let go", () => content.destroyed);
      for (let turn = 0; turn < 20; turn += 1) await clock.advance(1);
      expect(clock.waiting).to.equal(0);
    });

    it("does not believe that a file is there of which it has only a part", async () => {
      bench.fake.fail({ path: /upload/, times: 1, status: 200, body: { content_uri: "mxc://localhost/early" } });
      const content = new Readable({ read: () => undefined });
      content.push(testBytes(5));
      expect(await rejection(bench.media().upload({ ...FILE, content }))).to.include({ code: "bad-answer" });
      expect(content.destroyed).to.equal(true);
    });

    it("takes no page of a proxy for an answer", async () => {
      for (const body of ["<html>", { content_uri: "http://elsewhere" }, {}]) {
        bench.fake.fail({ path: /upload/, times: 1, status: 200, body });
        expect(await rejection(bench.media().upload(uploadOf(testBytes(1))))).to.include({ code: "bad-answer" });
      }
    });

    for (const fault of [{ stall: true }, { stallAfter: 100_000 }]) {
      it(`does not wait for ever: ${JSON.stringify(fault)}`, async () => {
        const clock = new FakeClock();
        bench.fake.fail({ path: /upload/, times: 1, ...fault });
        const bytes = testBytes(12_000_000);
        const start = clock.now();
        const work = rejection(bench.media({ clock }).upload(uploadOf(bytes)));
        await until("the upload to begin", () => bench.paths.includes(UPLOAD));
        await until("it to be stuck", async () => {
          await clock.advance(1000);
          return clock.now() - start > 130_000;
        });
        expect(await work).to.include({ code: "timeout" });
        expect(clock.waiting).to.equal(0);
      });
    }
  });

  it("ends an upload when it is told to, and when the bridge stops", async () => {
    const mine = new AbortController();
    const stops = [
      { stop: () => mine.abort(new Error("never mind")), signal: mine.signal, message: "never mind" },
      { stop: () => bench.stopping.abort(), message: "the bridge is stopping" },
    ];
    for (const [at, { stop, message, ...more }] of stops.entries()) {
      const content = new Readable({ read: () => undefined });
      const work = rejection(bench.media().upload({ ...FILE, content, ...more }));
      await until("the upload to begin", () => bench.paths.filter((path) => path === UPLOAD).length === at + 1);
      stop();
      expect((await work).message).to.equal(message);
      expect(content.destroyed).to.equal(true);
    }
    expect(bench.fake.media.files.size).to.equal(0);
  });

  describe("and the largest file that is taken", () => {
    it("reads nothing of one that is larger", async () => {
      bench.fake.media.uploadLimit = 10;
      const content = new Readable({
        read() {
          throw new Error("it was read");
        },
      });
      const error = await rejection(bench.media().upload({ ...FILE, content }));
      expect(error).to.include({ code: "too-large" });
      expect(error.message).to.equal("the homeserver takes files of up to 10 bytes, and this one has 11");
      expect(content.destroyed).to.equal(true);
      expect(bench.paths).to.deep.equal(["GET client/v1/media/config"]);
    });

    it("asks for it once an hour", async () => {
      const clock = new FakeClock();
      const media = bench.media({ clock });
      expect(await media.uploadLimit()).to.equal(50 * 1024 * 1024);
      bench.fake.media.uploadLimit = 5;
      expect(await media.uploadLimit()).to.equal(50 * 1024 * 1024);
      await clock.advance(60 * 60_000);
      expect(await media.uploadLimit()).to.equal(5);
      expect(bench.paths).to.have.length(2);
    });

    it("asks once for all who want to know at the same time", async () => {
      const media = bench.media();
      bench.fake.fail({ path: /config/, times: 1, slow: { when: "before", ms: 50 } });
      await Promise.all(Array.from({ length: 100 }, () => media.uploadLimit()));
      expect(bench.paths).to.have.length(1);
    });

    it("does without where the homeserver does not say", async () => {
      bench.fake.fail({ path: /config/, times: 2, status: 404, body: { errcode: "M_UNRECOGNIZED" } });
      expect(await bench.media().uploadLimit()).to.equal(undefined);
      expect(bench.paths).to.deep.equal(["GET client/v1/media/config", "GET media/v3/config"]);
    });

    it("does not remember that the homeserver was not there", async () => {
      const media = bench.media();
      bench.fake.fail({ path: /config/, times: 1, status: 502, body: "<html>" });
      expect(await rejection(media.uploadLimit())).to.include({ code: "unreachable" });
      expect(await media.uploadLimit()).to.equal(50 * 1024 * 1024);
    });
  });

  it("takes of its content no more than the homeserver takes of it", async () => {
    bench.fake.fail({ path: /upload/, times: 1, stallAfter: 100_000 });
    const size = 40 * 1024 * 1024;
    let read = 0;
    const content = new Readable({
      read() {
        read += 65_536;
        setImmediate(() => this.push(Buffer.alloc(65_536)));
      },
    });
    const ending = new AbortController();
    const work = rejection(bench.media().upload({ ...FILE, content, size, signal: ending.signal }));
    let before = -1;
    await until("it to stand still", () => {
      const hasStopped = read > 0 && read === before;
      before = read;
      return hasStopped;
    });
    // The rest is in the buffers of the network.
    expect(read).to.be.lessThan(size / 2);
    ending.abort(new Error("never mind"));
    expect((await work).message).to.equal("never mind");
  });

  it("works with homeservers from before Matrix 1.11", async () => {
    await bench.close();
    bench = await MediaBench.open({ mood: "conduit" });
    const bytes = testBytes(100_000);
    const mxc = await bench.media().upload(uploadOf(bytes));
    const download = await bench.media().download(mxc);
    expect(await readAll(download.content)).to.deep.equal(bytes);
    expect(bench.paths.map((path) => path.replace(/localhost.*/, ""))).to.deep.equal([
      "GET client/v1/media/config",
      "GET media/v3/config",
      UPLOAD,
      "GET client/v1/media/download/",
      "GET media/v3/download/",
    ]);
  });

  it("never shows the token", async () => {
    bench.fake.fail({ path: /upload/, times: 1 });
    const error = await rejection(bench.media().upload(uploadOf(testBytes(1))));
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.to.contain(
      "as-token",
    );
  });
});
