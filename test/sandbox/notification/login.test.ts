import { expect } from "chai";

import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { getTicket, goOnline, linesUntilPong, play, RawClient, signIn } from "../raw-client.ts";

const accounts = ["mia", "nils"].map((name) => ({ passport: `${name}@example.com`, password: "secret" }));
const VER = "C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8\n";
const POLICY = "S: USR 3 TWN S ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1\n";

describe("sandbox login", () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts });
  });
  afterEach(async () => sandbox.stop());

  async function talk(dialogue: string, facts = {}): Promise<RawClient> {
    const client = await RawClient.connect(sandbox.port);
    await play(client, dialogue, facts);
    return client;
  }

  it("plays the login of docs/msnp.md 9", async () => {
    const client = await RawClient.connect(sandbox.port);
    await play(
      client,
      `C: VER 1 MSNP8 CVR0
      S: VER 1 MSNP8
      C: CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS mia@example.com
      S: CVR 2 5.0.0544 5.0.0544 5.0.0544 https://msn.example.net https://msn.example.net
      C: USR 3 TWN I mia@example.com
      S: USR 3 TWN S ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1
      C: USR 4 TWN S <ticket>
      S: USR 4 OK mia@example.com mia@example.com 1 0
      S: MSG Hotmail Hotmail <length>
      S| MIME-Version: 1.0⏎Content-Type: text/x-msmsgsprofile; charset=UTF-8⏎LoginTime: <time>⏎EmailEnabled: 0⏎MemberIdHigh: <high>⏎MemberIdLow: <low>⏎lang_preference: 1033⏎preferredEmail:⏎country:⏎PostalCode:⏎Gender:⏎Kid: 0⏎Age:⏎BDayPre:⏎Birthday:⏎Wallet:⏎Flags: 536872513⏎sid: 507⏎MSPAuth: <ticket>Y6+H31sTUO&p=⏎ClientIP: 127.0.0.1⏎ClientPort: <port>⏎ABCHMigrated: 1⏎MPOPEnabled: 0⏎⏎
      C: PNG
      S: QNG
      C: OUT
      S: END`,
      { ticket: await getTicket(sandbox, "mia@example.com") },
    );
  });

  it("has its own favourite among the dialects, and closes when it knows none", async () => {
    await talk("C: VER 1 MSNP12 msnp8 CVR0\nS: VER 1 MSNP8");
    await talk("C: VER 1 MSNP12 CVR0\nS: VER 1 0\nS: END");
    await talk("C: VER 1\nS: VER 1 0\nS: END");
    await talk(`${VER}C: VER 2 MSNP8\nS: 715 2\nS: END`);
  });

  it("closes at USR before VER, at PNG before the login and at other mechanisms", async () => {
    await talk("C: USR 1 TWN I mia@example.com\nS: END");
    await talk("C: PNG\nS: END");
    await talk(`${VER}C: PNG\nS: END`);
    await talk(`${VER}C: USR 2 MD5 I mia@example.com\nS: END`);
    await talk(`${VER}C: USR 2 SSO I mia@example.com\nS: END`);
  });

  it("is silent to all else before the login, and to what it does not know", async () => {
    const silent = [
      "SYN 2 0",
      "CHG 3 NLN 0",
      "CVR 4 0x0409 win 4.10",
      "ADD 5 AL a@b a@b",
      "XFR 6 SB",
      "XYZ 7",
      "URL 8 INBOX",
    ];
    await talk(
      `C: CVR 1 0x0409 win 4.10 i386 X 1 X\n${VER}${silent.map((line) => `C: ${line}\n`).join("")}C: PNG\nS: END`,
    );
    const client = await signIn(sandbox, "mia@example.com");
    const unknown = [
      "XYZ 7",
      "LST 8 RL",
      "FND 9 a",
      "PAG 10",
      "LKP 11",
      "PNG 8",
      "CVR 12 a b",
      "ADC 13 FL N=a@b",
      "toString 1",
    ];
    for (const line of unknown) client.send(line);
    client.sendBytes("QRY 14 msmsgs@msnmsgr.com 32\r\n8f2f5a91b72102cd28355e9fc9000d6eMSG 15 A 3\r\nabc");
    expect(await linesUntilPong(client)).to.deep.equal([]);
  });

  it("refuses every failed login with 911 and closes", async () => {
    await talk(`${VER}C: USR 3 TWN I mia\nS: 911 3\nS: END`);
    await talk(`${VER}C: USR 3 TWN I mia@example.com\n${POLICY}C: USR 4 TWN S 0123456789abcdef0123\nS: 911 4\nS: END`);
    const ticket = await getTicket(sandbox, "mia@example.com");
    const shout = "C: USR 3 TWN I MIA@example.com\n";
    await talk(`${VER}${shout}${POLICY}C: USR 4 TWN S <ticket>\nS: 911 4\nS: END`, { ticket });
    await talk(`${VER}C: USR 3 TWN X mia@example.com\nS: 911 3\nS: END`);
  });

  it("does not let one log in twice on a connection", async () => {
    const client = await signIn(sandbox, "mia@example.com");
    await play(client, "C: USR 5 TWN I mia@example.com\nS: 205 5\nC: URL 6 INBOX\nS: URL 6 /unused1 /unused2 1");
  });

  it("stalls for ever after an empty line", async () => {
    const client = await signIn(sandbox, "mia@example.com");
    client.sendBytes("PNG\r\n\r\nPNG\r\nOUT\r\n");
    expect((await client.read()).line).to.equal("QNG");
    const other = await signIn(sandbox, "nils@example.com");
    expect(await linesUntilPong(other)).to.deep.equal([]);
    expect(sandbox.sessions("mia@example.com")).to.equal(1);
  });

  it("closes at a line that is not UTF-8", async () => {
    const client = await RawClient.connect(sandbox.port);
    client.sendBytes(Buffer.from([0x56, 0xff, 0x0d, 0x0a]));
    await client.readEnd();
  });

  it("puts the older session out when the account signs in elsewhere", async () => {
    sandbox.befriend("nils@example.com", "mia@example.com", true);
    const watcher = await goOnline(sandbox, "nils@example.com");
    const first = await goOnline(sandbox, "mia@example.com");
    await play(watcher, "S: NLN NLN mia@example.com mia@example.com 0");
    const second = await signIn(sandbox, "mia@example.com");
    await play(first, "S: ILN 6 NLN nils@example.com nils@example.com 0\nS: OUT OTH\nS: END");
    await play(watcher, "S: FLN mia@example.com");
    expect(sandbox.sessions("mia@example.com")).to.equal(1);
    await play(second, "C: CHG 5 BSY 0\nS: CHG 5 BSY 0");
    await play(watcher, "S: NLN BSY mia@example.com mia@example.com 0");
  });

  it("counts live sessions and can cut one off", async () => {
    const client = await signIn(sandbox, "mia@example.com");
    expect(sandbox.sessions("mia@example.com")).to.equal(1);
    expect(sandbox.sessions("nobody@example.com")).to.equal(0);
    sandbox.disconnect("mia@example.com");
    await client.readEnd();
    expect(sandbox.sessions("mia@example.com")).to.equal(0);
  });
});
