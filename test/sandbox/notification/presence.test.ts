import { expect } from "chai";

import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { goOnline, linesUntilPong, play, RawClient, signIn } from "../raw-client.ts";

const accounts = [["mia"], ["nils", "Nils"]].map(([local = "", name = ""]) => ({
  passport: `${local}@example.com`,
  password: "secret",
  name,
}));

describe("sandbox presence and profile", () => {
  let sandbox: TestSandbox;
  let mia: RawClient;
  let nils: RawClient;

  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts });
    sandbox.befriend("mia@example.com", "nils@example.com", true);
    nils = await goOnline(sandbox, "nils@example.com");
    mia = await goOnline(sandbox, "mia@example.com");
    await play(mia, "S: ILN 6 NLN nils@example.com Nils 0");
  });
  afterEach(async () => sandbox.stop());

  it("ignores a status without capabilities, and closes at an unknown one", async () => {
    await play(mia, "C: CHG 7 NLN\nC: CHG 8 NLN abc\nC: PNG\nS: QNG\nC: CHG 9 XYZ 0\nS: END");
  });

  it("sends the statuses of the others only after the first CHG", async () => {
    await play(mia, "C: CHG 7 BSY 0\nS: CHG 7 BSY 0\nC: CHG 8 BSY 0\nS: CHG 8 BSY 0\nC: PNG\nS: QNG");
  });

  it("shows the hidden as offline, gives no board to them, and rings them no more", async () => {
    await play(nils, "S: NLN NLN mia@example.com mia@example.com 0");
    await play(mia, "C: CHG 7 HDN 0\nS: CHG 7 HDN 0\nC: XFR 8 SB\nS: 913 8\nC: XFR 9 NS\nS: 201 9");
    await play(nils, "S: FLN mia@example.com");
    const again = await signIn(sandbox, "nils@example.com");
    await play(again, "C: CHG 5 NLN 0\nS: CHG 5 NLN 0");
    expect(await linesUntilPong(again)).to.deep.equal([]);
  });

  it("gives no board before the first status", async () => {
    const fresh = await signIn(sandbox, "mia@example.com");
    await play(fresh, "C: XFR 5 SB\nS: 913 5");
  });

  it("gives the hidden away when they rename or change BLP, and says FLN again when they leave", async () => {
    await play(nils, "C: CHG 7 HDN 0");
    await play(mia, "S: FLN nils@example.com");
    nils.send("REA 8 nils@example.com Nils%20B");
    await play(mia, "S: NLN HDN nils@example.com Nils%20B 0");
    nils.send("BLP 9 BL");
    await play(mia, "S: NLN HDN nils@example.com Nils%20B 0");
    nils.send("PRP 10 PHH 1");
    await play(mia, "S: BPR 2 nils@example.com PHH 1");
    nils.send("PRP 11 PHH");
    await play(mia, "S: BPR 3 nils@example.com PHH");
    nils.close();
    await play(mia, "S: FLN nils@example.com");
  });

  it("shows the blocked nothing, and lets BL win over AL", async () => {
    nils.send("ADD 7 BL mia@example.com mia@example.com");
    await play(mia, "S: FLN nils@example.com");
    for (const line of ["CHG 8 BSY 0", "REA 9 nils@example.com X", "PRP 10 PHH 1"]) nils.send(line);
    await linesUntilPong(nils);
    expect(await linesUntilPong(mia)).to.deep.equal([]);
    nils.send("REM 11 BL mia@example.com");
    await play(mia, "S: NLN BSY nils@example.com X 0");
  });

  it("lets nobody but the allowed see one under BLP BL", async () => {
    nils.send("REM 7 AL mia@example.com");
    nils.send("BLP 8 BL");
    await play(mia, "S: FLN nils@example.com");
    nils.send("BLP 9 AL");
    await play(mia, "S: NLN NLN nils@example.com Nils 0");
  });

  it("answers a mode that is set already with 218, and closes at an unknown one", async () => {
    await play(
      mia,
      `C: GTC 7 A
      S: GTC 7 2 A
      C: GTC 8 A
      S: 218 8
      C: BLP 9 BL
      S: BLP 9 3 BL
      C: BLP 10 BL
      S: 218 10
      C: GTC 11 X
      S: END`,
    );
    const again = await signIn(sandbox, "mia@example.com");
    await play(again, "C: BLP 5 X\nS: END");
  });

  it("echoes the renaming of others and forgets it", async () => {
    await play(mia, "C: REA 7 nils@example.com Nobody\nS: REA 7 2 nils@example.com Nobody");
    await play(mia, "C: SYN 8 0\nS: SYN 8 1 1 1\nS: GTC A\nS: BLP AL\nS: LSG 0 Other%20Contacts 0");
    await play(mia, "S: LST nils@example.com Nils 11 0");
  });

  it("keeps the name that a contact had when last seen", async () => {
    nils.send("OUT");
    await play(mia, "S: FLN nils@example.com\nC: OUT\nS: END");
    nils = await signIn(sandbox, "nils@example.com");
    await play(nils, "C: REA 5 nils@example.com New%20Name\nS: REA 5 1 nils@example.com New%20Name");
    const list = "S: GTC A\nS: BLP AL\nS: LSG 0 Other%20Contacts 0\nS: LST nils@example.com <name> 11 0\n";
    mia = await signIn(sandbox, "mia@example.com");
    const stale = await play(mia, `C: SYN 5 0\nS: SYN 5 1 1 1\n${list}C: CHG 6 NLN 0\nS: CHG 6 NLN 0`);
    expect(stale["name"]).to.equal("Nils");
    nils.send("CHG 6 NLN 0");
    await play(mia, "S: NLN NLN nils@example.com New%20Name 0");
    const fresh = await play(mia, `C: SYN 7 0\nS: SYN 7 1 1 1\n${list}`);
    expect(fresh["name"]).to.equal("New%20Name");
  });

  it("stores telephone numbers, says nothing at MOB before MBE, and closes at a long number", async () => {
    await play(
      mia,
      `C: PRP 7 PHH 555%200100
      S: PRP 7 2 PHH 555%200100
      C: PRP 8 PHH
      S: PRP 8 3 PHH
      C: PRP 9 MOB Y
      C: PRP 10 XXX 1
      C: PRP 11 MBE Y
      S: PRP 11 4 MBE Y
      C: PRP 12 MOB Y
      S: PRP 12 5 MOB Y
      C: PRP 13 PHW ${"1".repeat(95)}
      S: PRP 13 6 PHW ${"1".repeat(95)}
      C: PRP 14 PHW ${"1".repeat(96)}
      S: END`,
    );
  });
});
