import { expect } from "chai";
import { ContentError } from "../../src/matrix/media/media-content.ts";
import { Calendar } from "../../src/util/calendar.ts";
import { systemClock } from "../../src/util/clock.ts";
import { Homeserver } from "../../src/matrix/homeserver.ts";
import { captureLog } from "../support/captured-log.ts";
import { readAll, streamOf, testBytes } from "../support/media-bench.ts";
import { rejection } from "../support/rejection.ts";
import { ownSynapseWithSeat } from "./support/shared-synapse.ts";

const MEGABYTE = 1024 * 1024;
const GHOST = "@msn_sandbox_files=40example.org:localhost";

describe("files on a real Synapse", () => {
  let homeserver: Homeserver;

  before(async () => {
    const { synapse, seat } = await ownSynapseWithSeat("max_upload_size: 200M\n");
    homeserver = new Homeserver({
      url: synapse.url,
      domain: "localhost",
      registration: seat.registration,
      hostname: "127.0.0.1",
      port: seat.bridgePort,
      log: captureLog().log,
      ghosts: { isGhost: (userId) => userId === GHOST },
      registrations: new Set<string>(),
      publicMedia: {
        calendar: new Calendar(systemClock),
        secret: "a secret of sixteen bytes",
        address: `http://127.0.0.1:${seat.bridgePort}`,
        lifeMs: 60_000,
        maxBytes: 10 * MEGABYTE,
        given: { add: () => "id", has: () => true },
      },
    });
    await homeserver.listen({ accept: async () => Promise.resolve(), hear: () => undefined });
    await homeserver.start(new AbortController().signal);
  });

  after(async () => homeserver.close());

  for (const size of [0, 1, MEGABYTE, 5 * MEGABYTE + 1]) {
    it(`go there and come back byte for byte: ${size} bytes`, async () => {
      const bytes = testBytes(size);
      const name = "Fröhliche 'Ferien' 1/2.png";
      const content = streamOf(bytes);
      const mxc = await homeserver.media.upload({ content, size, type: "image/png", name, as: GHOST });
      expect(mxc).to.match(/^mxc:\/\/localhost\/\w+$/);
      const download = await homeserver.media.download(mxc);
      expect((await readAll(download.content)).equals(bytes)).to.equal(true);
      expect(download).to.deep.include({ size, type: "image/png", name });
    });
  }

  it("come back in parts, and by a link", async () => {
    const bytes = testBytes(MEGABYTE);
    const content = (): ReturnType<typeof streamOf> => streamOf(bytes);
    const file = { content, size: bytes.length, type: "text/html", name: "a.html", as: homeserver.bot.userId };
    const mxc = await homeserver.media.upload(file);
    const part = await homeserver.media.download(mxc, { range: { first: 500_000, last: 600_000 } });
    expect((await readAll(part.content)).equals(bytes.subarray(500_000, 600_001))).to.equal(true);
    const { url = "" } = homeserver.publicMedia?.link(mxc, "a.html", "$with:localhost") ?? {};
    const answer = await fetch(url, { headers: { range: "bytes=-100" } });
    expect([answer.status, answer.headers.get("content-type")]).to.deep.equal([206, "application/octet-stream"]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(-100))).to.equal(true);
    expect((await fetch(url.replace("a.html", "b.html"))).status).to.equal(404);
  });

  it("are as large as it says, and none that is cut off is kept", async () => {
    expect(await homeserver.media.uploadLimit()).to.equal(200 * MEGABYTE);
    const file = { type: "image/png", name: "a.png", as: GHOST };
    const large = { ...file, content: streamOf(testBytes(1)), size: 200 * MEGABYTE + 1 };
    expect(await rejection(homeserver.media.upload(large))).to.include({ code: "too-large" });
    const short = { ...file, content: streamOf(testBytes(MEGABYTE)), size: 2 * MEGABYTE };
    expect(await rejection(homeserver.media.upload(short))).to.be.instanceOf(ContentError);
    expect(await rejection(homeserver.media.download("mxc://localhost/none"))).to.include({ code: "not-found" });
  });
});
