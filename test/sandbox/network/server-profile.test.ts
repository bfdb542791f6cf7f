import { createHash } from "node:crypto";

import { expect } from "chai";

import { OFFICIAL_RATES } from "../../../src/sandbox/network/server-profile.ts";
import { TestSandbox, type SandboxOptions } from "../../support/sandbox/test-sandbox.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";
import { goOnlineOfficially, referral, signInOfficially, VERSIONS } from "../official-client.ts";
import { linesUntilPong, play, RawClient } from "../raw-client.ts";

const accounts = [["mia"], ["nils", "Nils & co"], ["olga", "Olga"]].map(([local = "", name = ""]) => ({
  passport: `${local}@example.com`,
  password: "secret",
  name,
}));

describe("sandbox as an official notification server", () => {
  let sandbox: TestSandbox;
  let clock: FakeClock;

  async function start(options: SandboxOptions = {}): Promise<void> {
    clock = new FakeClock();
    sandbox = await TestSandbox.start({ accounts, clock, profile: "official", ...options });
  }
  beforeEach(async () => start());
  afterEach(async () => sandbox.stop());

  async function talk(dialogue: string): Promise<void> {
    await play(await RawClient.connect(await referral(sandbox, "mia@example.com")), dialogue);
  }

  it("refers clients to another port, and does nothing else on the first", async () => {
    await signInOfficially(sandbox, "mia@example.com");
    expect(sandbox.sessions("mia@example.com")).to.equal(1);
    await play(await RawClient.connect(sandbox.port), `${VERSIONS}C: USR 3 TWN S x\nS: 715 3\nS: END`);
  });

  it("wants the steps of the login in their order", async () => {
    const VER = "C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8 CVR0\n";
    await talk("C: USR 1 TWN I mia@example.com\nS: 715 1\nS: END");
    await talk("C: CVR 1 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS x@example.com\nS: 715 1\nS: END");
    await talk(`${VER}C: USR 2 TWN I mia@example.com\nS: 731 2\nS: END`);
    await talk(`${VER}C: VER 2 MSNP8\nS: 715 2\nS: END`);
    await talk(`${VERSIONS}C: SYN 3 0\nS: 715 3\nS: END`);
    const mia = await signInOfficially(sandbox, "mia@example.com");
    await play(mia, "C: USR 5 TWN I mia@example.com\nS: 207 5");
  });

  it("answers what it does not know", async () => {
    const mia = await signInOfficially(sandbox, "mia@example.com");
    await play(
      mia,
      `C: XYZ 5
      S: 200 5
      C: CVR 6 a b
      S: 200 6
      C: ADD 7 XL a@b
      S: 201 7
      C: REM 8 XL a@b
      S: 201 8
      C: PRP 9 XXX 1
      S: 201 9
      C: SYN 10 x
      S: 201 10
      C: CHG 11 NLN x
      S: 201 11
      C: XYZ
      C: PRP 12 MOB Y
      S: PRP 12 2 MOB Y
      C: REA 13 mia@example.com ${"%20".repeat(130)}
      S: 209 13
      C: CHG 14 NLN
      S: CHG 14 NLN
      S: CHL 0 <challenge>`,
    );
    expect(await linesUntilPong(mia)).to.deep.equal([]);
  });

  it("sends the list once, without groups for those who are no contacts, and not at all to who has it", async () => {
    sandbox.befriend("nils@example.com", "mia@example.com");
    sandbox.befriend("mia@example.com", "olga@example.com");
    const first = await signInOfficially(sandbox, "mia@example.com");
    const { version = "" } = await play(
      first,
      `C: SYN 5 0
      S: SYN 5 <version> 2 1
      S: GTC A
      S: BLP AL
      S: LSG 0 Other%20Contacts 0
      S: LST nils@example.com Nils%20%26%20co 8
      S: LST olga@example.com Olga 3 0
      C: SYN 6 0
      S: 715 6
      S: END`,
    );
    const second = await signInOfficially(sandbox, "mia@example.com");
    await play(second, "C: SYN 5 <version>\nS: SYN 5 <version>\nC: PNG\nS: QNG\nC: ADG 6 X 0", { version });
    await play(second, `S: ADG 6 ${Number(version) + 1} X 1 0\nC: OUT\nS: END`);
    sandbox.befriend("olga@example.com", "mia@example.com");
    const third = await signInOfficially(sandbox, "mia@example.com");
    await play(third, `C: SYN 5 ${Number(version) + 1}\nS: SYN 5 ${Number(version) + 2} 2 2`);
  });

  it("keeps the lists in order", async () => {
    const nils = await goOnlineOfficially(sandbox, "nils@example.com");
    const mia = await signInOfficially(sandbox, "mia@example.com");
    await play(
      mia,
      `C: ADD 5 FL nils@example.com nils@example.com 0
      S: ADD 5 FL 2 nils@example.com nils@example.com 0
      S: BPR 2 nils@example.com PHH
      S: BPR 2 nils@example.com PHW
      S: BPR 2 nils@example.com PHM
      S: BPR 2 nils@example.com MOB N
      S: ILN 5 NLN nils@example.com Nils%20%26%20co 0
      C: ADD 6 FL nils@example.com nils@example.com
      S: 215 6
      C: ADD 7 FL nils@example.com nils@example.com 9
      S: 224 7
      C: ADD 8 AL nils@example.com nils@example.com
      S: ADD 8 AL 3 nils@example.com nils@example.com
      C: ADD 9 AL nils@example.com nils@example.com
      S: 215 9
      C: ADD 10 BL nils@example.com nils@example.com
      S: 219 10
      C: ADG 11 A%20%2b%20B 0
      S: ADG 11 4 A%20%2b%20B 1 0
      C: ADD 12 FL nils@example.com nils@example.com 1
      S: ADD 12 FL 5 nils@example.com nils@example.com 1
      S: BPR 5 nils@example.com PHH
      S: BPR 5 nils@example.com PHW
      S: BPR 5 nils@example.com PHM
      S: BPR 5 nils@example.com MOB N
      S: ILN 12 NLN nils@example.com Nils%20%26%20co 0
      C: ADD 13 FL nils@example.com nils@example.com 1
      S: 215 13
      C: REM 14 FL nils@example.com 0
      S: 225 14
      C: RMG 15 0
      S: 230 15
      C: REG 16 0 X 0
      S: 230 16
      C: RMG 17 7
      S: 224 17
      C: REM 18 FL nils@example.com 1
      S: REM 18 FL 6 nils@example.com 1
      C: REM 19 FL nils@example.com
      S: 216 19`,
    );
    await play(nils, "S: ADD 0 RL <v> mia@example.com mia@example.com\nS: REM 0 RL <w> mia@example.com");
    expect(await linesUntilPong(nils)).to.deep.equal([]);
  });

  it("removes with a group the contacts that are in no other, and with group 0 those in none", async () => {
    const mia = await signInOfficially(sandbox, "mia@example.com");
    const mute = ["ADG 5 X 0", "ADD 6 FL nils@example.com x 1", "ADD 7 FL olga@example.com x 0"];
    for (const line of mute) mia.send(line);
    await linesUntilPong(mia);
    await play(mia, "C: RMG 8 1\nS: RMG 8 5 1\nC: REM 9 FL olga@example.com 0\nS: REM 9 FL 6 olga@example.com 0");
    await play(mia, "C: SYN 10 0\nS: SYN 10 6 0 1");
  });

  it("takes no more than 30 groups", async () => {
    const mia = await signInOfficially(sandbox, "mia@example.com");
    for (let at = 0; at < 30; at += 1) mia.send(`ADG ${at} G${at} 0`);
    await linesUntilPong(mia);
    await play(mia, "C: ADG 31 More 0\nS: 223 31");
  });

  it("gives others a name letter by letter as its owner wrote it", async () => {
    sandbox.befriend("mia@example.com", "nils@example.com", true);
    const nils = await goOnlineOfficially(sandbox, "nils@example.com");
    const mia = await goOnlineOfficially(sandbox, "mia@example.com");
    await play(nils, "S: NLN NLN mia@example.com mia@example.com 0");
    await play(nils, "C: REA 6 nils@example.com %4Eils%c3%BC\nS: REA 6 <v> nils@example.com %4Eils%c3%BC");
    await play(mia, "S: NLN NLN nils@example.com %4Eils%c3%BC 0");
    sandbox.contact("olga@example.com").rename("Olga 100%");
    expect(sandbox.contact("olga@example.com").name).to.equal("Olga 100%");
    await play(mia, "C: ADD 6 FL olga@example.com x\nS: ADD 6 FL <v> olga@example.com x");
    expect(await linesUntilPong(mia)).to.include("ILN 6 NLN olga@example.com Olga%20100%25 0");
  });

  it("tells nobody what the hidden do", async () => {
    sandbox.befriend("mia@example.com", "nils@example.com", true);
    const nils = await goOnlineOfficially(sandbox, "nils@example.com");
    const mia = await goOnlineOfficially(sandbox, "mia@example.com");
    await play(nils, "S: NLN NLN mia@example.com mia@example.com 0\nC: CHG 6 HDN 0\nS: CHG 6 HDN 0");
    await play(mia, "S: FLN nils@example.com");
    await play(nils, "C: REA 7 nils@example.com X\nS: REA 7 <v> nils@example.com X\nC: OUT\nS: END");
    expect(await linesUntilPong(mia)).to.deep.equal([]);
  });

  function answer(client: RawClient, transaction: number, challenge: string): void {
    const response = createHash("md5").update(`${challenge}Q1P7W2E4J9R8U3S5`).digest("hex");
    client.sendBytes(`QRY ${transaction} msmsgs@msnmsgr.com 32\r\n${response}`);
  }

  it("challenges again and again", async () => {
    const mia = await signInOfficially(sandbox, "mia@example.com");
    const { one = "" } = await play(mia, "C: CHG 5 NLN 0\nS: CHG 5 NLN 0\nS: CHL 0 <one>");
    expect(one).to.match(/^\d+$/u);
    answer(mia, 6, one);
    await play(mia, "S: QRY 6");
    await clock.advance(4 * 60_000);
    const { two = "" } = await play(mia, "S: CHL 0 <two>");
    expect(two).not.to.equal(one);
    answer(mia, 7, two);
    await play(mia, "S: QRY 7\nC: CHG 8 BSY 0\nS: CHG 8 BSY 0");
    expect(await linesUntilPong(mia)).to.deep.equal([]);
  });

  it("ends the session at a wrong answer to a challenge, at none, and at one that nobody asked for", async () => {
    const wrong = await goOnlineOfficially(sandbox, "mia@example.com");
    answer(wrong, 6, "0");
    await play(wrong, "S: 540 6\nS: END");
    const mute = await goOnlineOfficially(sandbox, "nils@example.com");
    await clock.advance(50_000);
    await play(mute, "S: 540 0\nS: END");
    await until("no session", () => sandbox.sessions("nils@example.com") === 0);
    const early = await signInOfficially(sandbox, "olga@example.com");
    answer(early, 5, "0");
    await play(early, "S: 540 5\nS: END");
  });

  it("allows switchboards and statuses as often as one likes, unless it is told how often", async () => {
    const free = await goOnlineOfficially(sandbox, "mia@example.com");
    for (let at = 6; at < 30; at += 1) free.send(at % 2 === 0 ? `XFR ${at} SB` : `CHG ${at} BSY 0`);
    expect((await linesUntilPong(free)).filter((line) => line.startsWith("800"))).to.deep.equal([]);
    await sandbox.stop();
    await start({ rates: OFFICIAL_RATES });
    const mia = await goOnlineOfficially(sandbox, "mia@example.com");
    for (let at = 10; at < 16; at += 1) mia.send(`XFR ${at} SB`);
    for (let at = 20; at < 25; at += 1) mia.send(`CHG ${at} BSY 0`);
    const refused = async (): Promise<string[]> => (await linesUntilPong(mia)).filter((line) => line.startsWith("800"));
    expect(await refused()).to.deep.equal(["800 15", "800 24"]);
    await clock.advance(7599);
    mia.send("XFR 30 SB");
    expect(await refused()).to.deep.equal(["800 30"]);
    await clock.advance(1);
    mia.send("XFR 31 SB");
    mia.send("XFR 32 SB");
    expect(await refused()).to.deep.equal(["800 32"]);
  });
});
