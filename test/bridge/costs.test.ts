import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { countCosts, type CostCounter } from "../support/message-costs.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const MESSAGES = 20;
// What was under way before may still be written down, the coming of the owner for instance, and the last is perhaps not yet.
const OTHERS = 5;
const numbers = Array.from({ length: MESSAGES }, (_, index) => `${index + 1}`);

describe("what a message costs", () => {
  let counter: CostCounter;
  let bridge: TestBridge;
  let nils: ScriptedContact;
  let room: string;
  const isSettled = (count: number): boolean => counter.costs.settled >= count;
  const shown = async (text: string, count: number): Promise<unknown> =>
    until(text, () => isSettled(count) && bridge.alice.messages(room).some(({ body }) => body === text));
  const heard = async (text: string, count: number): Promise<unknown> =>
    until(text, () => isSettled(count) && nils.received.some((one) => one.text === text));

  const expectCosts = (least: number, most = least): void => {
    const { commits, rowReads, decryptions } = counter.costs;
    expect(rowReads).to.be.at.most(MESSAGES);
    expect(decryptions).to.be.at.most(MESSAGES);
    expect(commits).to.be.within(least - OTHERS, most + OTHERS);
  };

  before(async () => {
    counter = countCosts();
    bridge = await TestBridge.started();
    await bridge.login();
    nils = bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS, true);
    await nils.say(MIA.passport, "hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    // The first one calls the contact.
    bridge.alice.say(room, "hello");
    await heard("hello", 1);
  });
  after(async () => {
    await bridge.close();
    counter.stop();
  });
  beforeEach(() => counter.reset());

  it("from MSN: one reading and one decryption; it is accepted, and settled with the next commit of others", async () => {
    for (const [index, text] of numbers.entries()) {
      await nils.say(MIA.passport, `a ${text}`);
      await shown(`a ${text}`, index + 1);
    }
    expectCosts(MESSAGES, 2 * MESSAGES);
  });

  it("from MSN, in a stream: the same", async () => {
    for (const text of numbers) void nils.say(MIA.passport, `b ${text}`);
    await shown(`b ${MESSAGES}`, MESSAGES);
    // What is read together is accepted together, and what the homeserver gives back is settled with that.
    expectCosts(1, MESSAGES + 1);
  });

  it("to MSN: one reading at most; it is accepted with its portal and marked, and settled", async () => {
    for (const [index, text] of numbers.entries()) {
      bridge.alice.say(room, `c ${text}`);
      await heard(`c ${text}`, index + 1);
    }
    expectCosts(MESSAGES, 2 * MESSAGES);
  });

  it("to MSN, in a stream: what settles one marks the next", async () => {
    for (const text of numbers) bridge.alice.say(room, `d ${text}`);
    await heard(`d ${MESSAGES}`, MESSAGES);
    // One to mark the first, one to settle each, and one for each transaction of the homeserver, which may have many events.
    expectCosts(MESSAGES + 2, 2 * MESSAGES + 1);
  });
});
