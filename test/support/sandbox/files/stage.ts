import { TestSandbox, type ScriptedContact } from "../test-sandbox.ts";
import { FakeClock } from "../../fake-clock.ts";
import { answerRing, goOnline, openBoard, play, type Facts, type RawClient } from "../../../sandbox/raw-client.ts";

const HEAD = "MIME-Version: 1.0⏎Content-Type: text/x-msmsgsinvite; charset=UTF-8⏎⏎";
const IRO = "S: IRO 1 1 1 nils@example.com Nils\n";

/** A hand-written client, mia, and a scripted contact, nils, on a server whose time stands still. */
export class Stage {
  readonly sandbox: TestSandbox;
  readonly clock: FakeClock;
  readonly nils: ScriptedContact;
  readonly #mia: RawClient;

  private constructor(sandbox: TestSandbox, clock: FakeClock, mia: RawClient) {
    this.sandbox = sandbox;
    this.clock = clock;
    this.nils = sandbox.contact("nils@example.com", "Nils");
    this.#mia = mia;
  }

  static async set(): Promise<Stage> {
    const clock = new FakeClock();
    const sandbox = await TestSandbox.start({ accounts: [{ passport: "mia@example.com", password: "secret" }], clock });
    return new Stage(sandbox, clock, await goOnline(sandbox, "mia@example.com"));
  }

  /** Mia calls nils to a board. */
  async call(): Promise<RawClient> {
    const board = await openBoard(this.#mia, "mia@example.com");
    await play(board, "C: CAL 2 nils@example.com\nS: CAL 2 RINGING <session>\nS: JOI nils@example.com Nils");
    return board;
  }

  /** Mia follows the call of nils. */
  async follow(): Promise<RawClient> {
    return answerRing(this.#mia, "mia@example.com", IRO);
  }
}

/** What nils has to say next, as fields of an invitation. */
export async function hears(board: RawClient, fields: string, facts: Facts = {}): Promise<Facts> {
  return play(board, `S: MSG nils@example.com Nils <length>\nS| ${HEAD}${fields}⏎⏎`, dropped(facts, "length"));
}

/** Mia says the fields of an invitation. */
export async function says(board: RawClient, fields: string, facts: Facts = {}): Promise<void> {
  await play(board, `C: MSG 9 N <bytes>\nC| ${HEAD}${fields}⏎⏎`, { ...facts });
}

function dropped(facts: Facts, name: string): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([key]) => key !== name));
}
