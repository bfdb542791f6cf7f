import { duplexPair, type Duplex } from "node:stream";
import { expect } from "chai";
import { msnp8 } from "../../../src/msn/dialect/msnp8.ts";
import { Connection } from "../../../src/msn/net/connection.ts";
import { MAX_MEMBERS } from "../../../src/msn/chat/board-members.ts";
import { SwitchboardClient } from "../../../src/msn/chat/switchboard.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { playServer } from "../../support/transcript.ts";
import { until } from "../../support/until.ts";

interface Bench {
  board: SwitchboardClient;
  clock: FakeClock;
  server: Duplex;
  /** What the listener was told. */
  told: string[];
}

function open(): Bench {
  const [stream, server] = duplexPair();
  const clock = new FakeClock();
  const connection = new Connection({ stream, payloadCommands: msnp8.payloadCommands, clock, log: NO_LOG });
  const told: string[] = [];
  const board = new SwitchboardClient({
    connection,
    account: "mia@example.com",
    clock,
    log: NO_LOG,
    listener: {
      onJoin: (_, account, name) => told.push(`join ${account} ${name}`),
      onLeave: (_, account) => told.push(`leave ${account}`),
      onContent: (_, from, name, content) => told.push(`content ${from} ${name} ${content.type}`),
      onClose: () => told.push("close"),
    },
  });
  return { board, clock, server, told };
}

/** A board with nils on it. */
async function openWithNils(): Promise<Bench> {
  const bench = open();
  bench.server.write("JOI nils@example.com Nils\r\n");
  await until("nils", () => bench.board.members.size === 1);
  return bench;
}

// What the client calls, what the servers answer and what becomes of texts stands in client.test.ts.
describe("msn/chat/switchboard", () => {
  it("reports who comes, once, and who goes, by lower-case account", async () => {
    const { board, server, told } = open();
    server.write(
      "JOI Nils@Example.com Nils%20(home)\r\nJOI nils@example.com Nils%202\r\nIRO 1 1 1 olga@example.com Olga\r\n",
    );
    server.write("BYE pete@example.com\r\nBYE NILS@example.com\r\nBYE nils@example.com\r\n");
    await until("all", () => told.length === 3);
    expect(told).to.deep.equal([
      "join nils@example.com Nils (home)",
      "join olga@example.com Olga",
      "leave nils@example.com",
    ]);
    expect([...board.members]).to.deep.equal([["olga@example.com", "Olga"]]);
  });

  const [ONE, TWO] = ["{3f1c8a52-77d0-4e0b-9a64-52b18cf0d9e7}", "{8c2d1e90-5a11-4f5e-bd0c-0c6f0a3e7712}"] as const;
  const PROGRAMS: Array<[what: string, lines: readonly string[], isThere: boolean]> = [
    [
      "one of two",
      [`JOI nils@example.com;${ONE} Nils`, `JOI nils@example.com;${TWO} Nils`, `BYE nils@example.com;${ONE}`],
      true,
    ],
    [
      "one named beside the account",
      [
        `IRO 1 1 2 Nils@example.com;${ONE} Nils`,
        "IRO 1 2 2 nils@example.com Nils",
        `BYE nils@example.com;${ONE.toUpperCase()}`,
      ],
      true,
    ],
    [
      "both",
      [
        `JOI nils@example.com;${ONE} Nils`,
        `JOI nils@example.com;${TWO} Nils`,
        `BYE nils@example.com;${ONE}`,
        `BYE nils@example.com;${TWO} 1`,
      ],
      false,
    ],
    [
      "all, without a name",
      [`JOI nils@example.com;${ONE} Nils`, `JOI nils@example.com;${TWO} Nils`, "BYE nils@example.com"],
      false,
    ],
    ["one that never came", [`JOI nils@example.com Nils`, `BYE nils@example.com;${TWO}`], false],
  ];
  for (const [what, lines, isThere] of PROGRAMS)
    it(`knows who is still there when of somebody's programs leaves: ${what}`, async () => {
      const { board, server, told } = open();
      server.write(`${[...lines, "JOI olga@example.com Olga"].join("\r\n")}\r\n`);
      await until("olga", () => board.members.has("olga@example.com"));
      expect(board.members.has("nils@example.com")).to.equal(isThere);
      expect(told.filter((one) => one === "leave nils@example.com")).to.have.length(isThere ? 0 : 1);
    });

  it("skips what it does not know and what lacks something, and reads on", async () => {
    const { server, told, board } = open();
    server.write("JOI\r\nIRO 1 1 1\r\nBYE\r\nXYZ 1 2\r\nACK 9\r\nJOI nils@example.com\r\n");
    await until("nils", () => told.length > 0);
    expect(told).to.deep.equal(["join nils@example.com "]);
    expect(board.isClosed).to.equal(false);
  });

  it("passes on what is said, with the name of whoever said it", async () => {
    const { server, told } = open();
    const head = "MIME-Version: 1.0\r\nContent-Type: ";
    const say = (payload: string): void => void server.write(`MSG Nils@X.com N%20M ${payload.length}\r\n${payload}`);
    say(`${head}text/plain\r\n\r\nhello`);
    say(`${head}text/x-msmsgscontrol\r\nTypingUser: nils@x.com\r\n\r\n\r\n`);
    say(`${head}image/gif\r\n\r\nbase64:`);
    await until("all", () => told.length === 3);
    expect(told).to.deep.equal(["text", "typing", "unsupported"].map((type) => `content nils@x.com N M ${type}`));
  });

  it("does not call somebody who is there", async () => {
    const { board, server } = await openWithNils();
    await board.invite("Nils@Example.com");
    expect(server.readableLength).to.equal(0);
  });

  it("counts a contact as called who joined before the answer to the call", async () => {
    const { board, server, clock } = open();
    const playing = playServer(server, "C: CAL 1 nils@example.com\nS: JOI nils@example.com Nils\nS: CAL 1 RINGING 5\n");
    await board.invite("nils@example.com");
    await playing;
    await until("the answer", () => clock.waiting === 0);
  });

  const CALLED: Array<[what: string, lines: string]> = [
    ["joined before the answer", "S: JOI nils@example.com Nils\nS: 215 1\n"],
    ["joins after the answer", "S: 215 1\nS: JOI Nils@Example.com Nils\n"],
    ["is named by another spelling", "S: 215 1\nS: JOI nils@example.com;{8c2d1e90-5a11-4f5e-bd0c-0c6f0a3e7712} Nils\n"],
    ["joined and was never answered for", "S: JOI nils@example.com Nils\n"],
  ];
  for (const [what, lines] of CALLED) {
    it(`takes 215 for a call that was made before, when the contact ${what}`, async () => {
      const { board, server } = open();
      const playing = playServer(server, `C: CAL 1 nils@example.com\n${lines}`);
      await board.invite("nils@example.com");
      await playing;
      expect([...board.members.keys()]).to.deep.equal(["nils@example.com"]);
    });
  }

  it("calls a contact again who did not come in half a minute, and waits again", async () => {
    const { board, server, clock } = open();
    const playing = playServer(
      server,
      "C: CAL 1 nils@example.com\nS: CAL 1 RINGING 5\nC: CAL 2 nils@example.com\nS: 215 2\n" +
        "S: JOI nils@example.com Nils\nC: CAL 3 olga@example.com\nS: 215 3\n",
    );
    const first = rejection(board.invite("nils@example.com"));
    await clock.advance(30_000);
    expect(await first).to.include({ code: "timeout" });
    await board.invite("nils@example.com");
    const third = rejection(board.invite("olga@example.com"));
    await playing;
    await clock.advance(30_000);
    expect(await third).to.include({ code: "timeout" });
  });

  it("calls somebody once for all who want them, and tells each what became of it", async () => {
    const { board, server } = open();
    const playing = playServer(
      server,
      "C: CAL 1 nils@example.com\nS: CAL 1 RINGING 5\nS: JOI nils@example.com Nils\n" +
        "C: CAL 2 olga@example.com\nS: 217 2\n",
    );
    await Promise.all([board.invite("nils@example.com"), board.invite("NILS@example.com")]);
    const refused = [board.invite("olga@example.com"), board.invite("olga@example.com")].map(rejection);
    await playing;
    for (const refusal of refused) expect(await refusal).to.include({ code: "contact-offline" });
    expect(server.readableLength).to.equal(0);
  });

  const crowd = (count: number): string =>
    Array.from({ length: count }, (_, at) => `JOI a${at}@example.com A\r\n`).join("");

  it("has room for so many, and calls nobody else then", async () => {
    const { board, server } = open();
    server.write(crowd(MAX_MEMBERS) + crowd(MAX_MEMBERS));
    await until("all", () => board.members.size === MAX_MEMBERS);
    expect(await rejection(board.invite("nils@example.com"))).to.include({ code: "rejected" });
    await board.invite("a1@example.com");
    expect(board.isClosed).to.equal(false);
  });

  const HOSTILE: Array<[what: string, lines: string]> = [
    ["too many people", crowd(MAX_MEMBERS + 1)],
    ["an account that is too long", `JOI ${"a".repeat(400)}@example.com A\r\n`],
  ];
  for (const [what, lines] of HOSTILE) {
    it(`is closed by a server that names ${what}, and whoever waits is told`, async () => {
      const { board, server, told } = open();
      const sending = board.send(Buffer.from("x"));
      server.write(lines);
      expect(await sending).to.have.nested.property("error.code", "protocol");
      expect([board.isClosed, board.members.size, told.at(-1)]).to.deep.equal([true, 0, "close"]);
    });
  }

  it("keeps no name of any length", async () => {
    const { board, server } = open();
    server.write(`JOI nils@example.com ${"N".repeat(7000)}\r\n`);
    await until("nils", () => board.members.size === 1);
    expect(board.members.get("nils@example.com")).to.have.length(400);
  });

  it("ends calls, and everybody's stay, when the connection ends", async () => {
    const { board, server, told, clock } = await openWithNils();
    const called = rejection(board.invite("olga@example.com"));
    server.write("CAL 1 RINGING 5\r\n");
    await clock.advance(0);
    server.end();
    expect(await called).to.include({ code: "connection-closed" });
    expect(told.slice(1)).to.deep.equal(["leave nils@example.com", "close"]);
    expect(board.members.size).to.equal(0);
    expect(board.isClosed).to.equal(true);
  });

  it("sends nothing on a board that has closed, and says so for certain", async () => {
    const { board, server } = await openWithNils();
    server.end();
    await until("closed", () => board.isClosed);
    const delivery = await board.send(Buffer.from("x"));
    expect(delivery).to.have.property("state", "failed");
    expect(delivery).to.have.nested.property("error.code", "connection-closed");
    board.post(Buffer.from("x"));
    expect(server.readableLength).to.equal(0);
  });

  const FATES: Array<[what: string, act: (bench: Bench) => void, state: string, code: string]> = [
    ["the board is lost", ({ server }) => void server.destroy(), "uncertain", "connection-closed"],
    ["the server talks nonsense", ({ server }) => void server.write("MSG a b c\r\n"), "uncertain", "protocol"],
    ["the server refuses it", ({ server }) => void server.write("282 1\r\n"), "failed", "rejected"],
    ["the server is too busy", ({ server }) => void server.write("800 1\r\n"), "failed", "server-busy"],
  ];
  for (const [what, act, state, code] of FATES) {
    it(`knows the fate of a message that was written when ${what}: ${state}`, async () => {
      const bench = await openWithNils();
      const sending = bench.board.send(Buffer.from("x"));
      act(bench);
      const delivery = await sending;
      expect(delivery).to.have.property("state", state);
      expect(delivery).to.have.nested.property("error.code", code);
    });
  }

  it("does not take over a board whose server answers something unknown", async () => {
    const { board, server } = open();
    server.write("USR 1 WAIT\r\n");
    expect(await rejection(board.signIn("key"))).to.include({ code: "protocol" });
  });

  it("does not take a refused key for a wrong password", async () => {
    for (const act of ["signIn", "answer"] as const) {
      const { board, server } = open();
      server.write("911 1\r\n");
      expect(await rejection(board[act]("key", "session"))).to.include({ code: "rejected" });
    }
  });

  it("leaves with OUT", async () => {
    const { board, server, told } = await openWithNils();
    board.post(Buffer.from("typing"));
    const left = board.leave();
    expect(board.isClosed).to.equal(true);
    // What she was saying at that moment is still heard.
    const crossing = "S: MSG nils@example.com Nils 4\nS| ⏎⏎hi\n";
    await playServer(server, `C: MSG 1 U 6\nC| typing\nC: OUT\n${crossing}`);
    server.end();
    await left;
    expect(told.slice(1)).to.deep.equal(["content nils@example.com Nils text", "leave nils@example.com", "close"]);
  });
});
