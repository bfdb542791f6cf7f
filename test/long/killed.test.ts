import { expect } from "chai";
import { join } from "node:path";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("a bridge that is killed and started again", function () {
  let bridge: TestBridge;
  const processes: BridgeProcess[] = [];
  beforeEach(async () => void (bridge = await TestBridge.open()));
  afterEach(async () => {
    for (const child of processes.splice(0)) await child.kill();
    await bridge.close();
  });

  async function run(): Promise<BridgeProcess> {
    const child = new BridgeProcess(["-c", join(bridge.folder.path, "config.yaml")]);
    processes.push(child);
    await child.prints("connected to the homeserver");
    return child;
  }

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

  it("sends after a kill what it had accepted and not begun to send, once", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const first = await run();
    const room = await talk();
    // Nobody follows the call, so the bridge waits for the contact with the message in hand.
    nils.answersCalls = false;
    expect(await bridge.fake.push({ events: [event(room, "$one", "one"), event(room, "$two", "two")] })).to.equal(200);
    await until("the call", () => bridge.sandbox.boards() > 0);
    await first.kill();
    nils.answersCalls = true;
    await run();
    await until("both", () => nils.received.length === 2);
    expect(await bridge.fake.push({ events: [event(room, "$one", "one")] })).to.equal(200);
    bridge.alice.say(room, "three");
    await until("the third", () => nils.received.some(({ text }) => text === "three"));
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["one", "two", "three"]);
  });

  it("shows after a kill what a contact had said, once, also if the homeserver has forgotten the first try", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const first = await run();
    const room = await talk();
    // The event is made and the answer lost, then the bridge dies and the homeserver restarts.
    bridge.fake.holdTransactions(true);
    bridge.fake.fail({ method: "PUT", path: /\/send\/m\.room\.message\//u, resetAfterDeed: true, times: 1 });
    await nils.say(MIA.passport, "hello");
    await until("the first try", () => bridge.alice.messages(room).some(({ body }) => body === "hello"));
    await first.kill();
    bridge.fake.forgetTransactionIds();
    bridge.fake.holdTransactions(false);
    await run();
    await saysOnceOnline(nils, "again");
    await bridge.reads(bridge.alice, room, "again");
    const bodies = bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
    expect(bodies).to.deep.equal(["hello", "again"]);
  });

  it("says of a message that was on its way when it was killed that it may have arrived", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const first = await run();
    const room = await talk();
    bridge.alice.say(room, "zero");
    await until("zero", () => nils.received.length === 1);
    bridge.sandbox.stall("acknowledgements", true);
    bridge.alice.say(room, "one");
    await until("one", () => nils.received.length === 2);
    await first.kill();
    bridge.sandbox.stall("acknowledgements", false);
    await run();
    await bridge.reads(bridge.alice, room, "may not have been delivered");
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["zero", "one"]);
  });

  it("does not make a second room when it is killed while the first is being made", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const first = await run();
    await bridge.login();
    bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, resetAfterDeed: true, times: 1 });
    await nils.say(MIA.passport, "hello");
    await until("the room", () => bridge.fake.rooms().length === 2);
    await first.kill();
    await run();
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    expect(bridge.fake.rooms()).to.have.length(2);
  });

  it("does not run a command again that it was killed in, and says so", async () => {
    const first = await run();
    const management = await bridge.manage();
    bridge.sandbox.stall("logins", true);
    bridge.alice.say(management, `login sandbox ${MIA.passport} ${MIA.password}`);
    await until("the redaction", () =>
      bridge.alice.messages(management).every(({ body }) => !body.startsWith("login")),
    );
    await first.kill();
    bridge.sandbox.stall("logins", false);
    await run();
    await bridge.reads(bridge.alice, management, "stopped while it worked on your command");
    expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
  });

  for (const [what, before, said] of [
    ["a login in one line", [], `login sandbox ${MIA.passport} planted`],
    ["the answer to the question for a password", [`login sandbox ${MIA.passport}`], "planted"],
    ["a token", [], "login-matrix planted"],
  ] as const) {
    it(`removes a secret all the same that it was killed in: ${what}`, async () => {
      const first = await run();
      const management = await bridge.manage();
      for (const text of before) await bridge.ask(management, text, "?");
      bridge.fake.fail({ method: "PUT", path: /\/redact\//u, stall: true, times: 1 });
      bridge.alice.say(management, said);
      await until("the redaction", () => bridge.fake.requests.some(({ path }) => path.includes("/redact/")));
      await first.kill();
      bridge.fake.calm();
      await run();
      const { body } = await bridge.reads(bridge.alice, management, "stopped while it worked on your command");
      expect(body).to.include("I removed your message");
      expect(JSON.stringify(bridge.fake.room(management).timeline)).to.not.include("planted");
    });
  }

  for (const signals of [
    ["SIGTERM", "SIGTERM"],
    ["SIGINT", "SIGINT", "SIGINT"],
    ["SIGINT", "SIGTERM", "SIGTERM"],
  ] as const) {
    it(`ends properly when told so more than once: ${signals.join(", ")}`, async () => {
      const child = await run();
      const management = await bridge.login();
      // What keeps it from ending before the other signals have come.
      bridge.fake.fail({ path: /\/redact\//u, times: 1, slow: { when: "before", ms: 60_000 } });
      const redactions = (): number => bridge.fake.requests.filter(({ path }) => path.includes("/redact/")).length;
      const before = redactions();
      bridge.alice.say(management, "login mia planted");
      await until("the redaction", () => redactions() === before + 1);
      const [first, ...others] = signals;
      process.kill(child.pid, first);
      await child.prints("stopping");
      for (const signal of others) process.kill(child.pid, signal);
      bridge.fake.calm();
      expect(await child.ends()).to.equal(0);
      await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    });
  }

  it("ends by itself at SIGTERM, and signs out", async () => {
    const child = await run();
    await bridge.login();
    expect(await child.kill("SIGTERM")).to.equal(0);
    await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
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
