import type { Duplex } from "node:stream";
import { expect } from "chai";
import { MsnClient, MsnError, type Conversation, type Delivery, type OutgoingContent } from "../../../src/msn/index.ts";
import { MAX_MEMBERS } from "../../../src/msn/chat/board-members.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { rejection } from "../../support/rejection.ts";
import { MsnPeer } from "../../support/msn-peer.ts";

const NILS = "nils@example.com";
const text: OutgoingContent = { type: "text", text: "Hi" };
const no: OutgoingContent = { type: "invitation", invitation: { type: "cancel", cookie: "5", code: "REJECT" } };

interface Bench {
  readonly client: MsnClient;
  readonly conversation: Conversation;
  readonly clock: FakeClock;
  readonly peer: MsnPeer;
  readonly streams: Duplex[];
  /** The commands that were written, without numbers and lengths. */
  readonly written: string[];
}

type Options = Partial<Pick<ConstructorParameters<typeof MsnClient>[0], "dial" | "switchboardPace">>;

function setUp(options: (peer: MsnPeer) => Options = () => ({})): Bench {
  const [clock, peer] = [new FakeClock(), new MsnPeer()];
  const streams: Duplex[] = [];
  const written: string[] = [];
  const dial: MsnPeer["dial"] = async (host, port) => {
    const stream = await peer.dial(host, port);
    const write = stream.write.bind(stream);
    stream.write = (bytes: Buffer): boolean => {
      const [, name = "", , letter = ""] = /^([A-Z]{3})( \d+)?( \S+)?/u.exec(bytes.toString()) ?? [];
      written.push(`${name}${letter}`);
      return write(bytes);
    };
    streams.push(stream);
    return stream;
  };
  const server = { host: "ns", port: 1863, nexusUrl: NEXUS };
  const { fetch } = passportFetch(GOOD_PASSPORT);
  const account = { account: "mia@example.com", password: "x" };
  const client = new MsnClient({ server, ...account, clock, fetch, dial, ...options(peer) });
  return { client, conversation: client.conversation(NILS), clock, peer, streams, written };
}

/** Nils is there, and from now on the peer answers nothing. */
async function talking(): Promise<Bench> {
  const bench = setUp();
  await bench.client.connect();
  await bench.conversation.send(text);
  bench.peer.turn("falls silent", 0);
  bench.written.splice(0);
  return bench;
}

/** What becomes of a delivery, as soon as it has become of it. */
function watch(delivery: Promise<Delivery>): { now: string } {
  const seen = { now: "waiting" };
  void delivery.then(({ state }) => (seen.now = state));
  return seen;
}

describe("msn/chat/conversation: what is acknowledged", () => {
  it("asks of an invitation only whether it did not arrive, and lets nothing wait behind it", async () => {
    const { conversation, clock, written, streams } = await talking();
    const invited = watch(conversation.send(no));
    const said = watch(conversation.send(text));
    await clock.advance(0);
    expect(written).to.deep.equal(["MSG N", "MSG A"]);
    streams[1]?.push("ACK 5\r\n");
    await clock.advance(4999);
    expect([invited.now, said.now]).to.deep.equal(["waiting", "delivered"]);
    await clock.advance(1);
    expect(invited.now).to.equal("delivered");
  });

  const NEWS: Array<[what: string, act: (stream: Duplex | undefined) => unknown, state: string]> = [
    ["a NAK", (stream) => stream?.push("NAK 4\r\n"), "failed"],
    ["an error", (stream) => stream?.push("282 4\r\n"), "failed"],
    ["the end of the board", (stream) => stream?.destroy(), "uncertain"],
    ["that everybody has left", (stream) => stream?.push(`BYE ${NILS}\r\n`), "uncertain"],
  ];
  for (const [what, act, state] of NEWS) {
    it(`hears of an invitation by ${what}: ${state}, and writes it once`, async () => {
      const { conversation, clock, written, streams } = await talking();
      const invited = watch(conversation.send(no));
      await clock.advance(0);
      act(streams[1]);
      await clock.advance(5000);
      expect(invited.now).to.equal(state);
      expect(written.filter((command) => command.startsWith("MSG"))).to.deep.equal(["MSG N"]);
    });
  }

  it("shows typing without an answer, on a board that is there, and opens none", async () => {
    const { conversation, client, written } = await talking();
    expect(await conversation.send({ type: "typing" })).to.deep.equal({ state: "delivered" });
    conversation.sendTyping();
    expect(written).to.deep.equal(["MSG U", "MSG U"]);
    const alone = await client.conversation("olga@example.com").send({ type: "typing" });
    expect(alone).to.have.property("state", "failed");
    expect(written).to.have.length(2);
  });
});

describe("msn/chat/conversation: too much", () => {
  it("refuses what is more than a thousand messages with an MsnError, whatever is asked for", async () => {
    const { conversation, client } = await talking();
    const waiting = Array.from({ length: 1000 }, () => conversation.send({ type: "text", text: "x" }));
    const refused = [
      conversation.send({ type: "text", text: "one more" }),
      conversation.send({ type: "invitation", invitation: { type: "accept", cookie: "7" } }),
      conversation.invite("olga@example.com"),
      conversation.gather(),
    ];
    for (const promise of refused) {
      expect(await rejection(promise))
        .to.be.instanceOf(MsnError)
        .with.property("code", "limited");
    }
    for (const promise of waiting) promise.catch(() => undefined);
    void client.disconnect();
  });
});

describe("msn/chat/conversation: the end", () => {
  const BODY = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nbye";
  const LATE: Array<[what: string, bytes: string]> = [
    ["a text", `MSG ${NILS} Nils ${BODY.length}\r\n${BODY}`],
    ["one who comes", "JOI olga@example.com Olga\r\n"],
    ["one who goes", `BYE ${NILS}\r\n`],
    ["an answer", "ACK 3\r\n"],
  ];
  for (const [what, bytes] of LATE) {
    it(`leaves no timer behind when ${what} comes between OUT and the end of the board`, async () => {
      const { client, clock, streams } = await talking();
      const seen: string[] = [];
      client.on("event", (event) => void seen.push(event.type));
      const left = client.disconnect();
      streams[1]?.push(bytes);
      await clock.advance(0);
      streams[1]?.destroy();
      expect(await left).to.equal(true);
      await clock.advance(1000);
      expect(clock.waiting).to.equal(0);
      if (what === "a text") expect(seen).to.deep.equal(["content"]);
    });
  }

  it("is known to have cut others off, who were still speaking on a board that the server does not end", async () => {
    for (const [bytes, isComplete] of [
      ["", true],
      [`MSG ${NILS} Nils ${BODY.length}\r\n${BODY}`, false],
      [`MSG ${NILS} Nils ${BODY.length}\r\nMIME`, false],
    ] as const) {
      const { client, clock, streams } = await talking();
      const left = client.disconnect();
      if (bytes !== "") streams[1]?.push(bytes);
      await clock.advance(2000);
      expect(await left, bytes).to.equal(isComplete);
    }
  });

  const ENDLESS = (): Promise<never> => Promise.withResolvers<never>().promise;
  const WAITS: Array<[what: string, options: (peer: MsnPeer) => Options]> = [
    ["a dial that hangs", (peer) => ({ dial: (...to) => (to[0] === "ns" ? peer.dial(...to) : ENDLESS()) })],
    ["a turn that does not come", () => ({ switchboardPace: { takeTurn: (signal) => endsWith(signal) } })],
  ];
  for (const [what, options] of WAITS) {
    it(`gives up ${what} at once, and leaves no timer behind`, async () => {
      const { client, conversation, clock } = setUp(options);
      await client.connect();
      const said = watch(conversation.send(text));
      const next = watch(conversation.send(text));
      await clock.advance(0);
      await client.disconnect();
      await clock.advance(1000);
      expect([said.now, next.now]).to.deep.equal(["failed", "failed"]);
      expect(clock.waiting).to.equal(0);
    });
  }
});

async function endsWith(signal: AbortSignal): Promise<boolean> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return true;
}

describe("msn/chat/conversation: limits", () => {
  it("a group has at least two others, and at most as many as a switchboard", () => {
    const { client } = setUp();
    const people = Array.from({ length: MAX_MEMBERS + 1 }, (_, at) => `a${at}@example.com`);
    expect(client.groupOf(people.slice(1)).people.size).to.equal(MAX_MEMBERS);
    for (const wrong of [people, [NILS], [NILS, NILS.toUpperCase()], [NILS, "Mia@example.com"], []]) {
      expect(() => client.groupOf(wrong))
        .to.throw()
        .with.property("code", "rejected");
    }
  });

  it("of two groups that have become the same people, the last active one is found", async () => {
    const { client, clock, streams } = setUp();
    await client.connect();
    const [olga, pete] = ["olga@example.com", "pete@example.com"];
    const small = client.groupOf([NILS, olga]);
    const large = client.groupOf([NILS, olga, pete]);
    await small.send(text);
    streams[1]?.push(`JOI ${pete} Pete\r\n`);
    await clock.advance(0);
    expect([...small.people]).to.have.members([...large.people]);
    expect(client.groupOf([pete, olga, NILS])).to.equal(small);
    await large.send(text);
    expect(client.groupOf([pete, olga, NILS])).to.equal(large);
    expect([client.group(small.id), client.group(large.id)]).to.deep.equal([small, large]);
  });

  it("waits for no dial without end, and wants nothing of one that comes too late", async () => {
    const late = Promise.withResolvers<Duplex>();
    const { client, conversation, clock, peer } = setUp((honest) => ({
      dial: (host, port) => (host === "ns" ? honest.dial(host, port) : late.promise),
    }));
    await client.connect();
    const sending = conversation.send(text);
    await clock.advance(20_000);
    expect(await sending).to.have.nested.property("error.code", "connect-failed");
    const stream = await peer.dial("sb", 1864);
    late.resolve(stream);
    await clock.advance(0);
    expect(stream.destroyed).to.equal(true);
    stream.emit("error", new Error("nobody is to stumble over this"));
    await Promise.all([client.disconnect(), clock.advance(10_000)]);
    expect(clock.waiting).to.equal(0);
  });

  it("closes what is dialled when everything is left meanwhile", async () => {
    const slow = Promise.withResolvers<Duplex>();
    const { client, conversation, clock, peer } = setUp((honest) => ({
      dial: (host, port) => (host === "ns" ? honest.dial(host, port) : slow.promise),
    }));
    await client.connect();
    const sending = conversation.send(text);
    await clock.advance(0);
    await Promise.all([client.disconnect(), clock.advance(3000)]);
    const stream = await peer.dial("sb", 1864);
    slow.resolve(stream);
    expect(await sending).to.have.nested.property("error.code", "connection-closed");
    await clock.advance(3000);
    expect([clock.waiting, stream.destroyed]).to.deep.equal([0, true]);
  });

  it("waits for no pace without end", async () => {
    const { client, conversation, clock } = setUp(() => ({
      switchboardPace: { takeTurn: () => Promise.withResolvers<boolean>().promise },
    }));
    await client.connect();
    const sending = conversation.send(text);
    await clock.advance(3 * 60_000);
    expect(await sending).to.have.nested.property("error.code", "limited");
  });
});
