import { expect } from "chai";
import { listenForPeer, type PeerListener } from "../../../src/msn/transfer/peer-listener.ts";
import type { Link } from "../../../src/msn/transfer/link.ts";
import { rejection } from "../../support/rejection.ts";
import { MemoryNet } from "../../support/transfers.ts";
import { until } from "../../support/until.ts";

interface Bench {
  net: MemoryNet;
  listener: PeerListener;
  stop: AbortController;
  /** Who was let in. */
  peers: Link[];
}

async function open(net = new MemoryNet()): Promise<Bench> {
  const stop = new AbortController();
  const peers: Link[] = [];
  const listener = await listenForPeer({
    listen: net.listen,
    ports: [6891, 6893],
    clock: net.clock,
    signal: stop.signal,
    greet: async (link) => {
      if ((await link.line()) !== "hello") throw new Error("a stranger");
    },
  });
  void listener.peer.then((link) => peers.push(link));
  return { net, listener, stop, peers };
}

describe("msn/transfer/peer-listener", () => {
  it("lets the first in who is greeted well, and closes", async () => {
    const { net, peers } = await open();
    const [stranger, guest, idler] = [net.knock(), net.knock(), net.knock()];
    stranger.say("let me in\r\n");
    await until("the stranger is out", () => stranger.isEnded);
    expect(net.open).to.deep.equal([6891]);
    guest.say("hello\r\n");
    await until("a peer", () => peers.length === 1);
    expect(net.open).to.deep.equal([]);
    await until("the idler is out", () => idler.isEnded);
    expect(guest.isEnded).to.equal(false);
    expect(net.clock.waiting).to.equal(0);
    peers[0]?.destroy();
  });

  it("puts out who says nothing for a quarter of a minute", async () => {
    const { net, stop } = await open();
    const idler = net.knock();
    await net.clock.advance(14_999);
    expect(idler.isEnded).to.equal(false);
    await net.clock.advance(1);
    await until("out", () => idler.isEnded);
    expect(net.open).to.deep.equal([6891]);
    stop.abort();
  });

  it("has room for four who have not said who they are", async () => {
    const { net, peers, stop } = await open();
    const knocks = Array.from({ length: 6 }, () => net.knock());
    await until("two are out", () => knocks.filter(({ isEnded }) => isEnded).length === 2);
    knocks[3]?.say("hello\r\n");
    await until("a peer", () => peers.length === 1);
    stop.abort();
    peers[0]?.destroy();
    await until("all are out", () => knocks.every(({ isEnded }) => isEnded));
  });

  it("hears no more than a hundred strangers", async () => {
    const { net, peers, stop } = await open();
    for (let at = 0; at < 100; at += 1) {
      const stranger = net.knock();
      stranger.say("1234\r\n");
      await until("out", () => stranger.isEnded);
    }
    const guest = net.knock();
    guest.say("hello\r\n");
    await until("out", () => guest.isEnded);
    expect(peers).to.deep.equal([]);
    stop.abort();
  });

  it("closes with whatever it belongs to", async () => {
    const { net, stop, peers } = await open();
    const guest = net.knock();
    stop.abort();
    await until("out", () => guest.isEnded);
    expect([net.open, net.clock.waiting, peers]).to.deep.equal([[], 0, []]);
    const late = new AbortController();
    late.abort();
    const greet = (): Promise<void> => Promise.resolve();
    await listenForPeer({ listen: net.listen, ports: [1, 1], clock: net.clock, signal: late.signal, greet });
    expect(net.open).to.deep.equal([]);
  });

  it("takes the first port that is free", async () => {
    const net = new MemoryNet();
    net.taken.add(6891).add(6892);
    const { listener, stop } = await open(net);
    expect(listener.port).to.equal(6893);
    expect(await rejection(open(net))).to.have.nested.property("outcome.problem", "ports-busy");
    stop.abort();
    expect(net.open).to.deep.equal([]);
  });
});
