import { expect } from "chai";

import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { goOnline, linesUntilPong, play, RawClient, signIn } from "../raw-client.ts";

const accounts = [["mia"], ["nils", "Nils"], ["olga", "Olga P"]].map(([local = "", name = ""]) => ({
  passport: `${local}@example.com`,
  password: "secret",
  name,
}));

describe("sandbox lists", () => {
  let sandbox: TestSandbox;
  let nils: RawClient;

  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts });
  });
  afterEach(async () => sandbox.stop());

  it("answers duplicates on FL, AL and BL with OK, and puts one on both AL and BL", async () => {
    const mia = await signIn(sandbox, "mia@example.com");
    await play(
      mia,
      `C: ADD 5 AL olga@example.com
      S: ADD 5 AL 1 olga@example.com
      C: ADD 6 AL olga@example.com olga@example.com
      S: ADD 6 AL 2 olga@example.com olga@example.com
      C: ADD 7 BL olga@example.com olga@example.com
      S: ADD 7 BL 3 olga@example.com olga@example.com
      C: SYN 8 41
      S: SYN 8 42 1 1
      S: GTC A
      S: BLP AL
      S: LSG 0 Other%20Contacts 0
      S: LST olga@example.com Olga%20P 6 0
      C: ADG 9 X
      S: ADG 9 43 X 1 0
      C: SYN 10 0
      S: SYN 10 1 1 2`,
    );
  });

  it("says nothing of a contact that goes on the FL from nowhere", async () => {
    sandbox.contact("olga@example.com");
    const mia = await signIn(sandbox, "mia@example.com");
    await play(
      mia,
      "C: ADD 5 FL olga@example.com olga@example.com 0\nS: ADD 5 FL 1 olga@example.com olga@example.com 0",
    );
    expect(await linesUntilPong(mia)).to.deep.equal([]);
  });

  it("repeats the telephone numbers of a new contact who allows it", async () => {
    sandbox.befriend("nils@example.com", "mia@example.com");
    nils = await goOnline(sandbox, "nils@example.com");
    await play(nils, "C: PRP 7 PHM 555%200199\nS: PRP 7 2 PHM 555%200199");
    const mia = await signIn(sandbox, "mia@example.com");
    await play(
      mia,
      `C: ADD 5 FL nils@example.com nils@example.com 0
      S: ADD 5 FL 1 nils@example.com nils@example.com 0
      S: BPR 1 nils@example.com PHH
      S: BPR 1 nils@example.com PHW
      S: BPR 1 nils@example.com PHM 555%200199
      S: BPR 1 nils@example.com MOB N
      S: BPR 2 nils@example.com PHM 555%200199
      S: ILN 5 NLN nils@example.com Nils 0`,
    );
  });

  it("tells the other of the first ADD FL and of REM FL, each time with a notice", async () => {
    nils = await goOnline(sandbox, "nils@example.com");
    const mia = await signIn(sandbox, "mia@example.com");
    mia.send("ADD 5 FL nils@example.com nils@example.com 0");
    mia.send("ADD 6 FL nils@example.com nils@example.com 0");
    mia.send("REM 7 FL nils@example.com");
    await play(
      nils,
      `S: ADD 0 RL 2 mia@example.com mia@example.com
      S: NOT <one>
      S: REM 0 RL 3 mia@example.com
      S: NOT <two>`,
    );
    expect(await linesUntilPong(nils)).to.deep.equal([]);
  });

  it("has the removals of today's servers", async () => {
    sandbox.befriend("mia@example.com", "nils@example.com");
    nils = await goOnline(sandbox, "nils@example.com");
    const mia = await signIn(sandbox, "mia@example.com");
    await play(
      mia,
      `C: ADG 5 X 0
      S: ADG 5 1 X 1 0
      C: ADD 6 FL nils@example.com nils@example.com 1
      S: ADD 6 FL 2 nils@example.com nils@example.com 1
      S: BPR 2 nils@example.com PHH
      S: BPR 2 nils@example.com PHW
      S: BPR 2 nils@example.com PHM
      S: BPR 2 nils@example.com MOB N
      S: ILN 6 NLN nils@example.com Nils 0
      C: REM 7 FL nils@example.com 0
      S: REM 7 FL 3 nils@example.com 0
      C: REM 8 FL nils@example.com 1
      S: REM 8 FL 4 nils@example.com 1`,
    );
    await play(nils, "S: REM 0 RL 2 mia@example.com\nS: NOT <length>");
    await play(
      mia,
      `C: SYN 9 0
      S: SYN 9 1 1 2
      S: GTC A
      S: BLP AL
      S: LSG 0 Other%20Contacts 0
      S: LSG 1 X 0
      S: LST nils@example.com Nils 3 0
      C: REM 10 FL nils@example.com
      S: 205 10
      C: REM 11 FL nils@example.com
      S: 216 11`,
    );
  });

  for (const line of ["ADD 5 RL nils@example.com x", "REM 5 RL nils@example.com"]) {
    it(`closes at ${line.slice(0, 3)} RL`, async () => {
      const mia = await signIn(sandbox, "mia@example.com");
      await play(mia, `C: ${line}\nS: END`);
    });
  }
});
