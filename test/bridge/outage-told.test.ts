import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";

/** From when on the minutes for which nobody is told of an outage pass at once. */
let isImpatient = false;
const clock: Clock = {
  now: () => systemClock.now(),
  after: (ms, run) => systemClock.after(isImpatient && ms === 3 * 60_000 ? 0 : ms, run),
};

const yes = (): boolean => true;
const no = (): boolean => false;

describe("the notice of an outage", () => {
  let bridge: TestBridge;
  let management: string;
  beforeEach(async () => {
    bridge = await TestBridge.open();
    isImpatient = false;
    await bridge.start(clock);
    management = await bridge.login();
    isImpatient = true;
  });
  afterEach(() => bridge.close());

  const said = (): string[] =>
    bridge.alice.messages(management).flatMap(({ sender, body }) => (sender === BOT ? [body] : []));

  it("says at last that there is a connection when the person has asked for one", async () => {
    bridge.sandbox.disconnect(MIA.passport);
    await bridge.reads(bridge.alice, management, "no connection to MSN");
    bridge.alice.say(management, "reconnect");
    await bridge.reads(bridge.alice, management, "connected to MSN again");
    expect(said().join("\n")).not.to.include("signed out of MSN");
  });

  it("is put right too when it could not be said before it was over", async () => {
    bridge.fake.fail({ method: "PUT", path: /\/send\//u, status: 502, times: 1000 });
    const sends = (sender: string): number =>
      bridge.fake.requests.filter(({ path, user }) => path.includes("/send/") && user === sender).length;
    const before = sends(BOT);
    bridge.sandbox.disconnect(MIA.passport);
    await until("a try to say it", () => sends(BOT) > before);
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const isThere = async (): Promise<boolean> => nils.say(MIA.passport, "hello").then(yes, no);
    await until("signed in again", isThere);
    await until("what comes from MSN", () => sends(ghostOf(NILS)) > 0);
    bridge.fake.calm();
    await bridge.reads(bridge.alice, management, "no connection to MSN");
    await bridge.reads(bridge.alice, management, "connected to MSN again");
  }).timeout(15_000);
});
