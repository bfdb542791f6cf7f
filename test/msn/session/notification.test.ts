import { duplexPair, type Duplex } from "node:stream";
import { expect } from "chai";
import { MsnClient, type MsnEvent } from "../../../src/msn/index.ts";
import { MAX_CONTACTS } from "../../../src/msn/contacts/roster-limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { MsnPeer } from "../../support/msn-peer.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

interface Bench {
  readonly client: MsnClient;
  readonly clock: FakeClock;
  readonly events: MsnEvent[];
  /** Our ends of the connections; what is pushed there seems to come from the server. */
  readonly streams: Duplex[];
}

/** @param greeting what the notification server says of its own accord, before anything else */
function setUp(greeting = ""): Bench {
  const clock = new FakeClock();
  const peer = new MsnPeer();
  const streams: Duplex[] = [];
  const client = new MsnClient({
    server: { host: "ns", port: 1863, nexusUrl: NEXUS },
    account: "mia@example.com",
    password: "x",
    clock,
    fetch: passportFetch(GOOD_PASSPORT).fetch,
    dial: async (host, port) => {
      // The first is the notification server. Switchboards that the server names are no business of these tests.
      const stream = host === "ns" ? await peer.dial(host, port) : duplexPair()[0];
      streams.push(stream);
      if (host === "ns" && greeting !== "") stream.push(greeting);
      return stream;
    },
  });
  const events: MsnEvent[] = [];
  client.on("event", (event) => events.push(event));
  return { client, clock, events, streams };
}

const challenges = (count: number): string => "CHL 0 15570131571988941333\r\n".repeat(count);

// The rest of what it does stands in client.test.ts and contact-list.test.ts.
describe("msn/session/notification: a server without measure", () => {
  it("may ask ten challenges in ten seconds, and ends its session with the next", async () => {
    const { client, clock, events, streams } = setUp();
    await client.connect();
    for (let time = 0; time < 3; time += 1) {
      streams[0]?.push(challenges(10));
      await clock.advance(10_000);
    }
    expect(client.isConnected).to.equal(true);
    streams[0]?.push(challenges(11));
    const closed = await until("closed", () => events.find((event) => event.type === "closed"));
    expect(closed.error).to.include({ code: "protocol", message: "the server sends challenges without end" });
  });

  const crowd = Array.from({ length: MAX_CONTACTS + 1 }, (_, at) => `NLN NLN a${at}@example.com A\r\n`).join("");
  const error = { code: "protocol", message: `the server lists more than ${MAX_CONTACTS} contacts` };

  it("does not get us signed in with too many contacts", async () => {
    const { client, clock } = setUp(crowd);
    expect(await rejection(client.connect())).to.include(error);
    await clock.advance(1000);
    expect(clock.waiting).to.equal(0);
  });

  it("ends a session whose contacts become too many", async () => {
    const { client, events, streams } = setUp();
    await client.connect();
    streams[0]?.push(crowd);
    const closed = await until("closed", () => events.find((event) => event.type === "closed"));
    expect(closed.error).to.include(error);
  });

  it("ends the session by an answer that goes too far, and whoever asked is told", async () => {
    const { client, clock, streams } = setUp();
    await client.connect();
    const asked = rejection(client.contacts.renameGroup("1", "Family"));
    streams[0]?.push(`REG 7 2 ${"1".repeat(400)} Family 0\r\n`);
    await clock.advance(0);
    expect(await asked).to.include({ code: "protocol" });
    expect(client.isConnected).to.equal(false);
  });

  it("has us follow its calls at a pace, and none that is left before", async () => {
    const { client, clock, streams } = setUp();
    await client.connect();
    const calls = Array.from({ length: 2000 }, (_, at) => `RNG ${at} sb:1864 CKI 1 a${at}@example.com A\r\n`).join("");
    streams[0]?.push(calls);
    await until("the first calls", () => streams.length > 1);
    await clock.advance(0);
    expect(streams).to.have.length(1 + 30);
    await clock.advance(3000);
    expect(streams).to.have.length(1 + 60);
    const gone = client.disconnect();
    await clock.advance(60_000);
    await gone;
    expect(streams).to.have.length(1 + 60);
    expect(clock.waiting).to.equal(0);
  });

  it("cannot fill our memory with callers of absurd names", async () => {
    const { client, clock, streams } = setUp();
    await client.connect();
    streams[0]?.push(`RNG 1 sb:1864 CKI 1 ${"a".repeat(400)}@example.com A\r\nRNG 1 sb:1864 CKI 1 a@example.com A\r\n`);
    await until("the second call", () => streams.length > 1);
    await clock.advance(1000);
    expect(streams).to.have.length(2);
    expect(client.isConnected).to.equal(true);
  });
});
