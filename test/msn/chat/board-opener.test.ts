import type { Duplex } from "node:stream";
import { expect } from "chai";
import { MsnClient, type Conversation, type Delivery, type OutgoingContent } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { MsnPeer } from "../../support/msn-peer.ts";

const MOST = 500;
const NILS = "nils@example.com";
const HELLO: OutgoingContent = { type: "text", text: "Hello" };
const DELIVERED: Delivery = { state: "delivered" };

describe("msn/chat/board-opener: more conversations than there may be switchboards", () => {
  let client: MsnClient;
  let clock: FakeClock;
  let peer: MsnPeer;
  /** The client's end of the notification connection, then of each switchboard. */
  let streams: Duplex[];
  /** A conversation with so many contacts, each with a switchboard, in this order. */
  let conversations: Conversation[];

  beforeEach(async () => {
    [clock, peer, streams] = [new FakeClock(), new MsnPeer(), []];
    client = new MsnClient({
      server: { host: "ns", port: 1863, nexusUrl: NEXUS },
      account: "mia@example.com",
      password: "x",
      clock,
      fetch: passportFetch(GOOD_PASSPORT).fetch,
      dial: async (host, port, signal) => {
        const stream = await peer.dial(host, port, signal);
        streams.push(stream);
        return stream;
      },
    });
    await client.connect();
    conversations = Array.from({ length: MOST }, (_, at) => client.conversation(`c${at}@example.com`));
    for (const conversation of conversations) {
      await conversation.send(HELLO);
      // Connections have a pace.
      await clock.advance(20);
    }
    await clock.advance(1000);
  });
  afterEach(async () => client.disconnect());

  const reached = (): number => conversations.filter(({ isReached }) => isReached).length;

  it("leaves that of the one that has been quiet for the longest", async () => {
    const [first, second] = conversations;
    await first?.send(HELLO);
    expect(await client.conversation("olga@example.com").send(HELLO)).to.deep.equal(DELIVERED);
    await clock.advance(0);
    expect([first?.isReached, second?.isReached, reached()]).to.deep.equal([true, false, MOST - 1]);
    expect(peer.connections).to.equal(1 + MOST);
    expect(await second?.send(HELLO)).to.deep.equal(DELIVERED);
    expect(conversations.map(({ isReached }) => isReached).indexOf(false)).to.equal(2);
  });

  it("follows calls as well", async () => {
    for (let at = 0; at < 3; at += 1) streams[0]?.push(`RNG ${at} sb:1864 CKI 1.2 ${NILS} Nils\r\n`);
    await clock.advance(0);
    expect(client.conversation(NILS).isReached).to.equal(true);
    expect(reached()).to.equal(MOST - 3);
  });

  it("leaves none on which something waits or that is held, and says when there is no other", async () => {
    const [waits, held, third] = conversations;
    peer.turn("falls silent", 0);
    const waiting = waits?.send(HELLO);
    await clock.advance(0);
    peer.turn("falls silent", Number.POSITIVE_INFINITY);
    held?.hold();
    expect(await client.conversation(NILS).send(HELLO)).to.deep.equal(DELIVERED);
    expect([waits, held, third].map((one) => one?.isReached)).to.deep.equal([true, true, false]);
    for (const one of [client.conversation(NILS), ...conversations]) one.hold();
    const refused = await client.conversation("olga@example.com").send(HELLO);
    expect(refused).to.have.nested.property("error.code", "limited");
    const sentence = "too many conversations: an account has at most 500 conversations open here";
    expect(refused).to.have.nested.property("error.message", sentence);
    expect(reached()).to.equal(MOST - 1);
    await client.disconnect();
    expect(await waiting).to.have.property("state", "uncertain");
  });
});
