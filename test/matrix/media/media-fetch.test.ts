import { once } from "node:events";
import type { LookupFunction } from "node:net";
import { expect } from "chai";
import { RangeNotSatisfiable, type WantedRange } from "../../../src/matrix/media/byte-range.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { Media } from "../../../src/matrix/media/media.ts";
import { refusedAddress } from "../../../src/util/destinations.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MediaBench, readAll, testBytes } from "../../support/media-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";
import { WebServer } from "../../support/web-server.ts";

describe("matrix/media/media-fetch", () => {
  let bench: MediaBench;

  beforeEach(async () => {
    bench = await MediaBench.open();
  });

  afterEach(async () => bench.close());

  for (const size of [0, 1, 65_536, 1_000_000]) {
    it(`fetches ${size} bytes as they are, with what is known of them`, async () => {
      const bytes = testBytes(size);
      const mxc = bench.fake.media.put(bytes, "image/png", 'a "quoted" Ü.png');
      const { content, ...rest } = await bench.media().download(mxc);
      expect(await readAll(content)).to.deep.equal(bytes);
      expect(rest).to.deep.equal({ size, type: "image/png", name: 'a "quoted" Ü.png', range: undefined });
    });
  }

  const RANGES: Array<[wanted: WantedRange, first: number, last: number]> = [
    [{ first: 0 }, 0, 199_999],
    [{ first: 0, last: 0 }, 0, 0],
    [{ first: 70_000, last: 140_000 }, 70_000, 140_000],
    [{ first: 199_999 }, 199_999, 199_999],
    [{ first: 100, last: 999_999 }, 100, 199_999],
  ];
  for (const knowsRanges of [true, false]) {
    for (const [wanted, first, last] of RANGES) {
      it(`fetches ${JSON.stringify(wanted)} where ranges are ${knowsRanges ? "" : "un"}known`, async () => {
        bench.fake.media.knowsRanges = knowsRanges;
        const bytes = testBytes(200_000);
        const mxc = bench.fake.media.put(bytes);
        const { content, size, range } = await bench.media().download(mxc, { range: wanted });
        expect(await readAll(content)).to.deep.equal(bytes.subarray(first, last + 1));
        expect(size).to.equal(last + 1 - first);
        expect(range).to.deep.equal({ first, last, whole: 200_000 });
      });
    }
  }

  it("fetches the last bytes, and says when there are none such", async () => {
    const bytes = testBytes(1000);
    const mxc = bench.fake.media.put(bytes);
    const { content } = await bench.media().download(mxc, { range: { suffix: 10 } });
    expect(await readAll(content)).to.deep.equal(bytes.subarray(990));
    for (const range of [{ first: 1000 }, { suffix: 0 }]) {
      const error = await rejection(bench.media().download(mxc, { range }));
      expect(error).to.be.instanceOf(RangeNotSatisfiable).that.includes({ whole: 1000 });
    }
    bench.fake.fail({ path: /download/, times: 1, status: 416, headers: { "content-range": "bytes */77" } });
    expect(await rejection(bench.media().download(mxc, { range: { first: 99 } }))).to.include({ whole: 77 });
  });

  it("takes no part of a file for the whole", async () => {
    const mxc = bench.fake.media.put("hello");
    bench.fake.fail({ path: /download/, times: 1, status: 206, body: "hel" });
    expect(await rejection(bench.media().download(mxc))).to.include({ code: "bad-answer" });
  });

  it("fetches what is an address of a file only", async () => {
    const wrong = [
      "",
      "mxc://",
      "mxc://localhost/",
      "mxc://localhost/../x",
      "mxc://a/b/c",
      "mxc://a/b?c",
      "http://a/b",
    ];
    for (const text of [
      ...wrong,
      "mxc://a b/c",
      "mxc://a/ü",
      "MXC://a/b",
      "mxc://a/b\n",
      `mxc://a/${"x".repeat(256)}`,
    ]) {
      expect(await rejection(bench.media().download(text)), text).to.include({ code: "not-found" });
    }
    expect(bench.paths).to.deep.equal([]);
  });

  it("asks the old way only where the new one is unknown", async () => {
    const error = await rejection(bench.media().download("mxc://localhost/none"));
    expect(error).to.include({ code: "not-found", errcode: "M_NOT_FOUND" });
    expect(bench.paths).to.deep.equal(["GET client/v1/media/download/localhost/none"]);
  });

  describe("that a homeserver has elsewhere", () => {
    let inside: WebServer;
    let calls: number;

    beforeEach(async () => {
      calls = 0;
      inside = await WebServer.start((_, response) => {
        calls += 1;
        response.end("secret");
      });
    });

    afterEach(async () => inside.stop());

    /** A homeserver that is outside too, and names that lead inside. */
    function outside(allowPrivateAddresses: boolean): Media {
      const lookup: LookupFunction = (name, options, done) => {
        const addresses = name === "hs.example" ? ["127.0.0.1", "9.9.9.9"] : ["127.0.0.1"];
        const found = addresses.map((address) => ({ address, family: 4 }));
        if (options.all === true) done(null, found);
        else done(null, "127.0.0.1", 4);
      };
      const url = bench.fake.url.replace("127.0.0.1", "hs.example");
      return bench.media({ url, redirects: { lookup, allowPrivateAddresses } });
    }

    it("is not fetched inside a network in which it is not, and the one try says why", async () => {
      const { port } = new URL(inside.url);
      for (const host of ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "trap.example", "169.254.169.254", "0.0.0.0"]) {
        const location = `http://${host}:${port}/x`;
        bench.fake.fail({ path: /download/, times: 1, status: 307, headers: { location } });
        const before = bench.paths.length;
        const error = await rejection(outside(false).download("mxc://localhost/x"));
        expect(error, location).to.include({ code: "rejected" });
        expect(refusedAddress(error)?.message, location).to.include(`port ${port}`);
        expect(bench.paths).to.have.length(before + 1);
      }
      expect(calls).to.equal(0);
    });

    it("is fetched there where that is allowed, or where it is inside itself", async () => {
      const location = inside.url;
      for (const media of [outside(true), bench.media()]) {
        bench.fake.fail({ path: /download/, times: 1, status: 307, headers: { location } });
        expect(String(await readAll((await media.download("mxc://localhost/x")).content))).to.equal("secret");
      }
      expect(calls).to.equal(2);
    });

    it("is never fetched from where clouds tell secrets, nor at ports of other services", async () => {
      for (const location of [
        "http://169.254.169.254:8080/latest/meta-data/",
        "http://[::ffff:169.254.169.254]:8080/",
        "http://127.0.0.1:22/",
        "http://127.0.0.1:25/",
      ]) {
        bench.fake.fail({ path: /download/, times: 1, status: 302, headers: { location } });
        const error = await rejection(bench.media().download("mxc://localhost/x"));
        expect(error, location).to.include({ code: "rejected" });
      }
    });
  });

  for (const fault of [{ status: 502, body: "<html>" }, { status: 504 }, {}]) {
    it(`tries again after ${JSON.stringify(fault)}`, async () => {
      const mxc = bench.fake.media.put("hello");
      bench.fake.fail({ path: /download/, times: 3, ...fault });
      const { content } = await bench.media().download(mxc);
      expect(String(await readAll(content))).to.equal("hello");
    });
  }

  it("gives up after some tries", async () => {
    bench.fake.fail({ path: /download/, times: 4 });
    expect(await rejection(bench.media().download("mxc://localhost/x"))).to.include({ code: "unreachable" });
    expect(bench.paths).to.have.length(4);
  });

  it("tells when a file ends too early", async () => {
    const mxc = bench.fake.media.put(testBytes(500_000));
    bench.fake.fail({ path: /download/, times: 1, cutAfter: 200_000 });
    const { content } = await bench.media().download(mxc);
    expect(await rejection(readAll(content)))
      .to.be.instanceOf(MatrixError)
      .that.includes({ code: "unreachable" });
  });

  it("does not wait for ever, neither for the first byte nor for the next", async () => {
    const mxc = bench.fake.media.put(testBytes(500_000));
    const clock = new FakeClock();
    bench.fake.fail({ path: /download/, times: 1, stall: true });
    const first = rejection(bench.media({ clock, tries: 1 }).download(mxc));
    await until("it to be asked", () => bench.paths.length === 1);
    await clock.advance(120_000);
    expect(await first).to.include({ code: "timeout" });
    bench.fake.fail({ path: /download/, times: 1, stallAfter: 200_000 });
    const { content } = await bench.media({ clock }).download(mxc);
    let came = 0;
    content.on("data", (chunk: Buffer) => (came += chunk.length));
    const next = once(content, "close").catch(async (error: unknown) => Promise.resolve(error));
    await until("what comes to have come", () => came === 200_000);
    await clock.advance(60_000);
    expect(await next).to.include({ code: "timeout" });
    expect(clock.waiting).to.equal(0);
  });

  it("does not hurry those who read slowly, and holds little of what they have not read", async () => {
    const clock = new FakeClock();
    const mxc = bench.fake.media.put({ size: 500_000_000, read: (offset, length) => Buffer.alloc(length, offset) });
    const { content } = await bench.media({ clock }).download(mxc);
    content.read(1);
    await until("some to be there", () => content.readableLength > 0);
    await clock.advance(10 * 60_000);
    expect(content.destroyed).to.equal(false);
    expect(content.readableLength).to.be.lessThan(1_000_000);
    content.destroy();
    await until("all timers to be gone", () => clock.waiting === 0);
  });

  it("fetches nothing that is too large", async () => {
    const mxc = bench.fake.media.put(testBytes(1001));
    for (const range of [undefined, { first: 0, last: 10 }]) {
      const error = await rejection(bench.media().download(mxc, { maxBytes: 1000, range }));
      expect(error).to.include({ code: "too-large" });
    }
    expect((await bench.media().download(mxc, { maxBytes: 1001 })).size).to.equal(1001);
  });

  it("notices what grows too large under way", async () => {
    const server = await WebServer.start((_request, response) => {
      response.write(Buffer.alloc(600));
      setImmediate(() => response.end(Buffer.alloc(600)));
    });
    const { content, size } = await bench.media({ url: server.url }).download("mxc://a/b", { maxBytes: 1000 });
    expect(size).to.equal(undefined);
    expect(await rejection(readAll(content))).to.include({ code: "too-large" });
    await server.stop();
  });

  it("goes where it is sent, and shows the token to its homeserver only", async () => {
    const seen: Array<string | undefined> = [];
    const elsewhere = await WebServer.start((request, response) => {
      seen.push(request.headers.authorization);
      response.end("from afar");
    });
    bench.fake.fail({ path: /x$/, times: 1, status: 307, headers: { location: elsewhere.url } });
    const { content } = await bench.media().download("mxc://localhost/x");
    expect(String(await readAll(content))).to.equal("from afar");
    await elsewhere.stop();
    expect(seen).to.deep.equal([undefined]);
    for (const location of ["/round", "file:///etc/passwd", "http://"]) {
      bench.fake.fail({ path: /download|round/, times: 5, status: 302, headers: { location } });
      expect(await rejection(bench.media().download("mxc://localhost/y"))).to.include({ code: "bad-answer" });
      bench.fake.calm();
    }
  });

  it("ends when it is told to, and when the bridge stops", async () => {
    const mxc = bench.fake.media.put({ size: 100_000_000, read: (_, length) => Buffer.alloc(length) });
    const mine = new AbortController();
    const { content } = await bench.media().download(mxc, { signal: mine.signal });
    const reading = rejection(readAll(content));
    mine.abort(new Error("never mind"));
    expect((await reading).message).to.equal("never mind");
    const other = await bench.media().download(mxc);
    const closed = rejection(readAll(other.content));
    bench.stopping.abort();
    expect((await closed).name).to.equal("AbortError");
    expect((await rejection(bench.media().download(mxc))).message).to.equal("the bridge is stopping");
  });
});
