import { createServer } from "node:net";
import { PassThrough } from "node:stream";
import { expect } from "chai";
import {
  MsnClient,
  MsnError,
  type FileOptions,
  receiveFile,
  type FileReceive,
  type FileSend,
  type MsnEvent,
  type TransferOutcome,
} from "../../../src/msn/index.ts";
import { encodeInvitation } from "../../../src/msn/wire/encode-invitation.ts";
import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bytesOf, contentOf, LOOPBACK, MemoryNet, MIA, NILS, pair, Side, Sink } from "../../support/transfers.ts";
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
    const { mia, nils } = pair({}, { files: { ...LOOPBACK, maxTransfers: 30 } });
    const bytes = bytesOf(200_000);
    const ten = Array.from({ length: 10 }, (_, at) =>
      mia.transfers.offer(NILS, { name: `${at}`, size: bytes.length, content: contentOf(bytes) }),
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

function invite(cookie: number, file = "a.txt"): string {
  return encodeInvitation({ type: "file-invite", cookie: String(cookie), file, size: 5 });
}

describe("msn/transfer/transfers", () => {
  it("lets nobody end, or accept, what is somebody else's", async () => {
    const net = new MemoryNet();
    const mia = new Side(MIA, { clock: net.clock, files: { listen: net.listen } });
    const send = mia.transfers.offer(NILS, { name: "a.txt", size: 5, content: () => contentOf(bytesOf(5)) });
    mia.hear("olga@example.com", encodeInvitation({ type: "cancel", cookie: send.cookie, code: "REJECT" }));
    mia.hear("olga@example.com", encodeInvitation({ type: "accept", cookie: send.cookie }));
    mia.hear(NILS, encodeInvitation({ type: "cancel", cookie: send.cookie + 1, code: "REJECT" }));
    expect(mia.strays).to.have.length(3);
    await net.clock.advance(0);
    expect(mia.said).to.have.length(1);
    mia.hear(NILS, encodeInvitation({ type: "cancel", cookie: send.cookie, code: "REJECT" }));
    expect(await send.done).to.include({ state: "declined" });
    // What comes after the end has to do with nothing any more.
    mia.hear(NILS, encodeInvitation({ type: "accept", cookie: send.cookie }));
    expect(mia.strays).to.have.length(4);
    expect(net.clock.waiting).to.equal(0);
  });

  it("passes on what belongs to no transfer: other programs, groups, nonsense", () => {
    const mia = new Side(MIA, { clock: new FakeClock() });
    mia.hear(
      NILS,
      "Application-GUID: {44BBA842-CC51-11CF-AAFA-00AA00B6015C}\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 5\r\n",
    );
    mia.hear(NILS, invite(6), "a group");
    mia.hear(NILS, "Invitation-Command: DANCE\r\nInvitation-Cookie: 7\r\n");
    mia.hear(NILS, "");
    expect(mia.strays).to.have.length(4);
    expect([mia.offers, mia.said]).to.deep.equal([[], []]);
  });

  it("takes an offer that is repeated for one, and the same number from others for others", () => {
    const mia = new Side(MIA, { clock: new FakeClock() });
    mia.hear(NILS, invite(5));
    mia.hear(NILS, invite(5, "b.txt"));
    mia.hear("olga@example.com", invite(5, "c.txt"));
    expect(mia.offers.map(({ name }) => name)).to.deep.equal(["a.txt", "c.txt"]);
    expect(mia.strays).to.deep.equal([]);
  });

  it("keeps so many offers of one, and of all, and refuses the others", async () => {
    const clock = new FakeClock();
    const mia = new Side(MIA, { clock });
    for (let cookie = 1; cookie <= 25; cookie += 1) mia.hear(NILS, invite(cookie));
    expect([mia.offers.length, mia.said.length, mia.strays.length]).to.deep.equal([20, 5, 5]);
    expect(mia.lastWords).to.include("Cancel-Code: REJECT");
    for (let at = 0; at < 30; at += 1) {
      for (let cookie = 1; cookie <= 5; cookie += 1) mia.hear(`p${at}@example.com`, invite(cookie));
    }
    expect(mia.offers.length).to.equal(100);
    await clock.advance(300_000);
    expect(clock.waiting).to.equal(0);
    mia.hear(NILS, invite(1));
    expect(mia.offers.length).to.equal(101);
    mia.transfers.cancelAll();
    expect(clock.waiting).to.equal(0);
  });

  it("keeps places for files that we send, and for those of others", async () => {
    const { clock, dial, listen } = new MemoryNet();
    const mia = new Side(MIA, { clock, dial, files: { listen, maxTransfers: 12 } });
    mia.friends = new Set([NILS, "olga@example.com"]);
    /** How many of so many offers go over. */
    const receive = async (from: string, count: number): Promise<number> => {
      const before = mia.said.length;
      for (let at = 0; at < count; at += 1) {
        mia.hear(from, invite(mia.offers.length));
        mia.offers.at(-1)?.accept(new Sink());
      }
      await clock.advance(0);
      return mia.said.slice(before).filter(({ type }) => type === "accept").length;
    };
    expect(await receive("eve@example.com", 5)).to.equal(3);
    expect(await receive("eva@example.com", 5)).to.equal(0);
    expect(await receive(NILS, 10)).to.equal(5);
    expect(await receive("olga@example.com", 5)).to.equal(1);
    const sends = Array.from({ length: 4 }, () =>
      mia.transfers.offer(NILS, { name: "a.txt", size: 5, content: () => contentOf(bytesOf(5)) }),
    );
    await clock.advance(0);
    expect(mia.said.filter(({ type }) => type === "file-invite")).to.have.length(3);
    const refused = await sends.at(-1)?.done;
    expect(refused).to.include({ state: "failed", problem: "too-many" });
    expect(refused).to.have.nested.property("error.code", "limited");
    mia.transfers.cancelAll();
    await clock.advance(0);
    expect(await receive("eva@example.com", 5)).to.equal(3);
    mia.transfers.cancelAll();
  });

  it("keeps ports for those whom we send something", async () => {
    const net = new MemoryNet();
    const { clock, dial, listen } = net;
    const files = { listen, publicAddress: "9.9.9.9", ports: [6891, 6898] as const, maxTransfers: 100 };
    const mia = new Side(MIA, { clock, dial, files });
    const problems: string[] = [];
    for (let cookie = 1; cookie <= 8; cookie += 1) {
      mia.hear(
        NILS,
        encodeInvitation({ type: "file-invite", cookie: String(cookie), file: "a.txt", size: 5, connectivity: false }),
      );
      const offer = mia.offers.at(-1);
      void offer?.done.then((outcome) => outcome.state === "failed" && problems.push(outcome.problem));
      offer?.accept(new Sink());
    }
    await clock.advance(0);
    expect(net.open).to.deep.equal([6891, 6892, 6893, 6894, 6895, 6896]);
    expect(problems).to.deep.equal(["ports-busy", "ports-busy"]);
    const send = mia.transfers.offer(NILS, { name: "a.txt", size: 5, content: () => contentOf(bytesOf(5)) });
    await clock.advance(0);
    mia.hear(NILS, encodeInvitation({ type: "accept", cookie: send.cookie }));
    await clock.advance(0);
    expect(net.open.at(-1)).to.equal(6897);
    mia.transfers.cancelAll();
    await clock.advance(0);
    expect(net.open).to.deep.equal([]);
  });

  it("refuses one who offers and takes back without end, and goes on with the others", async () => {
    const clock = new FakeClock();
    const mia = new Side(MIA, { clock });
    mia.friends = new Set([NILS, "olga@example.com"]);
    const floods: number[] = [];
    for (const from of [NILS, "eve@example.com"]) {
      for (let times = 0; times < 1000; times += 1) {
        mia.hear(from, invite(7));
        mia.hear(from, encodeInvitation({ type: "cancel", cookie: "7", code: "TIMEOUT" }));
        await Promise.resolve();
        await Promise.resolve();
      }
      floods.push(mia.offers.filter(({ contact }) => contact === from).length);
    }
    expect(floods).to.deep.equal([100, 20]);
    const { length } = mia.offers;
    mia.hear("olga@example.com", invite(1));
    expect(mia.offers).to.have.length(length + 1);
    await clock.advance(60_000);
    mia.hear(NILS, invite(1));
    mia.hear("eve@example.com", invite(1));
    expect(mia.offers).to.have.length(length + 3);
    mia.transfers.cancelAll();
  });

  it("keeps room for the offers of those whom we know", () => {
    const mia = new Side(MIA, { clock: new FakeClock() });
    mia.friends = new Set([NILS]);
    for (let at = 0; at < 30; at += 1) {
      for (let cookie = 1; cookie <= 5; cookie += 1) mia.hear(`eve${at}@example.com`, invite(cookie));
    }
    expect(mia.offers).to.have.length(40);
    for (let cookie = 1; cookie <= 5; cookie += 1) mia.hear(NILS, invite(cookie));
    expect(mia.offers).to.have.length(45);
    mia.transfers.cancelAll();
  });

  it("gives places back, however transfers end", async () => {
    const net = new MemoryNet();
    const { clock, dial, listen } = net;
    const mia = new Side(MIA, { clock, dial, files: { listen, maxTransfers: 1 } });
    for (let cookie = 1; cookie <= 3; cookie += 1) {
      mia.hear(NILS, invite(cookie));
      mia.offers[cookie - 1]?.accept(new Sink());
      mia.hear(NILS, invite(cookie + 10));
      const late = mia.offers.at(-1);
      mia.offers.splice(-1);
      late?.accept(new Sink());
      expect(await late?.done).to.include({ state: "failed", problem: "too-many" });
      mia.hear(NILS, encodeInvitation({ type: "cancel", cookie: String(cookie), code: "OUTBANDCANCEL" }));
      await clock.advance(0);
    }
    expect(mia.said.filter(({ type }) => type === "accept")).to.have.length(3);
  });
});

interface Town {
  sandbox: TestSandbox;
  mia: MsnClient;
  nils: MsnClient;
  events: MsnEvent[];
}

async function town(nils: FileOptions | undefined): Promise<Town> {
  const accounts = [MIA, NILS].map((passport) => ({ passport, password: "secret" }));
  const sandbox = await TestSandbox.start({ accounts });
  sandbox.befriend(MIA, NILS, true);
  const server = { host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl };
  const clients = {
    mia: new MsnClient({ server, account: MIA, password: "secret", files: LOOPBACK }),
    nils: new MsnClient({ server, account: NILS, password: "secret", ...(nils && { files: nils }) }),
  };
  const events: MsnEvent[] = [];
  clients.nils.on("event", (event) => events.push(event));
  await clients.nils.connect();
  await clients.mia.connect();
  return { sandbox, ...clients, events };
}

async function leave({ sandbox, mia, nils }: Town): Promise<void> {
  await Promise.all([mia.disconnect(), nils.disconnect()]);
  await sandbox.stop();
}

async function offerIn({ events }: Town): Promise<FileReceive> {
  return until("an offer", () => {
    const event = events.find(({ type }) => type === "file");
    return event?.type === "file" ? event.offer : undefined;
  });
}

describe("msn/transfer/transfers: between two clients", () => {
  it("carries a file whose conversation ends in the middle", async () => {
    const place = await town({ allowPrivateAddresses: true });
    const content = new PassThrough();
    const bytes = bytesOf(300_000);
    const send = place.mia.sendFile("Nils@Example.com", { name: "a.bin", size: bytes.length, content });
    const receive = await offerIn(place);
    const sink = new Sink();
    const received = receiveFile(receive, sink);
    content.write(bytes.subarray(0, 100_000));
    await until("a part", () => receive.bytes > 0);
    place.mia.conversation(NILS).leave();
    place.nils.conversation(MIA).leave();
    await until("the end of the conversation", () => place.sandbox.boards() === 0);
    content.end(bytes.subarray(100_000));
    expect([await send.done, await received]).to.deep.equal([DONE, DONE]);
    expect(sink.bytes.equals(bytes)).to.equal(true);
    expect(place.events.filter(({ type }) => type === "content")).to.deep.equal([]);
    await leave(place);
  });

  it("gives up all files when one side signs out, and the other hears of it", async () => {
    const place = await town({ allowPrivateAddresses: true });
    const running = place.mia.sendFile(NILS, { name: "a.bin", size: 10, content: new PassThrough() });
    const receive = await offerIn(place);
    const sink = new Sink();
    let isAccepted = false;
    running.on("accepted", () => (isAccepted = true));
    receive.accept(sink);
    await until("the yes", () => isAccepted);
    const waiting = place.mia.sendFile(NILS, { name: "b.bin", size: 10, content: new PassThrough() });
    await until("the second offer", () => place.events.filter(({ type }) => type === "file").length === 2);
    await place.mia.disconnect();
    for (const send of [running, waiting]) {
      expect(await send.done).to.deep.equal({ state: "cancelled", by: "us", code: "OUTBANDCANCEL" });
    }
    for (const event of place.events) {
      if (event.type !== "file") continue;
      // That they cancel, that they sign out, and that they listen no more for what was accepted come in any order.
      const outcome = await event.offer.done;
      if (outcome.state === "failed") expect(outcome.problem).to.be.oneOf(["signed-out", "unreachable"]);
      else expect(outcome).to.include({ state: "cancelled", by: "them" });
    }
    expect(sink.destroyed).to.equal(true);
    await leave(place);
  });

  it("is no business of a client that carries no files", async () => {
    const place = await town(undefined);
    expect(() => place.nils.sendFile(MIA, { name: "a", size: 1, content: () => contentOf(bytesOf(1)) })).to.throw(
      MsnError,
      "does not carry files",
    );
    const send = place.mia.sendFile(NILS, { name: "a.bin", size: 1, content: () => contentOf(bytesOf(1)) });
    const event = await until("the invitation", () => place.events.find(({ type }) => type === "content"));
    expect(event).to.have.nested.property("content.invitation.cookie", send.cookie);
    const invitation = { type: "cancel", cookie: send.cookie, code: "REJECT" } as const;
    place.nils.conversation(MIA).mention({ type: "invitation", invitation });
    expect(await send.done).to.deep.equal({ state: "declined", by: "them", code: "REJECT" });
    await leave(place);
  });
});

function portOf(address: unknown): number {
  return typeof address === "object" && address !== null && "port" in address ? Number(address.port) : 0;
}
