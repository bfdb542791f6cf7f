import { request as httpRequest, type IncomingMessage } from "node:http";
import { expect } from "chai";
import type { Listener } from "../../../src/matrix/listener/listener.ts";
import {
  PUBLIC_MEDIA_PATH,
  PublicMedia,
  type GivenLinks,
  type PublicMediaOptions,
} from "../../../src/matrix/media/public-media.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ListenerBench } from "../../support/listener-bench.ts";
import { MediaBench, readAll, testBytes } from "../../support/media-bench.ts";
import { until } from "../../support/until.ts";
import { timesOf } from "../../support/calendars.ts";

const HOUR = 60 * 60_000;
const ADDRESS = "https://files.example.org";

const EVENT = "$with:localhost";
const GIVEN: GivenLinks = { add: () => "id", has: () => true };

function linkTo(publicMedia: PublicMedia, mxc: string, name: string): { url: string; expires: Date } {
  return publicMedia.link(mxc, name, EVENT);
}

describe("matrix/media/public-media", () => {
  let bench: MediaBench;
  let listeners: ListenerBench;
  let clock: FakeClock;

  beforeEach(async () => {
    bench = await MediaBench.open();
    listeners = new ListenerBench();
    clock = new FakeClock();
  });

  afterEach(async () => {
    bench.stopping.abort();
    await listeners.close();
    await bench.close();
  });

  async function open(
    options: Partial<PublicMediaOptions> = {},
  ): Promise<{ publicMedia: PublicMedia; listener: Listener }> {
    const publicMedia = new PublicMedia({
      secret: "0123456789abcdef",
      address: ADDRESS,
      lifeMs: HOUR,
      maxBytes: 1_000_000,
      given: GIVEN,
      media: bench.media(),
      ...timesOf(clock),
      log: listeners.captured.log,
      ...options,
    });
    const listener = await listeners.listen({ links: publicMedia });
    return { publicMedia, listener };
  }

  // Not `fetch`, which would tidy the path up.
  async function begin(
    { port }: Listener,
    path: string,
    headers: Record<string, string> = {},
    method = "GET",
  ): Promise<IncomingMessage> {
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false });
    const answered = Promise.withResolvers<IncomingMessage>();
    request.once("response", answered.resolve);
    request.on("error", answered.reject);
    request.end();
    return answered.promise;
  }

  async function ask(
    ...question: Parameters<typeof begin>
  ): Promise<{ status: number; headers: IncomingMessage["headers"]; bytes: Buffer }> {
    const response = await begin(...question);
    return { status: response.statusCode ?? 0, headers: response.headers, bytes: await readAll(response) };
  }

  const pathOf = (url: string): string => url.slice(ADDRESS.length);

  it("gives a file to whoever has the link, to be kept and not shown", async () => {
    const { publicMedia, listener } = await open();
    const bytes = testBytes(200_000);
    const { url, expires } = linkTo(publicMedia, bench.fake.media.put(bytes, "image/png"), "Fröhliche 'Ferien'.png");
    expect(url).to.match(/^https:\/\/files\.example\.org\/_matrix\/msn\/media\/[\w.-]+\/[\w.%-]+\.png$/);
    expect(expires).to.deep.equal(new Date(clock.epochMs() + HOUR));
    const answer = await ask(listener, pathOf(url));
    expect(answer.status).to.equal(200);
    expect(answer.bytes).to.deep.equal(bytes);
    expect(answer.headers).to.deep.include({
      "content-type": "image/png",
      "content-length": "200000",
      "content-disposition":
        "attachment; filename=\"Fr_hliche 'Ferien'.png\"; filename*=UTF-8''Fr%C3%B6hliche%20%27Ferien%27.png",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "accept-ranges": "bytes",
    });
    expect(bench.paths).to.deep.equal(["GET client/v1/media/download/localhost/file1"]);
  });

  it("does not let a name lead anywhere", async () => {
    const { publicMedia, listener } = await open();
    const mxc = bench.fake.media.put("hello");
    for (const name of ["../../etc/passwd", "a\r\nset-cookie: b", "", "\u202egnp.exe", `${"ü".repeat(300)}.png`]) {
      const { url } = linkTo(publicMedia, mxc, name);
      expect(url.length).to.be.lessThan(500);
      const answer = await ask(listener, pathOf(url));
      expect(answer.status).to.equal(200);
      expect(answer.headers["content-disposition"]).not.to.match(/\.\.|\/|[\r\n]/);
      expect(answer.headers).not.to.have.property("set-cookie");
    }
  });

  const TYPES: Array<[given: string, served: string]> = [
    ["image/jpeg", "image/jpeg"],
    ["VIDEO/MP4; codecs=x", "video/mp4"],
    ["text/plain", "text/plain; charset=utf-8"],
    ["text/html", "application/octet-stream"],
    ["image/svg+xml", "application/octet-stream"],
    ["application/xhtml+xml", "application/octet-stream"],
    ["text/javascript", "application/octet-stream"],
    ["text/html,image/png", "application/octet-stream"],
  ];
  for (const [given, served] of TYPES) {
    it(`serves ${given} as ${served}`, async () => {
      const { publicMedia, listener } = await open();
      const { url } = linkTo(publicMedia, bench.fake.media.put("<script>", given), "a");
      expect((await ask(listener, pathOf(url))).headers["content-type"]).to.equal(served);
    });
  }

  it("gives parts of it", async () => {
    const { publicMedia, listener } = await open();
    const bytes = testBytes(1000);
    const path = pathOf(linkTo(publicMedia, bench.fake.media.put(bytes), "a").url);
    const part = await ask(listener, path, { range: "bytes=10-19" });
    expect([part.status, part.headers["content-range"], part.headers["content-length"]]).to.deep.equal([
      206,
      "bytes 10-19/1000",
      "10",
    ]);
    expect(part.bytes).to.deep.equal(bytes.subarray(10, 20));
    expect((await ask(listener, path, { range: "bytes=-5" })).bytes).to.deep.equal(bytes.subarray(995));
    const none = await ask(listener, path, { range: "bytes=1000-" });
    expect([none.status, none.headers["content-range"]]).to.deep.equal([416, "bytes */1000"]);
    for (const range of ["bytes=1-2,4-5", "lines=1-2", "bytes=5-1", "bytes=-"]) {
      expect((await ask(listener, path, { range })).status, range).to.equal(200);
    }
    const { etag = "" } = part.headers;
    expect((await ask(listener, path, { range: "bytes=0-0", "if-range": etag })).status).to.equal(206);
    expect((await ask(listener, path, { range: "bytes=0-0", "if-range": '"other"' })).status).to.equal(200);
  });

  it("answers HEAD with the same headers and nothing else, and no other method", async () => {
    const { publicMedia, listener } = await open();
    const path = pathOf(linkTo(publicMedia, bench.fake.media.put(testBytes(1000), "image/gif"), "a.gif").url);
    const { status, headers, bytes } = await ask(listener, path, {}, "HEAD");
    expect([status, headers["content-length"], headers["content-type"], bytes.length]).to.deep.equal([
      200,
      "1000",
      "image/gif",
      0,
    ]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await ask(listener, path, {}, method);
      expect([answer.status, answer.headers["allow"]]).to.deep.equal([405, "GET, HEAD"]);
    }
  });

  it("has one answer for everything that is wrong with a link, and asks nobody", async () => {
    const { publicMedia, listener } = await open();
    const mxc = bench.fake.media.put("hello");
    const path = pathOf(linkTo(publicMedia, mxc, "a.png").url);
    const [token = "", name = ""] = path.slice(PUBLIC_MEDIA_PATH.length).split("/");
    const other = pathOf(linkTo(publicMedia, mxc, "b.png").url);
    const wrong = [
      "",
      "/",
      token,
      `${token}/`,
      `${token}//${name}`,
      `/${token}/${name}`,
      `${token}/${name}/`,
      `${token}/x/../${name}`,
      `${token}/a.jpg`,
      `${token}/%`,
      `${token}/%ff`,
      `${token}/${name}%00`,
      `${token}%2f${name}`,
      `${token.slice(0, -1)}/${name}`,
      `${token}A/${name}`,
      `${token}=/${name}`,
      `${other.slice(PUBLIC_MEDIA_PATH.length).split("/")[0]}/${name}`,
      `mxc%3A%2F%2Flocalhost%2Ffile1/${name}`,
      `localhost/file1`,
      `${"A".repeat(10_000)}/${name}`,
    ];
    const answers = await Promise.all(wrong.map(async (rest) => ask(listener, PUBLIC_MEDIA_PATH + rest)));
    const [first] = answers;
    expect(String(first?.bytes)).to.equal("There is no such file. The link may have been cut off: copy all of it.\n");
    for (const [at, { status, bytes, headers }] of answers.entries()) {
      expect([status, String(bytes)], wrong[at]).to.deep.equal([404, String(first?.bytes)]);
      const { date: _, ...rest } = headers;
      const { date: __, ...same } = first?.headers ?? {};
      expect(rest).to.deep.equal(same);
    }
    expect(bench.paths).to.deep.equal([]);
    expect((await ask(listener, path)).status).to.equal(200);
  });

  for (const byMs of [24 * HOUR, -24 * HOUR]) {
    it(`gives a file for its hour, also where the date is set by ${byMs / HOUR} hours`, async () => {
      const { publicMedia, listener } = await open();
      const path = pathOf(linkTo(publicMedia, bench.fake.media.put("hello"), "a.png").url);
      clock.setDate(byMs);
      await clock.advance(HOUR - 1000);
      expect((await ask(listener, path)).status).to.equal(200);
      await clock.advance(2000);
      expect((await ask(listener, path)).status).to.equal(410);
    });
  }

  it("says when a link has expired, but only of a true one", async () => {
    const { publicMedia, listener } = await open();
    const path = pathOf(linkTo(publicMedia, bench.fake.media.put("hello"), "a.png").url);
    await clock.advance(HOUR - 1000);
    expect((await ask(listener, path)).status).to.equal(200);
    await clock.advance(1000);
    const answer = await ask(listener, path);
    expect([answer.status, String(answer.bytes)]).to.deep.equal([
      410,
      "This link has expired. Ask whoever sent it to send the file again.\n",
    ]);
    expect((await ask(listener, path.replace("a.png", "b.png"))).status).to.equal(404);
  });

  it("gives nothing once the message has been deleted, as if there had never been a link", async () => {
    const links = new Map<string, string>();
    const given: GivenLinks = {
      add: (eventId) => {
        links.set("the-id", eventId);
        return "the-id";
      },
      has: (id) => links.has(id),
    };
    const { publicMedia, listener } = await open({ given });
    const path = pathOf(linkTo(publicMedia, bench.fake.media.put("hello"), "a.txt").url);
    expect([...links.values()]).to.deep.equal([EVENT]);
    expect((await ask(listener, path)).status).to.equal(200);
    links.clear();
    expect((await ask(listener, path)).status).to.equal(404);
  });

  it("says what is wrong with the file, or with the homeserver, in a sentence", async () => {
    const { publicMedia, listener } = await open({ media: bench.media({ tries: 1 }) });
    const large = pathOf(linkTo(publicMedia, bench.fake.media.put(testBytes(1_000_001)), "a").url);
    const gone = pathOf(linkTo(publicMedia, "mxc://localhost/gone", "a").url);
    expect((await ask(listener, large)).status).to.equal(413);
    expect((await ask(listener, gone)).status).to.equal(404);
    bench.fake.fail({ path: /download/, times: 1, status: 502, body: "<html>secrets</html>" });
    const answer = await ask(listener, gone);
    expect(answer.status).to.equal(502);
    expect(String(answer.bytes)).to.equal("The file cannot be had right now. Try again in a minute.\n");
  });

  it("stops in the middle when the file does", async () => {
    const { publicMedia, listener } = await open();
    const path = pathOf(linkTo(publicMedia, bench.fake.media.put(testBytes(500_000)), "a").url);
    bench.fake.fail({ path: /download/, times: 1, cutAfter: 200_000 });
    const error = await ask(listener, path).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).that.includes({ code: "ECONNRESET" });
  });

  it("serves only so many at once, and stops fetching for those who have gone", async () => {
    const size = 50_000_000;
    const limits = { atOnce: 3, atOnceByLink: 2 };
    const { publicMedia, listener } = await open({ maxBytes: size, limits });
    const mxc = bench.fake.media.put({ size, read: (_, length) => Buffer.alloc(length) });
    const [one, two] = [pathOf(linkTo(publicMedia, mxc, "one").url), pathOf(linkTo(publicMedia, mxc, "two").url)];
    const under = [await begin(listener, one), await begin(listener, one)];
    expect((await ask(listener, one)).status).to.equal(503);
    under.push(await begin(listener, two));
    expect((await ask(listener, two)).status).to.equal(503);
    for (const response of under) {
      expect(response.statusCode).to.equal(200);
      response.destroy();
    }
    await until("a place to be free", async () => {
      const response = await begin(listener, one);
      response.destroy();
      return response.statusCode === 200;
    });
  });

  it("does not let one holder keep all places from others", async () => {
    const size = 50_000_000;
    const { publicMedia, listener } = await open({ maxBytes: size, limits: { atOnce: 3, atOnceByLink: 2 } });
    const mxc = bench.fake.media.put({ size, read: (_, length) => Buffer.alloc(length) });
    const greedy = { "x-forwarded-for": "198.51.100.1" };
    const links = ["one", "two", "three"].map((name) => pathOf(linkTo(publicMedia, mxc, name).url));
    const held = await Promise.all(links.map(async (link) => begin(listener, link, greedy)));
    const cut: Promise<unknown>[] = held.map(
      async (response) => new Promise((resolve) => response.on("error", resolve).resume()),
    );
    const other = await begin(listener, links[0] ?? "", { "x-forwarded-for": "198.51.100.2" });
    expect(other.statusCode).to.equal(200);
    await Promise.race(cut);
    other.destroy();
  });

  it("lets go of those who take a byte now and then", async () => {
    const size = 50_000_000;
    const { publicMedia, listener } = await open({ maxBytes: size });
    const mxc = bench.fake.media.put({ size, read: (_, length) => Buffer.alloc(length) });
    const response = await begin(listener, pathOf(linkTo(publicMedia, mxc, "a").url));
    response.on("error", () => undefined);
    const closed = new Promise((resolve) => response.once("close", resolve));
    let waited = 0;
    await until("its place to be free", async () => {
      response.read(10);
      waited += 30_000;
      await clock.advance(30_000);
      return clock.waiting === 0;
    });
    // Not by the time that a whole file may take.
    expect(waited).to.be.below(HOUR);
    response.resume();
    await closed;
    expect(response.complete).to.equal(false);
  });

  it("lets go of those who take for ever", async () => {
    const size = 50_000_000;
    const { publicMedia, listener } = await open({ maxBytes: size });
    const mxc = bench.fake.media.put({ size, read: (_, length) => Buffer.alloc(length) });
    const response = await begin(listener, pathOf(linkTo(publicMedia, mxc, "a").url));
    response.on("error", () => undefined);
    const closed = new Promise((resolve) => response.once("close", resolve));
    await clock.advance(HOUR);
    response.resume();
    await closed;
    expect(response.complete).to.equal(false);
  });

  it("is not there when it is not wanted, and wants a secret that is one", async () => {
    const listener = await listeners.listen();
    const answer = await ask(listener, `${PUBLIC_MEDIA_PATH}a/b`);
    expect([answer.status, String(answer.bytes)]).to.deep.equal([
      404,
      '{"errcode":"M_UNRECOGNIZED","error":"There is nothing here."}',
    ]);
    const parts = {
      address: ADDRESS,
      lifeMs: 1,
      maxBytes: 1,
      given: GIVEN,
      media: bench.media(),
      ...timesOf(clock),
      log: listeners.captured.log,
    };
    expect(() => new PublicMedia({ ...parts, secret: "too short" })).to.throw(RangeError);
  });
});
