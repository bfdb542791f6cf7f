import { expect } from "chai";
import { MsnClient, MsnError, type MsnEvent } from "../../src/msn/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { GOOD_PASSPORT, MemoryServers, NEXUS, passportFetch } from "../support/memory-msn.ts";
import { rejection } from "../support/rejection.ts";
import { transcript } from "../support/transcript.ts";
import { uncaught } from "../support/uncaught.ts";
import { until } from "../support/until.ts";

const SERVER = { host: "ns", port: 1863, nexusUrl: NEXUS };
const LOGIN = transcript("login");
const TO_USR = LOGIN.slice(0, LOGIN.indexOf("S: USR 3"));
const CALL = `${LOGIN}C: XFR 7 SB\nS: NLN BSY nils@example.com Nils 0\nS: XFR 7 SB sb:1864 CKI 6a2d3b86752d90d90acb\n`;

function setUp(
  passport = GOOD_PASSPORT,
  takeTurn: () => Promise<boolean> = () => Promise.resolve(true),
): {
  servers: MemoryServers;
  clock: FakeClock;
  client: MsnClient;
  events: MsnEvent[];
} {
  const servers = new MemoryServers();
  const clock = new FakeClock();
  const { fetch } = passportFetch(passport);
  const options = {
    server: SERVER,
    account: "mia@example.com",
    password: "secret",
    clock,
    fetch,
    dial: servers.dial,
    switchboardPace: { takeTurn },
  };
  const client = new MsnClient(options);
  const events: MsnEvent[] = [];
  client.on("event", (event) => events.push(event));
  return { servers, clock, client, events };
}

describe("msn/client: signing in", () => {
  it("goes on when a listener throws, whatever the event, and gives its error to the process", async () => {
    const { servers, client, events } = setUp();
    servers.script("ns:1863", LOGIN);
    client.prependListener("event", ({ type }) => {
      throw new Error(`broken at ${type}`);
    });
    const thrown = await uncaught(1, async () => {
      await client.connect();
      await servers.done();
      await until("nils online", () => events.some(({ type }) => type === "presence"));
    });
    expect(thrown).to.include("broken at presence");
    expect(client.isConnected).to.equal(true);
    await client.disconnect();
  });

  it("knows by which name contacts see the account", async () => {
    const { servers, client } = setUp();
    expect(client.name).to.equal(undefined);
    servers.script("ns:1863", LOGIN);
    await client.connect();
    expect(client.name).to.equal("Mia K");
    await client.disconnect();
    expect(client.name).to.equal("Mia K");
  });

  it("signs in, loads the lists and learns who is online", async () => {
    const { servers, client, events } = setUp();
    servers.script("ns:1863", LOGIN);
    await client.connect();
    await servers.done();
    await until("nils online", () => client.roster.contacts.get("nils@example.com")?.status === "NLN");
    const nils = client.roster.contacts.get("nils@example.com");
    expect(nils).to.deep.include({ name: "Nils (home)", groups: new Set(["1"]), capabilities: 2_789_003_324 });
    expect([...(nils?.lists ?? [])]).to.deep.equal(["FL", "AL", "RL"]);
    expect(client.roster.contacts.get("pete@example.com")).to.deep.include({
      account: "Pete@example.com",
      status: "FLN",
    });
    expect(client.roster.groups.get("1")).to.equal("Work & play");
    expect(events.filter(({ type }) => type !== "notice")).to.deep.equal([
      { type: "presence", account: "nils@example.com", status: "NLN", name: "Nils (home)" },
    ]);
  });

  it("goes where a dispatch server refers it to", async () => {
    const { servers, client } = setUp();
    servers.script("ns:1863", `${TO_USR}S: XFR 3 NS other:5678 0 ns:1863\n`);
    servers.script("other:5678", `${TO_USR}S: XFR 3 NS third\n`);
    servers.script("third:1863", LOGIN);
    await client.connect();
    await servers.done();
    expect(client.isConnected).to.equal(true);
    await until("the dispatch servers were left", () => servers.streams[0]?.readableEnded === true);
  });

  it("does not follow referrals without end", async () => {
    const { servers, client } = setUp();
    for (let turn = 0; turn < 10; turn += 1) servers.script("ns:1863", `${TO_USR}S: XFR 3 NS ns:1863\n`);
    expect(await rejection(client.connect())).to.include({ code: "protocol" });
    expect(servers.streams).to.have.length(6);
  });

  it("ends the lists without a QNG, five seconds after their last line", async () => {
    const { servers, clock, client } = setUp();
    servers.script("ns:1863", LOGIN.replace("S: QNG\n", ""));
    const connecting = client.connect();
    const connected = until("connected", () => client.isConnected);
    for (let second = 0; second < 8 && !client.isConnected; second += 1) await clock.advance(1000);
    await Promise.all([connecting, connected]);
  });

  it("answers challenges", async () => {
    const { servers, client } = setUp();
    const challenge = [
      "S: CHL 0 15570131571988941333",
      "C: QRY 7 msmsgs@msnmsgr.com 32",
      "C| 8f2f5a91b72102cd28355e9fc9000d6e",
      "S: QRY 7",
      "S: CHL 15570131571988941333",
      "C: QRY 8 msmsgs@msnmsgr.com 32",
      "C| 8f2f5a91b72102cd28355e9fc9000d6e",
    ];
    servers.script("ns:1863", `${LOGIN}${challenge.join("\n")}\n`);
    await client.connect();
    await servers.done();
  });

  it("tells wrong passwords, busy servers, other dialects and silence apart", async () => {
    const cases: Array<[text: string, code: string, passport?: typeof GOOD_PASSPORT]> = [
      ["C: VER 1 MSNP8 CVR0\nS: VER 1 0\n", "rejected"],
      [`${TO_USR}S: 911 3\n`, "bad-credentials"],
      [`${TO_USR}S: 601 3\n`, "server-busy"],
      [`${TO_USR}S: XFR 3 SB x\n`, "protocol"],
      [`${LOGIN.slice(0, LOGIN.indexOf("S: USR 4"))}S: 911 4\n`, "bad-credentials"],
      [
        LOGIN.slice(0, LOGIN.indexOf("C: USR 4")),
        "bad-credentials",
        { ...GOOD_PASSPORT, "https://msn.example.net/login": () => new Response(null, { status: 401 }) },
      ],
    ];
    for (const [text, code, passport] of cases) {
      const { servers, client } = setUp(passport);
      servers.script("ns:1863", text);
      const error = await rejection(client.connect());
      expect(error, text).to.be.instanceOf(MsnError).with.property("code", code);
      await until("the connection is closed", () => servers.streams[0]?.readableEnded === true);
    }
  });

  it("throws nothing but its own error, whatever breaks", async () => {
    const { client } = setUp();
    const error = await rejection(client.connect());
    expect(error).to.be.instanceOf(MsnError).with.property("code", "protocol");
    expect(error.cause).to.be.an("error").with.property("message", "nobody listens on ns:1863");
  });

  it("gives up on a server that never answers", async () => {
    const { servers, clock, client } = setUp();
    servers.script("ns:1863", "C: VER 1 MSNP8 CVR0\n");
    const failed = rejection(client.connect());
    await clock.advance(30_000);
    expect(await failed).to.include({ code: "timeout" });
  });

  it("says that the session ended, and why", async () => {
    const ends: Array<[text: string, code: string]> = [
      ["S: OUT OTH\n", "signed-in-elsewhere"],
      ["S: OUT SSD\n", "server-busy"],
      ["S: OUT\n", "connection-closed"],
      ["S: MSG x y z\n", "protocol"],
    ];
    for (const [text, code] of ends) {
      const { servers, client, events } = setUp();
      servers.script("ns:1863", LOGIN);
      await client.connect();
      servers.streams[0]?.write(text.slice(3).replace("\n", "\r\n"));
      const closed = await until("closed", () => events.find((event) => event.type === "closed"));
      expect(closed.error.code).to.equal(code);
      expect(client.isConnected).to.equal(false);
      expect(client.roster.contacts.get("nils@example.com")?.status).to.equal("FLN");
    }
  });

  it("notices a dead connection within 90 seconds, and keeps a live one", async () => {
    const { servers, clock, client, events } = setUp();
    servers.script("ns:1863", `${LOGIN}C: PNG\nS: QNG\nC: PNG\n`);
    await client.connect();
    await clock.advance(59_000);
    expect(client.isConnected).to.equal(true);
    await clock.advance(32_000);
    expect(events.at(-1)).to.deep.include({ type: "closed" });
    expect(client.isConnected).to.equal(false);
  });

  it("can connect again afterwards, and signs out with OUT", async () => {
    const { servers, client, events } = setUp();
    servers.script("ns:1863", LOGIN);
    servers.script("ns:1863", `${LOGIN}C: OUT\n`);
    await client.connect();
    servers.streams[0]?.destroy();
    await until("closed", () => events.find((event) => event.type === "closed"));
    await client.connect();
    void client.disconnect();
    await servers.done();
    expect(events.filter((event) => event.type === "closed")).to.have.length(1);
  });
});

describe("msn/client: conversations", () => {
  const text = { type: "text", text: "Hi \ngrüß dich" } as const;

  it("calls, waits for the contact, and knows that a text arrived", async () => {
    const { servers, client, events } = setUp();
    servers.script("ns:1863", CALL);
    servers.script("sb:1864", transcript("call"));
    await client.connect();
    expect(await client.conversation("Nils@example.com".toLowerCase()).send(text)).to.deep.equal({
      state: "delivered",
    });
    const content = await until("an answer", () => events.find((event) => event.type === "content"));
    expect(content).to.deep.equal({
      type: "content",
      account: "nils@example.com",
      name: "Nils",
      content: {
        type: "text",
        text: "line one\nline two",
        style: {
          font: "Segoe UI",
          bold: true,
          italic: false,
          underline: false,
          strike: false,
          color: "#ff0000",
          charset: 0,
          family: "swiss",
          pitch: "variable",
          rightToLeft: false,
        },
      },
      group: undefined,
    });
    expect(events).to.deep.include({ type: "name", account: "nils@example.com", name: "Nils" });
    await servers.done();
  });

  it("calls again on an empty board that is still open", async () => {
    const { servers, client, events } = setUp();
    servers.script("ns:1863", CALL);
    const again = [
      "C: CAL 4 nils@example.com",
      "S: CAL 4 RINGING 1",
      "S: JOI nils@example.com Nils",
      ...transcript("call")
        .split("\n")
        .slice(7, 9)
        .map((line) => line.replace("MSG 3", "MSG 5")),
      "S: ACK 5",
    ];
    // The BYE comes before the answer, so that it has been read when the answer has.
    const bye = "S: BYE nils@example.com\n";
    const board = transcript("call").replace(bye, "").replace("S: MSG nils", `${bye}S: MSG nils`);
    servers.script("sb:1864", `${board}${again.join("\n")}\n`);
    await client.connect();
    const conversation = client.conversation("nils@example.com");
    await conversation.send(text);
    await until("the answer", () => events.find((event) => event.type === "content"));
    expect(await conversation.send(text)).to.deep.equal({ state: "delivered" });
    await servers.done();
  });

  const untilMessage = transcript("call").slice(0, transcript("call").indexOf("S: ACK"));
  const fates: Array<[what: string, board: string, state: string, code?: string]> = [
    ["an ACK on an empty board", `${untilMessage}S: BYE nils@example.com\nS: ACK 3\n`, "failed", "contact-offline"],
    ["an ACK before the contact left", `${untilMessage}S: ACK 3\nS: BYE nils@example.com\n`, "delivered"],
    ["217", `${untilMessage.slice(0, untilMessage.indexOf("S: CAL"))}S: 217 2\n`, "failed", "contact-offline"],
  ];
  for (const [what, board, state, code] of fates) {
    it(`knows the fate of a text: ${what}`, async () => {
      const { servers, client } = setUp();
      servers.script("ns:1863", CALL);
      servers.script("sb:1864", board);
      await client.connect();
      const delivery = await client.conversation("nils@example.com").send(text);
      expect(delivery.state).to.equal(state);
      if (delivery.state !== "delivered") expect(delivery.error.code).to.equal(code);
    });
  }

  it("asks for another board when one refuses its key", async () => {
    const { servers, client } = setUp();
    servers.script("ns:1863", `${CALL}C: XFR 8 SB\nS: XFR 8 SB sb:1864 CKI 6a2d3b86752d90d90acb\n`);
    servers.script("sb:1864", `${untilMessage.slice(0, untilMessage.indexOf("S: USR"))}S: 911 1\n`);
    servers.script("sb:1864", transcript("call"));
    await client.connect();
    expect(await client.conversation("nils@example.com").send(text)).to.deep.equal({ state: "delivered" });
    await servers.done();
  });

  it("resends once on a new board after a NAK", async () => {
    const { servers, client } = setUp();
    servers.script("ns:1863", `${CALL}C: XFR 8 SB\nS: XFR 8 SB sb:1864 CKI 6a2d3b86752d90d90acb\n`);
    servers.script("sb:1864", `${untilMessage}S: NAK 3\nC: OUT\n`);
    servers.script("sb:1864", transcript("call"));
    await client.connect();
    expect(await client.conversation("nils@example.com").send(text)).to.deep.equal({ state: "delivered" });
    await servers.done();
  });

  it("is uncertain when the board goes, or says nothing, after the bytes were written", async () => {
    const { servers, clock, client } = setUp();
    servers.script("ns:1863", CALL);
    servers.script("sb:1864", untilMessage);
    await client.connect();
    const sending = client.conversation("nils@example.com").send(text);
    await until("the text was written", async () => servers.played.length === 2 && (await servers.done(), true));
    await clock.advance(30_000);
    const delivery = await sending;
    expect(delivery).to.have.property("state", "uncertain");
  });

  it("leaves a board that confirms nothing any more, and opens another for the next text", async () => {
    const { servers, clock, client } = setUp();
    servers.script("ns:1863", `${CALL}C: PNG\nS: QNG\nC: XFR 8 SB\nS: XFR 8 SB sb:1864 CKI 6a2d3b86752d90d90acb\n`);
    servers.script("sb:1864", `${untilMessage}C: OUT\n`);
    servers.script("sb:1864", transcript("call"));
    await client.connect();
    const conversation = client.conversation("nils@example.com");
    const sending = conversation.send(text);
    await until("nils is there", () => conversation.present.size === 1);
    await clock.advance(30_000);
    expect(await sending).to.have.property("state", "uncertain");
    expect(await conversation.send(text)).to.deep.equal({ state: "delivered" });
    await servers.done();
  });

  it("leaves an empty board on which nobody can be called any more", async () => {
    const { servers, clock, client } = setUp();
    servers.script("ns:1863", `${CALL}C: PNG\nS: QNG\nC: XFR 8 SB\nS: XFR 8 SB sb:1864 CKI 6a2d3b86752d90d90acb\n`);
    servers.script("sb:1864", `${untilMessage}S: ACK 3\nS: BYE nils@example.com\nC: CAL 4 nils@example.com\nC: OUT\n`);
    servers.script("sb:1864", transcript("call"));
    await client.connect();
    const conversation = client.conversation("nils@example.com");
    await conversation.send(text);
    await until("nils has gone", () => conversation.present.size === 0);
    const sending = conversation.send(text);
    await clock.advance(30_000);
    expect(await sending).to.deep.include({ state: "failed" });
    expect(await conversation.send(text)).to.deep.equal({ state: "delivered" });
    await servers.done();
  });

  it("gives up when the called contact does not join", async () => {
    const { servers, clock, client } = setUp();
    servers.script("ns:1863", CALL);
    servers.script("sb:1864", untilMessage.slice(0, untilMessage.indexOf("S: JOI")) + "C: OUT\n");
    await client.connect();
    const sending = client.conversation("nils@example.com").send(text);
    await until("the call went out", () => servers.played.length === 2);
    await clock.advance(30_000);
    const delivery = await sending;
    expect(delivery).to.deep.include({ state: "failed" });
    await servers.done();
  });

  it("leaves a board that was idle for five minutes, and opens another for the next text", async () => {
    const { servers, clock, client } = setUp();
    const pings = Array.from({ length: 10 }, () => "C: PNG\nS: QNG\n").join("");
    servers.script("ns:1863", `${CALL}${pings}C: XFR 8 SB\nS: XFR 8 SB sb:1864 CKI 6a2d3b86752d90d90acb\n`);
    servers.script("sb:1864", `${transcript("call").replace("S: BYE nils@example.com\n", "")}C: OUT\n`);
    servers.script("sb:1864", transcript("call"));
    await client.connect();
    await client.conversation("nils@example.com").send(text);
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(30_000);
    expect((await client.conversation("nils@example.com").send(text)).state).to.equal("delivered");
    await servers.done();
  });

  it("does not ask for a board when its pace does not allow it", async () => {
    const { servers, client } = setUp(GOOD_PASSPORT, () => Promise.resolve(false));
    servers.script("ns:1863", LOGIN);
    await client.connect();
    const delivery = await client.conversation("nils@example.com").send(text);
    expect(delivery).to.have.property("state", "failed");
    if (delivery.state === "failed") expect(delivery.error.code).to.equal("limited");
    await servers.done();
  });

  it("answers a call, and replies on the same board", async () => {
    const { servers, client, events } = setUp();
    servers.script("ns:1863", `${LOGIN}S: RNG 496c sb:1864 CKI 5658 nils@example.com Nils\nS: RNG x\n`);
    const lines = transcript("call").split("\n");
    const board = [
      "C: ANS 1 mia@example.com 5658 496c",
      "S: IRO 1 1 1 nils@example.com Nils",
      "S: ANS 1 OK",
      ...lines.slice(10, 12),
      ...lines.slice(7, 9).map((line) => line.replace("MSG 3", "MSG 2")),
      "S: ACK 2",
      "C: MSG 3 U 88",
      "C| MIME-Version: 1.0⏎Content-Type: text/x-msmsgscontrol⏎TypingUser: mia@example.com⏎⏎⏎",
    ];
    servers.script("sb:1864", `${board.join("\n")}\n`);
    await client.connect();
    await until("a text", () => events.find((event) => event.type === "content"));
    const conversation = client.conversation("nils@example.com");
    expect(await conversation.send(text)).to.deep.equal({ state: "delivered" });
    conversation.sendTyping();
    await servers.done();
  });

  it("does not open a board for typing", async () => {
    const { servers, client } = setUp();
    servers.script("ns:1863", LOGIN);
    await client.connect();
    client.conversation("nils@example.com").sendTyping();
    await servers.done();
    expect(servers.streams).to.have.length(1);
  });

  it("fails at once what cannot be sent, and says that we are not signed in", async () => {
    const { client } = setUp();
    const delivery = await client.conversation("nils@example.com").send(text);
    expect(delivery).to.deep.include({ state: "failed" });
    const long = await client.conversation("nils@example.com").send({ type: "text", text: "x".repeat(2000) });
    expect(long).to.deep.include({ state: "failed" });
  });
});
