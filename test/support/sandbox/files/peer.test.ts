import { once } from "node:events";
import { connect, createServer } from "node:net";

import { expect } from "chai";
import * as fc from "fast-check";

import { Peer } from "./peer.ts";
import { systemClock } from "../../../../src/util/clock.ts";
import { FakeClock } from "../../fake-clock.ts";
import { RawPeer } from "./raw-peer.ts";

/** Both ends of a connection. */
async function pair(): Promise<{ peer: Peer; raw: RawPeer }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const accepted = Promise.withResolvers<Peer>();
  server.once("connection", (socket) => accepted.resolve(new Peer(socket)));
  const raw = new RawPeer(connect(address.port, "127.0.0.1").setNoDelay());
  const peer = await accepted.promise;
  server.close();
  return { peer, raw };
}

describe("sandbox peers", () => {
  it("read lines and bytes whatever pieces they come in", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        const { peer, raw } = await pair();
        const all = Buffer.from("ONE 1\r\nTWO\n\0\u0001\u0002345\r\nBYE\r\n", "latin1");
        const sending = (async () => {
          for (let at = 0, turn = 0; at < all.length; turn += 1) {
            const length = lengths[turn % lengths.length] ?? 1;
            raw.send(all.subarray(at, at + length));
            at += length;
            await new Promise((resolve) => setImmediate(resolve));
          }
        })();
        expect([await peer.line(), await peer.line()]).to.deep.equal(["ONE 1", "TWO"]);
        expect((await peer.exactly(4))?.toString("latin1")).to.equal("\0\u0001\u00023");
        expect([await peer.line(), await peer.line()]).to.deep.equal(["45", "BYE"]);
        await sending;
        raw.close();
        expect([await peer.line(), peer.hasEnded]).to.deep.equal([undefined, true]);
        peer.destroy();
      }),
      { numRuns: 20 },
    );
  });

  it("end in the middle of what was asked for", async () => {
    const { peer, raw } = await pair();
    raw.send("VER");
    expect((await peer.some(2))?.toString()).to.equal("VE");
    raw.close();
    expect(await peer.exactly(2)).to.equal(undefined);
    expect(await peer.some(5).then((bytes) => bytes?.toString())).to.equal("R");
    expect(await peer.some(5)).to.equal(undefined);
    await peer.write("lost");
    peer.end(systemClock);
    await peer.closed;
  });

  it("do not take bytes without end for a line", async () => {
    const { peer, raw } = await pair();
    raw.send("x".repeat(3000));
    expect(await peer.line()).to.equal("x".repeat(1000));
    peer.destroy();
    raw.close();
  });

  it("write no faster than the other reads, and wait for it no longer than five seconds", async () => {
    const clock = new FakeClock();
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const deaf = once(server, "connection");
    const peer = await Peer.connect(port, new AbortController().signal);
    if (peer === undefined) throw new Error("not connected");
    await deaf;
    const state = { isWritten: false };
    const written = peer.write(Buffer.alloc(32 * 2 ** 20)).then(() => (state.isWritten = true));
    peer.end(clock);
    await clock.advance(4999);
    expect(state.isWritten).to.equal(false);
    await clock.advance(1);
    await written;
    await peer.closed;
    server.close();
  });
});
