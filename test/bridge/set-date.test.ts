import { expect } from "chai";
import { systemClock, type TimeSource, type Timer } from "../../src/util/clock.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const DAY_MS = 24 * 60 * 60_000;

/** The system's clock, with a date that is another one whenever it is looked at: some days off, or some seconds. */
class RestlessDate implements TimeSource {
  #looks = 0;

  now(): number {
    return systemClock.now();
  }

  epochMs(): number {
    this.#looks += 1;
    const byDays = (this.#looks * 7) % 5;
    return Date.now() + (byDays - 2) * DAY_MS + ((this.#looks * 13) % 11) * 1000;
  }

  after(ms: number, run: () => void): Timer {
    return systemClock.after(ms, run);
  }
}

describe("a date that is set all the time", () => {
  let bridge: TestBridge;
  beforeEach(async () => {
    bridge = await TestBridge.open();
    await bridge.start(new RestlessDate());
  });
  afterEach(() => bridge.close());

  it("changes nothing of what crosses, of what waits for a connection, and of what is told", async () => {
    const management = await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "one");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "one");
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    for (const text of texts) bridge.alice.say(room, text);
    await until("all of them", () => nils.received.length === texts.length);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(texts);

    bridge.sandbox.stall("logins", true);
    bridge.sandbox.disconnect(MIA.passport);
    await until("it is missed", () => bridge.sandbox.sessions(MIA.passport) === 0);
    bridge.alice.say(room, "meanwhile");
    await bridge.ask(management, "status", "signing in right now");
    bridge.sandbox.stall("logins", false);
    await until("what waited", () => nils.received.at(-1)?.text === "meanwhile");

    for (const text of texts) await nils.say(MIA.passport, text);
    await bridge.reads(bridge.alice, room, "text 19");
    const said = bridge.alice.messages(room).filter(({ sender }) => sender === ghostOf(NILS));
    expect(said.map(({ body }) => body)).to.deep.equal(["one", ...texts]);
    expect(bridge.fake.rooms().filter((one) => one.members("join").includes(ghostOf(NILS)))).to.have.length(1);
  });

  it("signs nobody out, and makes no room a second time, over a restart", async () => {
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "one");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "one");
    await bridge.crash();
    await bridge.start(new RestlessDate());
    await until("a session", () => bridge.sandbox.sessions(MIA.passport) === 1);
    bridge.alice.say(room, "again");
    await until("it", () => nils.received.at(-1)?.text === "again");
    await nils.say(MIA.passport, "two");
    await bridge.reads(bridge.alice, room, "two");
    expect(bridge.alice.messages(room).filter(({ body }) => body === "one")).to.have.length(1);
    expect(bridge.fake.rooms().filter((one) => one.members("join").includes(ghostOf(NILS)))).to.have.length(1);
  });
});
