import { createServer } from "node:net";
import { expect } from "chai";
import type { FileOptions, FileReceive, FileSend, TransferOutcome } from "../../../src/msn/index.ts";
import { bytesOf, contentOf, LOOPBACK, NILS, pair, Sink, type Side } from "../../support/transfers.ts";
import { until } from "../../support/until.ts";

const DONE: TransferOutcome = { state: "done" };

// With the lines of the handshake in mind, and that each block but the last is full.
const SIZES = [0, 1, 2044, 2045, 2046, 4090, 4091, 1024 * 1024, 1024 * 1024 + 1];

const WITHOUT_PORT: FileOptions = { allowPrivateAddresses: true };

async function carry(
  mia: Side,
  nils: Side,
  bytes: Buffer,
): Promise<{ send: FileSend; receive: FileReceive; sink: Sink }> {
  const at = nils.offers.length;
  const send = mia.transfers.offer(NILS, { name: "a b.txt", size: bytes.length, content: contentOf(bytes) });
  const receive = await nils.offer(at);
  const sink = new Sink();
  receive.accept(sink);
  return { send, receive, sink };
}

describe("msn/transfer/transfers: over sockets", () => {
  const WAYS: ReadonlyArray<readonly [who: string, mia: FileOptions, nils: FileOptions]> = [
    ["the sender listens", LOOPBACK, WITHOUT_PORT],
    ["the receiver listens", WITHOUT_PORT, LOOPBACK],
  ];
  for (const [who, mine, theirs] of WAYS) {
    for (const size of SIZES) {
      it(`carries ${size} bytes, each in its place, when ${who}`, async () => {
        const { mia, nils } = pair({ files: mine }, { files: theirs });
        const bytes = bytesOf(size);
        const { send, receive, sink } = await carry(mia, nils, bytes);
        expect(await send.done).to.deep.equal(DONE);
        expect(await receive.done).to.deep.equal(DONE);
        expect(sink.bytes.equals(bytes)).to.equal(true);
        expect([receive.name, receive.size, receive.bytes, send.bytes]).to.deep.equal(["a b.txt", size, size, size]);
        expect([...mia.strays, ...nils.strays]).to.deep.equal([]);
      });
    }
  }

  it("carries ten at once, and says to the eleventh that there are too many", async () => {
    const { mia, nils } = pair();
    const bytes = bytesOf(200_000);
    const ten = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        mia.transfers.offer(NILS, { name: `${at}`, size: bytes.length, content: contentOf(bytes) }),
      ),
    );
    const late = mia.transfers.offer(NILS, { name: "late", size: bytes.length, content: () => contentOf(bytes) });
    expect(await late.done).to.include({ state: "failed", problem: "too-many" });
    await until("ten offers", () => nils.offers.length === 10);
    const sinks = nils.offers.map((offer) => {
      const sink = new Sink();
      offer.accept(sink);
      return sink;
    });
    expect(await Promise.all(ten.map((send) => send.done))).to.deep.equal(ten.map(() => DONE));
    expect(await Promise.all(nils.offers.map((offer) => offer.done))).to.deep.equal(ten.map(() => DONE));
    expect(sinks.every((sink) => sink.bytes.equals(bytes))).to.equal(true);
    const { send } = await carry(mia, nils, bytes);
    expect(await send.done).to.deep.equal(DONE);
  });

  it("takes the next port when one is busy, and says so when all are", async () => {
    const servers = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return server;
      }),
    );
    const [busy = 0] = servers.map((server) => portOf(server.address())).toSorted((a, b) => a - b);
    const ports = (last: number): FileOptions => ({ ...LOOPBACK, ports: [busy, last] });
    const { mia, nils } = pair({ files: ports(busy) }, {});
    const { send, receive } = await carry(mia, nils, bytesOf(10));
    expect(await send.done).to.include({ state: "failed", problem: "ports-busy" });
    expect(await receive.done).to.deep.equal({ state: "cancelled", by: "them", code: "FAIL" });
    const wide = pair({ files: ports(busy + 50) }, {});
    const next = await carry(wide.mia, wide.nils, bytesOf(10));
    expect(await next.send.done).to.deep.equal(DONE);
    for (const server of servers) server.close();
  });
});

function portOf(address: unknown): number {
  return typeof address === "object" && address !== null && "port" in address ? Number(address.port) : 0;
}
