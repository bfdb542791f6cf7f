import { copyFileSync, rmSync } from "node:fs";
import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("a bridge that is stopped and started again", function () {
  let bridge: TestBridge;
  let management: string;
  beforeEach(async () => void (bridge = await TestBridge.open()));
  afterEach(async () => bridge.close());

  /** A room with Nils in which both have spoken. */
  async function talk(): Promise<string> {
    management = await bridge.login();
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

  it("shows all that is said after a copy of its database was brought back, which knows less than the homeserver", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await bridge.start();
    const room = await talk();
    await saysOnceOnline(nils, "hello");
    await bridge.reads(bridge.alice, room, "hello");
    const { uri: path } = bridge.config.database;
    await bridge.stopBridge();
    copyFileSync(path, `${path}.copy`);

    await bridge.start();
    for (const text of ["one", "two"]) await saysOnceOnline(nils, text);
    await bridge.reads(bridge.alice, room, "two");
    for (const text of ["help", "logins"]) await bridge.ask(management, text, "");
    await bridge.stopBridge();

    for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
    copyFileSync(`${path}.copy`, path);
    await bridge.start();
    await saysOnceOnline(nils, "three");
    await bridge.reads(bridge.alice, room, "three");
    const heard = bridge.alice.messages(room).filter(({ sender }) => sender !== bridge.alice.userId);
    expect(heard.map(({ body }) => body)).to.deep.equal(["hello", "one", "two", "three"]);
    await bridge.ask(management, "help", "");
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
