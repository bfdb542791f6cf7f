import { expect } from "chai";

import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { goOnlineOfficially } from "../official-client.ts";
import { answerRing, openBoard, play, RawClient } from "../raw-client.ts";

const accounts = [["mia"], ["nils", "Nils K"], ["olga"]].map(([local = "", name = ""]) => ({
  passport: `${local}@example.com`,
  password: "secret",
  name,
}));
const IDLE = 40_000;
const X = "MIME-Version: 1.0⏎⏎x";

describe("sandbox as an official switchboard", () => {
  let sandbox: TestSandbox;
  let clock: FakeClock;
  let mia: RawClient;
  let nils: RawClient;

  beforeEach(async () => {
    clock = new FakeClock();
    // Less than a client has for its answer to a challenge, which none gives here.
    sandbox = await TestSandbox.start({ accounts, clock, profile: "official", idleBoardMs: IDLE });
    mia = await goOnlineOfficially(sandbox, "mia@example.com");
    nils = await goOnlineOfficially(sandbox, "nils@example.com");
  });
  afterEach(async () => sandbox.stop());

  async function openPair(): Promise<{ hers: RawClient; his: RawClient; session: string }> {
    const hers = await openBoard(mia, "mia@example.com");
    const { session = "" } = await play(hers, "C: CAL 2 nils@example.com\nS: CAL 2 RINGING <session>");
    const his = await answerRing(nils, "nils@example.com", "S: IRO 1 1 1 mia@example.com mia@example.com\n");
    await play(hers, "S: JOI nils@example.com Nils%20K");
    return { hers, his, session };
  }

  it("numbers its sessions, and answers with NAK whoever speaks to an empty board", async () => {
    const { hers, his, session } = await openPair();
    expect(session).to.match(/^\d+$/u);
    await play(
      hers,
      `C: MSG 3 A <bytes>
      C| ${X}
      S: ACK 3
      C: MSG 4 N <bytes>
      C| ${X}
      C: MSG 5 D <bytes>
      C| ${X}
      S: ACK 5`,
    );
    const got = `S: MSG mia@example.com mia@example.com 22\nS| ${X}\n`;
    await play(his, `${got}${got}${got}C: OUT\nS: END`);
    await play(
      hers,
      `S: BYE nils@example.com
      C: MSG 6 A <bytes>
      C| ${X}
      S: NAK 6
      C: MSG 7 N <bytes>
      C| ${X}
      S: NAK 7
      C: MSG 8 U <bytes>
      C| ${X}
      C: XYZ 9
      S: 200 9`,
    );
  });

  it("relays what today's servers would not, but no message that is too long", async () => {
    const { hers, his } = await openPair();
    await play(hers, "C: MSG 3 A <bytes>\nC| no empty line\nS: ACK 3");
    await play(his, "S: MSG mia@example.com mia@example.com 13\nS| no empty line");
    await play(hers, `C: MSG 4 A <bytes>\nC| ${"x".repeat(1664)}\nS: ACK 4`);
    await play(his, `S: MSG mia@example.com mia@example.com 1664\nS| ${"x".repeat(1664)}`);
    await play(hers, `C: MSG 5 A <bytes>\nC| ${"x".repeat(1665)}\nS: END`);
    await play(his, "S: BYE mia@example.com");
  });

  it("sends everybody away from a board that is idle, with a 1 behind the name", async () => {
    const { hers, his } = await openPair();
    await clock.advance(IDLE - 1);
    await play(hers, `C: MSG 3 A <bytes>\nC| ${X}\nS: ACK 3`);
    await play(his, `S: MSG mia@example.com mia@example.com 22\nS| ${X}`);
    await clock.advance(IDLE - 1);
    await play(hers, "C: XYZ 4\nS: 200 4");
    expect(sandbox.boards()).to.equal(1);
    await clock.advance(1);
    await play(hers, "S: BYE nils@example.com 1\nS: END");
    await play(his, "S: BYE mia@example.com 1\nS: END");
    expect(sandbox.boards()).to.equal(0);
  });

  it("sends scripted contacts away as well, who can call again", async () => {
    const olga = sandbox.contact("olga@example.com");
    const said = olga.say("mia@example.com", "hello");
    const board = await answerRing(mia, "mia@example.com", "S: IRO 1 1 1 olga@example.com olga@example.com\n");
    await said;
    await play(board, "S: MSG olga@example.com olga@example.com <length>");
    await clock.advance(IDLE);
    await play(board, "S: BYE olga@example.com 1\nS: END");
    const again = olga.say("mia@example.com", "again");
    await answerRing(mia, "mia@example.com", "S: IRO 1 1 1 olga@example.com olga@example.com\n");
    await again;
  });

  it("says 216 of those who let nobody call whom they do not know, and 217 of those who block", async () => {
    const hers = await openBoard(mia, "mia@example.com");
    await play(nils, "C: BLP 6 BL\nS: BLP 6 <v> BL");
    await play(hers, "C: CAL 2 nils@example.com\nS: 216 2");
    await play(nils, "C: ADD 7 BL mia@example.com x\nS: ADD 7 BL <w> mia@example.com x");
    await play(hers, "C: CAL 3 nils@example.com\nS: 217 3");
  });

  it("refuses what comes before and after one has taken a seat", async () => {
    const { port } = await play(mia, "C: XFR 6 SB\nS: XFR 6 SB 127.0.0.1:<port> CKI <key>");
    const board = await RawClient.connect(Number(port));
    await play(board, `C: CAL 1 nils@example.com\nS: 715 1\nC: MSG 2 A <bytes>\nC| ${X}\nS: 715 2`);
    const hers = await openBoard(mia, "mia@example.com");
    await play(hers, "C: USR 2 mia@example.com x\nS: 715 2\nC: ANS 3 mia@example.com x 1\nS: 715 3");
  });
});
