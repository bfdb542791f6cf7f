import { expect } from "chai";

import { TestSandbox, type ReceivedText, type ScriptedContact } from "./test-sandbox.ts";
import { FakeClock } from "../fake-clock.ts";
import { until } from "../until.ts";
import {
  answer,
  answerRing,
  goOnline,
  linesUntilPong,
  openBoard,
  play,
  RawClient,
  readRing,
  signIn,
} from "../../sandbox/raw-client.ts";

const accounts = [{ passport: "mia@example.com", password: "secret" }];
const IRO = "S: IRO 1 1 1 nils@example.com Nils\n";
const TEXT = "MIME-Version: 1.0⏎Content-Type: text/plain; charset=UTF-8⏎X-MMS-IM-Format: FN=Arial⏎⏎";

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no failure",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  );
}

describe("sandbox contacts", () => {
  let sandbox: TestSandbox;
  let clock: FakeClock;
  let mia: RawClient;
  let nils: ScriptedContact;

  beforeEach(async () => {
    clock = new FakeClock();
    sandbox = await TestSandbox.start({ accounts, clock });
    nils = sandbox.contact("nils@example.com", "Nils");
    sandbox.befriend("mia@example.com", "nils@example.com", true);
    mia = await goOnline(sandbox, "mia@example.com");
    await play(mia, "S: ILN 6 NLN nils@example.com Nils 0");
  });
  afterEach(async () => sandbox.stop());

  async function call(): Promise<RawClient> {
    const board = await openBoard(mia, "mia@example.com");
    await play(board, "C: CAL 2 nils@example.com\nS: CAL 2 RINGING <session>\nS: JOI nils@example.com Nils");
    return board;
  }

  it("read texts and see typing", async () => {
    const board = await call();
    const seen: ReceivedText[] = [];
    nils.onText = (text) => seen.push(text);
    await play(
      board,
      `C: MSG 3 U 88
      C| MIME-Version: 1.0⏎Content-Type: text/x-msmsgscontrol⏎TypingUser: mia@example.com⏎⏎⏎
      C: MSG 4 A <bytes>
      C| ${TEXT}one⏎two
      S: ACK 4`,
    );
    expect(nils.typing).to.deep.equal(["mia@example.com"]);
    const text = { from: "mia@example.com", text: "one\ntwo", format: "FN=Arial", at: clock.now() };
    expect(nils.received).to.deep.equal([text]);
    expect(seen).to.deep.equal([text]);
  });

  it("echo on the same board, after the ACK", async () => {
    nils.echo = true;
    const board = await call();
    await play(
      board,
      `C: MSG 3 A <bytes>
      C| ${TEXT}one⏎two
      S: ACK 3
      S: MSG nils@example.com Nils <length>
      S| MIME-Version: 1.0⏎Content-Type: text/plain; charset=UTF-8⏎X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=22⏎⏎one⏎two`,
    );
  });

  it("ring first, and say what they have to say once she has joined", async () => {
    const said = nils.say("mia@example.com", "grüß dich");
    const board = await answerRing(mia, "mia@example.com", IRO);
    await said;
    await nils.sayTyping("mia@example.com");
    await nils.nudge("MIA@example.com");
    await nils.sendRaw("mia@example.com", Buffer.from("raw"));
    await play(
      board,
      `S: MSG nils@example.com Nils <one>
      S| MIME-Version: 1.0⏎Content-Type: text/plain; charset=UTF-8⏎X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=22⏎⏎grüß dich
      S: MSG nils@example.com Nils 89
      S| MIME-Version: 1.0⏎Content-Type: text/x-msmsgscontrol⏎TypingUser: nils@example.com⏎⏎⏎
      S: MSG nils@example.com Nils 69
      S| MIME-Version: 1.0⏎Content-Type: text/x-msnmsgr-datacast⏎⏎ID: 1⏎⏎
      S: MSG nils@example.com Nils 3
      S| raw`,
    );
    nils.leave("mia@example.com");
    await play(board, "S: BYE nils@example.com");
  });

  it("keep the order of 200 texts said while the board opens and after", async () => {
    const early = Array.from({ length: 100 }, async (_, at) => nils.say("mia@example.com", `text ${at}`));
    const board = await answerRing(mia, "mia@example.com", IRO);
    const late = Array.from({ length: 100 }, async (_, at) => nils.say("mia@example.com", `text ${100 + at}`));
    await Promise.all([...early, ...late]);
    for (let at = 0; at < 200; at += 1) {
      const { payload = "" } = await board.read();
      expect(payload.endsWith(`\r\n\r\ntext ${at}`), `text ${at}`).to.equal(true);
    }
    expect(await linesUntilPong(mia), "one call was enough").to.deep.equal([]);
  });

  it("use the board that is there, and leave it when they are alone", async () => {
    const board = await call();
    await nils.say("mia@example.com", "here");
    await play(board, "S: MSG nils@example.com Nils <length>");
    board.close();
    await until("no board", () => sandbox.boards() === 0);
    const said = nils.say("mia@example.com", "again");
    await answerRing(mia, "mia@example.com", IRO);
    await said;
  });

  it("get through when both call each other", async () => {
    nils.answersCalls = false;
    const said = nils.say("mia@example.com", "one");
    const ring = await readRing(mia);
    const hers = await openBoard(mia, "mia@example.com");
    nils.answersCalls = true;
    await play(hers, "C: CAL 3 nils@example.com\nS: CAL 3 RINGING <session>\nS: JOI nils@example.com Nils");
    expect(sandbox.boards()).to.equal(2);
    const his = await answer(ring, "mia@example.com", IRO);
    await said;
    await play(his, "S: MSG nils@example.com Nils <length>");
  });

  it("fail at once when the other is offline, hidden, unknown or out of reach", async () => {
    mia.send("OUT");
    await mia.readEnd();
    const offline = "mia@example.com is offline or lets nobody call";
    expect(await failure(nils.say("mia@example.com", "x"))).to.equal(offline);
    expect(await failure(nils.say("nobody@example.com", "x"))).to.contain("nobody@example.com is offline");
    expect(await failure(nils.say("mia@example.com", "x".repeat(1600)))).to.contain("too long");
    nils.signOut();
    expect(await failure(nils.say("mia@example.com", "x"))).to.equal("nils@example.com is signed out");
    expect(sandbox.boards()).to.equal(0);
  });

  it("give up after five seconds when nobody joins", async () => {
    const texts = ["one", "two"].map(async (text) => failure(nils.say("mia@example.com", text)));
    await play(mia, "S: RNG <session> 127.0.0.1:<port> CKI <key> nils@example.com Nils");
    await clock.advance(5000);
    const late = "mia@example.com did not answer the call";
    expect(await Promise.all(texts)).to.deep.equal([late, late]);
    expect(sandbox.boards()).to.equal(0);
    const said = nils.say("mia@example.com", "three");
    await answerRing(mia, "mia@example.com", IRO);
    await said;
  });

  it("do not answer calls when told so", async () => {
    nils.answersCalls = false;
    const board = await openBoard(mia, "mia@example.com");
    await play(board, "C: CAL 2 nils@example.com\nS: CAL 2 RINGING <session>");
    await new Promise((resolve) => setImmediate(resolve));
    await play(board, "C: CAL 3 mia@example.com\nS: 215 3\nC: CAL 4 nils@example.com\nS: CAL 4 RINGING <session>");
  });

  it("come, go, change status and name", async () => {
    nils.setStatus("BSY");
    await play(mia, "S: NLN BSY nils@example.com Nils 0");
    nils.rename("Nils B");
    await play(mia, "S: NLN BSY nils@example.com Nils%20B 0");
    expect(nils.name).to.equal("Nils B");
    nils.signOut();
    await play(mia, "S: FLN nils@example.com");
    const board = await openBoard(mia, "mia@example.com");
    await play(board, "C: CAL 2 nils@example.com\nS: 217 2");
    expect(() => nils.setStatus("NLN")).to.throw("signed out");
    nils.signIn("AWY");
    await play(mia, "S: NLN AWY nils@example.com Nils%20B 0");
    expect(() => nils.setStatus("FLN")).to.throw("no status");
  });

  it("put a real session of theirs out, and are put out by one", async () => {
    const other = sandbox.contact("olga@example.com");
    const rival = sandbox.contact("mia@example.com");
    await play(mia, "S: OUT OTH\nS: END");
    await rival.say("olga@example.com", "it is me");
    expect(other.received.map(({ text }) => text)).to.deep.equal(["it is me"]);
    await signIn(sandbox, "mia@example.com");
    expect(await failure(rival.say("olga@example.com", "still me"))).to.equal("mia@example.com is signed out");
    expect(sandbox.boards()).to.equal(0);
  });

  it("are the same contact when asked for again", () => {
    expect(sandbox.contact("NILS@example.com", "Other")).to.equal(nils);
    expect(nils.name).to.equal("Other");
    expect(nils.passport).to.equal("nils@example.com");
  });

  it("talk to each other, and to a group that somebody else gathers", async () => {
    const olga = sandbox.contact("olga@example.com", "Olga P");
    olga.echo = true;
    await nils.say("olga@example.com", "hi");
    await until("the echo", () => nils.received.length === 1);
    const board = await call();
    await play(board, "C: CAL 3 olga@example.com\nS: CAL 3 RINGING <session>\nS: JOI olga@example.com Olga%20P");
    await olga.say("mia@example.com", "all of you");
    await play(board, "S: MSG olga@example.com Olga%20P <length>");
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["hi", "all of you"]);
    await nils.say("olga@example.com", "you alone");
    await until("the echo", () => nils.received.length === 3);
    await play(board, "C: CAL 4 mia@example.com\nS: 215 4");
    expect(sandbox.boards()).to.equal(2);
  });

  describe("in groups", () => {
    const company = (contact: ScriptedContact): string[] => contact.others.toSorted();

    it("gather several people, call more, and talk to all of them", async () => {
      const [olga, pete] = [sandbox.contact("olga@example.com"), sandbox.contact("pete@example.com")];
      await nils.gather(olga.passport, pete.passport);
      expect(company(nils)).to.deep.equal(["olga@example.com", "pete@example.com"]);
      const rita = sandbox.contact("rita@example.com");
      await olga.call(rita.passport);
      nils.sayToAll("hello");
      nils.sayTypingToAll();
      for (const one of [olga, pete, rita]) {
        expect(one.received.map(({ text }) => text)).to.deep.equal(["hello"]);
        expect(one.typing).to.deep.equal([nils.passport]);
      }
      olga.leaveAll();
      expect(company(rita)).to.deep.equal(["nils@example.com", "pete@example.com"]);
      expect(() => olga.others).to.throw("on no board");
    });

    it("leave again when somebody cannot be called or does not come", async () => {
      const olga = sandbox.contact("olga@example.com");
      olga.answersCalls = false;
      const gathering = failure(nils.gather(olga.passport));
      await clock.advance(5000);
      expect(await gathering).to.include("did not answer");
      olga.signOut();
      expect(await failure(nils.gather(olga.passport))).to.include("217");
      expect(sandbox.boards()).to.equal(0);
      nils.signOut();
      expect(await failure(nils.gather(olga.passport))).to.include("signed out");
    });
  });
});
