import { expect } from "chai";

import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { goOnline, play, RawClient, signIn } from "../raw-client.ts";

const accounts = [
  ["mia"],
  ["nils", "Nils"],
  ["olga", "Olga P"],
  ["pete"],
  ["dave", "Dave"],
  ["carol", "Carol C"],
  ["stranger"],
].map(([local = "", name = ""]) => ({ passport: `${local}@example.com`, password: "secret", name }));

/** What the dialogues below take for granted, done by Mia and Nils themselves. */
const MIAS_LIST = `
  C: PRP 5 PHH 555%200100
  S: PRP 5 1 PHH 555%200100
  C: ADG 6 Work%20&%20play 0
  S: ADG 6 2 Work%20&%20play 1 0
  C: ADG 7 Family 0
  S: ADG 7 3 Family 2 0
  C: ADD 8 AL nils@example.com nils@example.com
  S: ADD 8 AL 4 nils@example.com nils@example.com
  C: ADD 9 FL nils@example.com nils@example.com 1
  S: ADD 9 FL 5 nils@example.com nils@example.com 1
  S: BPR 5 nils@example.com PHH
  S: BPR 5 nils@example.com PHW
  S: BPR 5 nils@example.com PHM
  S: BPR 5 nils@example.com MOB N
  C: ADD 10 FL olga@example.com olga@example.com 1
  S: ADD 10 FL 6 olga@example.com olga@example.com 1
  C: ADD 11 AL olga@example.com olga@example.com
  S: ADD 11 AL 7 olga@example.com olga@example.com
  C: ADD 12 FL olga@example.com olga@example.com 2
  S: ADD 12 FL 8 olga@example.com olga@example.com 2
  S: BPR 8 olga@example.com PHH
  S: BPR 8 olga@example.com PHW
  S: BPR 8 olga@example.com PHM
  S: BPR 8 olga@example.com MOB N
  C: ADD 13 BL pete@example.com pete@example.com
  S: ADD 13 BL 9 pete@example.com pete@example.com
  C: OUT
  S: END`;

const SYNCHRONISATION = `
  C: SYN 5 0
  C: PNG
  S: SYN 5 1 3 3
  S: GTC A
  S: BLP AL
  S: PRP PHH 555%200100
  S: LSG 0 Other%20Contacts 0
  S: LSG 1 Work%20&%20play 0
  S: LSG 2 Family 0
  S: LST nils@example.com Nils 11 1
  S: BPR PHM 555%200199
  S: LST olga@example.com Olga%20P 3 1,2
  S: LST pete@example.com pete@example.com 4 0
  S: QNG
  C: CHG 6 NLN 0
  S: CHG 6 NLN 0
  S: ILN 6 NLN nils@example.com Nils 0`;

const NOTICE = `<NOTIFICATION id="0" siteid="45705" siteurl="http://contacts.msn.com">⏎⇥<TO pid="<pid>" name="mia@example.com">⏎⇥⇥<VIA agent="messenger" />⏎⇥</TO>⏎⇥<MSG id="0">⏎⇥⇥<SUBSCR url="s.htm" />⏎⇥⇥<ACTION url="a.htm" />⏎⇥⇥<BODY>⏎⇥⇥⇥&lt;NotificationData xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"&gt;⏎⇥⇥⇥⇥&lt;Service&gt;ABCHInternal&lt;/Service&gt;⏎⇥⇥⇥⇥&lt;CID&gt;<cid>&lt;/CID&gt;⏎⇥⇥⇥⇥&lt;LastModifiedDate&gt;<date>&lt;/LastModifiedDate&gt;⏎⇥⇥⇥⇥&lt;HasNewItem&gt;false&lt;/HasNewItem&gt;⏎⇥⇥⇥&lt;/NotificationData&gt;⏎⇥⇥</BODY>⏎⇥</MSG>⏎</NOTIFICATION>`;

describe("sandbox lists, as in docs/msnp.md 3", () => {
  let sandbox: TestSandbox;
  let nils: RawClient;

  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts });
  });
  afterEach(async () => sandbox.stop());

  async function synchroniseMia(): Promise<RawClient> {
    const before = await signIn(sandbox, "mia@example.com");
    await play(before, MIAS_LIST);
    sandbox.befriend("nils@example.com", "mia@example.com");
    nils = await goOnline(sandbox, "nils@example.com");
    await play(nils, "C: PRP 7 PHM 555%200199\nS: PRP 7 2 PHM 555%200199");
    const mia = await signIn(sandbox, "mia@example.com");
    await play(mia, SYNCHRONISATION);
    return mia;
  }

  it("plays the synchronisation, and presence and list changes of docs/msnp.md 3.2 to 3.5", async () => {
    const mia = await synchroniseMia();
    nils.send("CHG 8 BSY 0");
    await play(mia, "S: NLN BSY nils@example.com Nils 0");
    nils.send("REA 9 nils@example.com Nils%20(home)");
    await play(mia, "S: NLN BSY nils@example.com Nils%20(home) 0");
    nils.send("CHG 10 NLN 2789003324");
    await play(mia, "S: NLN NLN nils@example.com Nils%20(home) 2789003324");
    nils.send("PRP 11 PHM 555%200199");
    await play(mia, "S: BPR 2 nils@example.com PHM 555%200199");
    nils.send("OUT");
    await play(mia, "S: FLN nils@example.com");
    sandbox.contact("dave@example.com");
    await play(
      mia,
      `C: ADD 9 AL dave@example.com dave@example.com
      S: ADD 9 AL 3 dave@example.com dave@example.com
      C: ADD 10 FL dave@example.com dave@example.com 1
      S: ADD 10 FL 4 dave@example.com dave@example.com 1
      S: BPR 4 dave@example.com PHH
      S: BPR 4 dave@example.com PHW
      S: BPR 4 dave@example.com PHM
      S: BPR 4 dave@example.com MOB N
      S: ILN 10 NLN dave@example.com Dave 0`,
    );
    sandbox.befriend("carol@example.com", "mia@example.com");
    const { length, cid = "" } = await play(
      mia,
      `S: ADD 0 RL 5 carol@example.com Carol%20C\nS: NOT <length>\nS| ${NOTICE}`,
    );
    expect(Number(length)).to.equal(638 + cid.length);
    await play(
      mia,
      `C: ADD 11 AL carol@example.com carol@example.com
      S: ADD 11 AL 6 carol@example.com carol@example.com
      C: ADG 12 My%20Friends 0
      S: ADG 12 7 My%20Friends 3 0
      C: REG 13 3 Best%20Friends 0
      S: REG 13 8 3 Best%20Friends 0
      C: RMG 14 3
      S: RMG 14 9 3
      C: REA 15 mia@example.com Mia%20%F0%9F%98%80
      S: REA 15 10 mia@example.com Mia%20😀
      C: BLP 16 BL
      S: BLP 16 11 BL
      C: REM 17 FL dave@example.com
      S: REM 17 FL 12 dave@example.com
      C: CHG 18 AWY 0
      S: CHG 18 AWY 0`,
    );
  });

  it("plays the errors of docs/msnp.md 6", async () => {
    const mia = await synchroniseMia();
    await play(
      mia,
      `C: BLP 8 AL
      S: BLP 8 2 AL
      C: CHG 9 HDN 0
      S: CHG 9 HDN 0
      C: XFR 10 SB
      S: 913 10
      C: ADD 11 FL ghost@example.com ghost@example.com 0
      S: 205 11
      C: CHG 12 FLN 0
      S: 201 12
      C: RMG 13 77
      S: 224 13
      C: BLP 14 AL
      S: 218 14
      C: ADG 15 Family 0
      S: 228 15
      C: REM 16 AL pete@example.com
      S: 216 16
      C: REM 17 AL stranger@example.com
      S: 205 17
      C: CHG 18 NLN
      C: PNG
      S: QNG`,
    );
  });

  it("has every other error and silence of the lists", async () => {
    const mia = await synchroniseMia();
    await play(
      mia,
      `C: ADD 7 FL nobody nobody
      S: 201 7
      C: ADD 8 FL nils@example.com nils@example.com 1
      S: 215 8
      C: ADD 9 FL dave@example.com dave@example.com 9
      S: 224 9
      C: REM 10 FL dave@example.com
      S: REM 10 FL 2 dave@example.com
      C: REM 11 FL ghost@example.com
      S: 205 11
      C: REM 12 FL pete@example.com
      S: 216 12
      C: REM 13 FL olga@example.com 9
      S: 224 13
      C: ADG 14 Third 0
      S: ADG 14 3 Third 3 0
      C: REM 15 FL olga@example.com 3
      S: 225 15
      C: RMG 16 0
      S: 224 16
      C: REG 17 0 X 0
      S: 224 17
      C: REG 18 3 Family 0
      S: 228 18
      C: ADG 19 ${"x".repeat(62)} 0
      S: 229 19
      C: ADD 20 XX olga@example.com
      C: REM 21 PL olga@example.com
      C: REM 22 AL olga@example.com 0 0 0
      C: PNG
      S: QNG`,
    );
  });
});
