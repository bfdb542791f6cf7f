import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { countCosts, type CostCounter } from "../support/message-costs.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const MESSAGES = 10;
const numbers = Array.from({ length: MESSAGES }, (_, index) => `${index + 1}`);

describe("what a message costs", () => {
  let counter: CostCounter;
  let bridge: TestBridge;
  let nils: ScriptedContact;
  let room: string;
  const settled = async (count: number): Promise<unknown> =>
    until(`${count} settled`, () => counter.costs.settled >= count);

  before(async () => {
    counter = countCosts();
    bridge = await TestBridge.started();
    await bridge.login();
    nils = bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS, true);
    await nils.say(MIA.passport, "hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
  });
  after(async () => {
    await bridge.close();
    counter.stop();
  });
  beforeEach(async () => {
    counter.reset();
    bridge.alice.say(room, "before");
    await nils.say(MIA.passport, "before");
    await settled(2);
    counter.reset();
  });

  it("from MSN: one reading and one decryption; it is accepted and settled", async () => {
    for (const [index, text] of numbers.entries()) {
      await nils.say(MIA.passport, text);
      await settled(index + 1);
    }
    expect(counter.costs).to.include({ rowReads: MESSAGES, decryptions: MESSAGES, commits: 2 * MESSAGES });
  });

  it("from MSN, in a stream: the same", async () => {
    for (const text of numbers) void nils.say(MIA.passport, text);
    await settled(MESSAGES);
    expect(counter.costs).to.include({ rowReads: MESSAGES, decryptions: MESSAGES, commits: 2 * MESSAGES });
  });

  it("to MSN: one reading and one decryption; it is accepted with its portal, marked, and settled", async () => {
    for (const [index, text] of numbers.entries()) {
      bridge.alice.say(room, text);
      await settled(index + 1);
    }
    expect(counter.costs).to.include({ rowReads: MESSAGES, decryptions: MESSAGES, commits: 3 * MESSAGES });
  });

  it("to MSN, in a stream: what settles one marks the next", async () => {
    for (const text of numbers) bridge.alice.say(room, text);
    await settled(MESSAGES);
    const { commits, ...costs } = counter.costs;
    expect(costs).to.include({ rowReads: MESSAGES, decryptions: MESSAGES });
    // One to mark the first, one to settle each, and one for each transaction of the homeserver, which has many events.
    expect(commits).to.be.within(MESSAGES + 2, 2 * MESSAGES + 1);
  });
});
