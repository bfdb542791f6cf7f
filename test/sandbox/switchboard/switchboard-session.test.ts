import { expect } from "chai";

import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";
import { answerRing, goOnline, linesUntilPong, openBoard, play, RawClient, type Facts } from "../raw-client.ts";

const accounts = [["mia"], ["nils", "Nils"], ["olga", "Olga P"], ["gone"]].map(([local = "", name = ""]) => ({
  passport: `${local}@example.com`,
  password: "secret",
  name,
}));

const HELLO = `MIME-Version: 1.0⏎Content-Type: text/plain; charset=UTF-8⏎X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0⏎⏎`;
const TYPING = "MIME-Version: 1.0⏎Content-Type: text/x-msmsgscontrol⏎TypingUser: mia@example.com⏎⏎⏎";
const RINGING = "C: CAL 2 nils@example.com\nS: CAL 2 RINGING <session>";
const NILS_JOINS = "S: JOI nils@example.com Nils";

function message(body: string | Buffer, ...headers: string[]): Buffer {
  return Buffer.concat([Buffer.from(`${headers.join("\r\n")}\r\n\r\n`), Buffer.from(body)]);
}

function sendMessage(board: RawClient, transaction: number, ack: string, payload: Buffer): void {
  board.sendBytes(`MSG ${transaction} ${ack} ${payload.length}\r\n`);
  board.sendBytes(payload);
}

describe("sandbox switchboard", () => {
  let sandbox: TestSandbox;
  let clock: FakeClock;
  let mia: RawClient;
  let nils: RawClient;

  beforeEach(async () => {
    clock = new FakeClock();
    sandbox = await TestSandbox.start({ accounts, clock });
    mia = await goOnline(sandbox, "mia@example.com");
    nils = await goOnline(sandbox, "nils@example.com");
  });
  afterEach(async () => sandbox.stop());

  /** Mia's and Nils' ends of a board that Mia opened. */
  async function openPair(): Promise<{ hers: RawClient; his: RawClient; facts: Facts }> {
    const hers = await openBoard(mia, "mia@example.com");
    const facts = await play(hers, RINGING);
    const his = await answerRing(nils, "nils@example.com", "S: IRO 1 1 1 mia@example.com mia@example.com\n");
    await play(hers, NILS_JOINS);
    return { hers, his, facts };
  }

  it("plays the outgoing and the incoming chat of docs/msnp.md 9, both ends of one board", async () => {
    const { hers, his, facts } = await openPair();
    expect(facts["session"]).to.match(/^[0-9a-f]{31}$/u);
    await play(
      hers,
      `C: MSG 3 U 88
      C| ${TYPING}
      C: MSG 4 A 147
      C| ${HELLO}Hello Nils, grüß dich!
      S: ACK 4`,
    );
    await play(
      his,
      `S: MSG mia@example.com mia@example.com 88
      S| ${TYPING}
      S: MSG mia@example.com mia@example.com 147
      S| ${HELLO}Hello Nils, grüß dich!
      C: MSG 2 A 138
      C| MIME-Version: 1.0⏎Content-Type: text/plain; charset=UTF-8⏎X-MMS-IM-Format: FN=Segoe%20UI; EF=B; CO=ff; CS=0; PF=22⏎⏎line one⏎line two
      S: ACK 2
      C: MSG 3 N 69
      C| MIME-Version: 1.0⏎Content-Type: text/x-msnmsgr-datacast⏎⏎ID: 1⏎⏎
      C: OUT
      S: END`,
    );
    await play(
      hers,
      `S: MSG nils@example.com Nils 138
      S| MIME-Version: 1.0⏎Content-Type: text/plain; charset=UTF-8⏎X-MMS-IM-Format: FN=Segoe%20UI; EF=B; CO=ff; CS=0; PF=22⏎⏎line one⏎line two
      S: MSG nils@example.com Nils 69
      S| MIME-Version: 1.0⏎Content-Type: text/x-msnmsgr-datacast⏎⏎ID: 1⏎⏎
      S: BYE nils@example.com`,
    );
    expect(sandbox.boards()).to.equal(1);
    await play(hers, "C: OUT\nS: END");
    expect(sandbox.boards()).to.equal(0);
  });

  it("calls somebody who left back to the same board, as docs/msnp.md 4.3 has it", async () => {
    const { hers, his, facts } = await openPair();
    hers.close();
    await play(his, "S: BYE mia@example.com");
    await play(his, "C: CAL 3 mia@example.com\nS: CAL 3 RINGING <session>", facts);
    const again = await answerRing(mia, "mia@example.com", "S: IRO 1 1 1 nils@example.com Nils\n");
    await play(his, "S: JOI mia@example.com mia@example.com\nC: MSG 4 A <bytes>\nC| MIME-Version: 1.0⏎⏎x");
    await play(his, "S: ACK 4");
    await play(again, "S: MSG nils@example.com Nils 22");
  });

  it("plays a chat of three (docs/msnp.md 4.3)", async () => {
    const olga = await goOnline(sandbox, "olga@example.com");
    const { hers, his, facts } = await openPair();
    await play(hers, "C: CAL 5 olga@example.com\nS: CAL 5 RINGING <session>", facts);
    const members = "S: IRO 1 1 2 mia@example.com mia@example.com\nS: IRO 1 2 2 nils@example.com Nils\n";
    const third = await answerRing(olga, "olga@example.com", members);
    await play(third, `C: MSG 2 A 130\nC| ${HELLO}Hi both\nS: ACK 2`);
    const hiBoth = `S: JOI olga@example.com Olga%20P\nS: MSG olga@example.com Olga%20P 130\nS| ${HELLO}Hi both\n`;
    await play(hers, `${hiBoth}C: CAL 6 olga@example.com\nS: 215 6`);
    await play(his, hiBoth);
    await play(third, "C: OUT\nS: END");
    await play(hers, "S: BYE olga@example.com");
    his.close();
    await play(hers, "S: BYE nils@example.com");
  });

  it("plays the refusals of CAL (docs/msnp.md 4.1)", async () => {
    const hers = await openBoard(mia, "mia@example.com");
    nils.send("ADD 7 BL mia@example.com mia@example.com");
    sandbox.contact("olga@example.com").setStatus("HDN");
    await linesUntilPong(nils);
    await play(
      hers,
      `C: CAL 6 nobody@example.com
      S: 217 6
      C: CAL 7 olga
      S: 208 7
      C: CAL 8 gone@example.com
      S: 217 8
      C: CAL 9 nils@example.com
      S: 217 9
      C: CAL 10 olga@example.com
      S: 217 10
      C: CAL 11 mia@example.com
      S: 215 11`,
    );
    expect(await linesUntilPong(nils)).to.deep.equal([]);
  });

  async function transferKey(): Promise<{ port: number; key: string }> {
    const facts = await play(mia, "C: XFR 7 SB\nS: XFR 7 SB 127.0.0.1:<port> CKI <key>");
    return { port: Number(facts["port"]), key: facts["key"] ?? "" };
  }

  it("refuses wrong, spent, strange and old keys with 911 and closes", async () => {
    const { port, key } = await transferKey();
    expect(key).to.match(/^[0-9a-f]{20}$/u);
    const tries = [`mia@example.com 0123456789abcdef0123`, `nils@example.com ${key}`, `mia@example.com ${key}`];
    for (const words of tries) {
      await play(await RawClient.connect(port), `C: USR 1 ${words}\nS: 911 1\nS: END`);
    }
    const good = await transferKey();
    const login = `C: USR 1 mia@example.com ${good.key}\n`;
    await play(await RawClient.connect(port), `${login}S: USR 1 OK mia@example.com mia@example.com`);
    await play(await RawClient.connect(port), `${login}S: 911 1\nS: END`);
    const old = await transferKey();
    await clock.advance(120_000);
    await play(await RawClient.connect(port), `C: USR 1 mia@example.com ${old.key}\nS: 911 1\nS: END`);
  });

  it("closes without a word at the right key with a wrong session, and the key is spent", async () => {
    const hers = await openBoard(mia, "mia@example.com");
    await play(hers, RINGING);
    const facts = await play(nils, "S: RNG <session> 127.0.0.1:<port> CKI <key> mia@example.com mia@example.com");
    for (const [session, end] of [
      ["123", "S: END"],
      [facts["session"], "S: 911 1\nS: END"],
    ] as const) {
      const board = await RawClient.connect(Number(facts["port"]));
      await play(board, `C: ANS 1 nils@example.com <key> ${session}\n${end}`, { ...facts });
    }
  });

  it("gives 60 seconds to authenticate, and no limit after that", async () => {
    const hers = await openBoard(mia, "mia@example.com");
    const { port } = await transferKey();
    const idle = await RawClient.connect(port);
    await play(idle, "C: CAL 1 nils@example.com\nC: MSG 2 A 1\nC| x\nC: USR 3 mia@example.com");
    await play(hers, "C: CAL 3 mia@example.com\nS: 215 3");
    await clock.advance(60_000);
    await idle.readEnd();
    await clock.advance(3_600_000);
    await play(hers, "C: CAL 4 mia@example.com\nS: 215 4");
  });

  it("knows no switchboard commands on the notification port", async () => {
    await play(mia, "C: CAL 7 nils@example.com\nC: ANS 8 mia@example.com x y\nC: PNG\nS: QNG");
  });

  it("acknowledges A and D even when nobody is there, and U and N never", async () => {
    const hers = await openBoard(mia, "mia@example.com");
    const text = message("hello", "MIME-Version: 1.0", "Content-Type: text/plain");
    for (const [at, ack] of ["U", "A", "N", "D"].entries()) sendMessage(hers, at, ack, text);
    await play(hers, "S: ACK 1\nS: ACK 3\nC: CAL 9 mia@example.com\nS: 215 9");
  });

  it("drops what it cannot read, without ACK", async () => {
    const { hers, his } = await openPair();
    const notUtf8 = Buffer.from([0x61, 0xff]);
    const dropped = [
      Buffer.alloc(0),
      Buffer.from("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n"),
      message(notUtf8, "Content-Type: text/plain"),
      message(notUtf8, "X-Other: no type"),
      Buffer.concat([Buffer.from("X: "), notUtf8, Buffer.from("\r\n\r\nx")]),
      message("Data: x\r\n", "Content-Type: text/x-msnmsgr-datacast"),
      message("ID: 1", "Content-Type: text/x-msnmsgr-datacast"),
    ];
    for (const [at, payload] of dropped.entries()) sendMessage(hers, 20 + at, "A", payload);
    sendMessage(hers, 30, "A", message("ID: 1\r\n", "content-type: text/x-msnmsgr-datacast"));
    sendMessage(hers, 31, "A", message(notUtf8, "Content-Type: image/gif"));
    await play(hers, "S: ACK 30\nS: ACK 31");
    await play(his, "S: MSG mia@example.com mia@example.com <first>\nS: MSG mia@example.com mia@example.com <second>");
  });

  const p2p = message("x", "Content-Type: application/x-msnmsgrp2p");
  for (const [what, ack, payload] of [
    ["a message of 1665 bytes", "A", message("x".repeat(1661), "")],
    ["an unknown ack letter", "S", message("x", "")],
    ["P2P content without D", "A", p2p],
  ] as const) {
    it(`closes at ${what}`, async () => {
      const { hers, his } = await openPair();
      sendMessage(hers, 3, ack, payload);
      await hers.readEnd();
      await play(his, "S: BYE mia@example.com");
    });
  }

  it("takes a message of 1664 bytes, and P2P content with D", async () => {
    const { hers } = await openPair();
    sendMessage(hers, 3, "A", message("x".repeat(1660), ""));
    sendMessage(hers, 4, "D", p2p);
    await play(hers, "S: ACK 3\nS: ACK 4");
  });

  it("keeps boards when the account signs in elsewhere, and can close them all", async () => {
    const { hers, his } = await openPair();
    await goOnline(sandbox, "mia@example.com");
    await play(mia, "S: OUT OTH\nS: END");
    await play(his, "C: MSG 2 A <bytes>\nC| MIME-Version: 1.0⏎⏎x\nS: ACK 2");
    await play(hers, "S: MSG nils@example.com Nils 22");
    sandbox.closeBoards();
    await hers.readEnd();
    await his.readEnd();
    await until("no board", () => sandbox.boards() === 0);
  });
});
