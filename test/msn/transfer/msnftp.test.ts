import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import { duplexPair, Readable, Writable, type Duplex } from "node:stream";
import { expect } from "chai";
import * as fc from "fast-check";
import { Link } from "../../../src/msn/transfer/link.ts";
import { receiveContent } from "../../../src/msn/transfer/msnftp-receiver.ts";
import { sendContent } from "../../../src/msn/transfer/msnftp-sender.ts";
import type { ActivityMonitor } from "../../../src/msn/transfer/transfer-lifecycle.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { bytesOf, Sink } from "../../support/transfers.ts";
import { until } from "../../support/until.ts";

/** Counts, and holds nobody up. */
class Meter implements ActivityMonitor {
  bytes = 0;
  waitingFor: "us" | "them" = "them";

  waitFor(whom: "us" | "them"): void {
    this.waitingFor = whom;
  }

  moved(bytes: number): undefined {
    this.bytes += bytes;
  }
}

/** Takes bytes at its leisure. */
class SlowSink extends Sink {
  override _write(chunk: Buffer, encoding: string, done: () => void): void {
    setImmediate(() => super._write(chunk, encoding, done));
  }
}

async function socketPair(): Promise<[Duplex, Duplex]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  const accepted: Promise<unknown[]> = once(server, "connection");
  const near = connect(address.port, "127.0.0.1");
  const [far] = await accepted;
  server.close();
  if (!(far instanceof Socket)) throw new Error("nobody has connected");
  return [near, far];
}

const PAIRS: ReadonlyArray<readonly [kind: string, open: () => Promise<[Duplex, Duplex]>]> = [
  ["sockets", socketPair],
  ["streams in memory", async () => Promise.resolve(duplexPair())],
];

/** Pieces whose memory is nobody else's. */
function ownPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, at) => {
    const piece = bytes.subarray(places[at], end);
    return Buffer.allocUnsafeSlow(piece.length).fill(piece);
  });
}

async function drop(...links: Link[]): Promise<void> {
  for (const link of links) link.destroy();
  return Promise.resolve();
}

describe("msn/transfer/msnftp", () => {
  for (const [kind, open] of PAIRS) {
    it(`carries files over ${kind} whole, in whatever pieces they come and however slowly they are taken`, async () => {
      const size = fc.oneof(fc.nat({ max: 300_000 }), fc.constantFrom(0, 1, 2044, 2045, 2046, 65_440, 65_441, 130_880));
      const cuts = fc.array(fc.nat({ max: 300_000 }), { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(size, cuts, fc.boolean(), fc.boolean(), async (bytes, cutAt, isSlow, ownsPieces) => {
          const file = bytesOf(bytes);
          const pieces = ownPieces(file, cutAt);
          const content = new Readable({ read: () => void setImmediate(() => content.push(pieces.shift() ?? null)) });
          const sink = isSlow ? new SlowSink() : new Sink();
          const [near, far] = await open();
          const [sender, receiver] = [new Link(near, systemClock), new Link(far, systemClock)];
          const [sent, received] = [new Meter(), new Meter()];
          const sending = sendContent(sender, { size: bytes, content, ownsPieces }, sent);
          expect(await receiver.line()).to.equal(`FIL ${bytes}`);
          await receiveContent(receiver, bytes, sink, received);
          await receiver.write("BYE 16777989\r\n");
          await sending;
          expect(sink.bytes.equals(file)).to.equal(true);
          expect([sent.bytes, received.bytes]).to.deep.equal([bytes, bytes]);
          await drop(sender, receiver);
        }),
        { numRuns: 20 },
      );
    });

    it(`holds little of a file over ${kind} whose receiver stands still, and waits for them`, async () => {
      const size = 64 * 1024 * 1024;
      let read = 0;
      const content = new Readable({
        read() {
          read += 65_536;
          setImmediate(() => this.push(Buffer.alloc(65_536)));
        },
      });
      const taken: Array<() => void> = [];
      const stuck = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) });
      const [near, far] = await open();
      const [sender, receiver] = [new Link(near, systemClock), new Link(far, systemClock)];
      const [sent, received] = [new Meter(), new Meter()];
      const sending = sendContent(sender, { size, content, ownsPieces: true }, sent).catch(() => "ended");
      await receiver.line();
      const receiving = receiveContent(receiver, size, stuck, received).catch(() => "ended");
      let before = 0;
      await until("it to stand still", () => {
        const stands = read > 0 && read === before && taken.length > 0;
        before = read;
        return stands;
      });
      // A piece each in two streams, and two batches of blocks; the rest is the network's.
      expect(read - sent.bytes).to.be.at.most(400_000);
      expect(received.bytes).to.be.at.most(400_000);
      expect([sent.waitingFor, received.waitingFor]).to.deep.equal(["them", "us"]);
      await drop(sender, receiver);
      content.destroy();
      expect(await Promise.all([sending, receiving])).to.deep.equal(["ended", "ended"]);
    });
  }
});
