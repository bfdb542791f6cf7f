import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("a bridge that is stopped and started again", function () {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.open()));
  afterEach(async () => bridge.close());

  /** A room with Nils in which both have spoken. */
  async function talk(): Promise<string> {
    const management = await bridge.login();
    bridge.alice.say(management, `start-chat ${NILS}`);
    return bridge.joinRoomOf(NILS);
  }

  function event(room: string, id: string, body: string): Record<string, unknown> {
    const content = { msgtype: "m.text", body };
    return { event_id: id, room_id: room, sender: bridge.alice.userId, type: "m.room.message", content };
  }

  it("takes a transaction once, whether it comes again at once, after a restart or under another id", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await bridge.start();
    const room = await talk();
    const transaction = { events: [event(room, "$one", "one"), event(room, "$two", "two")] };
    for (const id of ["t1", "t1", "t2"]) expect(await bridge.fake.push(transaction, id)).to.equal(200);
    await until("both", () => nils.received.length === 2);
    await bridge.stopBridge();
    await bridge.start();
    for (const id of ["t1", "t3"]) expect(await bridge.fake.push(transaction, id)).to.equal(200);
    expect(
      await bridge.fake.push({ events: [event(room, "$two", "two"), event(room, "$three", "three")] }, "t4"),
    ).to.equal(200);
    await until("the third", () => nils.received.some(({ text }) => text === "three"));
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["one", "two", "three"]);
  });

  it("keeps logins and rooms over a restart", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await bridge.start();
    const room = await talk();
    await bridge.stopBridge();
    await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    await bridge.start();
    await saysOnceOnline(nils, "still there?");
    await bridge.reads(bridge.alice, room, "still there?");
    bridge.alice.say(room, "yes");
    await until("the answer", () => nils.received.some(({ text }) => text === "yes"));
    expect(bridge.fake.rooms()).to.have.length(2);
  });
});

async function saysOnceOnline(contact: ScriptedContact, text: string): Promise<void> {
  await until("Mia to be online", () =>
    contact.say(MIA.passport, text).then(
      () => true,
      () => false,
    ),
  );
}
