import { expect } from "chai";
import { Outage } from "../../../src/bridge/from-msn/outage.ts";
import type { SessionState } from "../../../src/bridge/session/session.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { systemClock, type Clock } from "../../../src/util/clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { accountScope, loginRow, ToldNotices } from "../../support/scopes.ts";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const MINUTE = 60_000;
const waiting: SessionState = {
  type: "waiting",
  error: new MsnError("connect-failed", "the server cannot be reached"),
  until: 0,
};
const connecting: SessionState = { type: "connecting" };
const connected: SessionState = { type: "connected", since: 0 };
const stopped: SessionState = { type: "stopped", error: new MsnError("bad-credentials", "no") };

describe("an outage of a login", () => {
  let clock: FakeClock;
  let notices: ToldNotices;
  let stopping: AbortController;

  beforeEach(() => {
    clock = new FakeClock();
    notices = new ToldNotices();
    stopping = new AbortController();
  });

  const newOutage = (): Outage =>
    new Outage(accountScope({ row: loginRow({ id: 7 }), notices, clock, signal: stopping.signal }));

  it("is told once when it has lasted three minutes, with its reason, and once more when it is over", async () => {
    const outage = newOutage();
    for (const state of [connected, waiting, connecting, waiting]) outage.see(state);
    await clock.advance(3 * MINUTE - 1);
    expect(notices.told).to.deep.equal([]);
    await clock.advance(60 * MINUTE);
    outage.see(waiting);
    expect(notices.told).to.have.length(1);
    expect(notices.told[0]?.sentence).to.match(
      /^mia@example.com on One: no connection .* \(the server cannot be reached\)/u,
    );
    outage.see(connecting);
    outage.see(connected);
    expect(notices.told).to.have.length(2);
    expect(notices.told[1]?.sentence).to.include("connected to MSN again");
    expect(notices.told[1]?.topic).to.deep.equal({ about: notices.told[0]?.topic?.about, isLast: true });
    await clock.advance(60 * MINUTE);
    expect(notices.told).to.have.length(2);
  });

  for (const byMinutes of [-24 * 60, 24 * 60]) {
    it(`begins before it ends, by whichever date: one that is set by ${byMinutes} minutes meanwhile`, async () => {
      const outage = newOutage();
      outage.see(connected);
      outage.see(waiting);
      await clock.advance(MINUTE);
      clock.setDate(byMinutes * MINUTE);
      await clock.advance(4 * MINUTE);
      outage.see(connected);
      const [since = "", end = ""] = notices.told.map(
        ({ sentence }) => /since (\S+ \S+) UTC/u.exec(sentence)?.[1] ?? "",
      );
      expect(Date.parse(`${end}Z`) - Date.parse(`${since}Z`)).to.equal(5 * MINUTE);
    });
  }

  it("is not told when it is short, however often it comes", async () => {
    const outage = newOutage();
    for (let round = 0; round < 10; round += 1) {
      outage.see(waiting);
      await clock.advance(2 * MINUTE);
      outage.see(connected);
      await clock.advance(2 * MINUTE);
    }
    expect(notices.told).to.deep.equal([]);
  });

  // How long a session lasts, and how long it takes to get the next one, in seconds.
  for (const [name, up, down] of [
    ["at once", 0, 20],
    ["after ten seconds", 10, 60],
    ["after a minute and a half", 90, 5],
  ] as const) {
    it(`is told as breaking again and again, once, when each session ends ${name}; once more when one has lasted`, async () => {
      const outage = newOutage();
      outage.see(connected);
      for (let round = 0; round < 30; round += 1) {
        outage.see(connecting);
        outage.see(waiting);
        await clock.advance(down * 1000);
        outage.see(connecting);
        outage.see(connected);
        await clock.advance(up * 1000);
      }
      expect(notices.told.map(({ topic }) => topic)).to.deep.equal([{ about: "outage/7", isLast: false }]);
      expect(notices.told[0]?.sentence).to.match(/keeps breaking since .* \(the server cannot be reached\)/u);
      await clock.advance(2 * MINUTE);
      expect(notices.told.map(({ topic }) => topic?.isLast)).to.deep.equal([false, true]);
      expect(notices.told[1]?.sentence).to.include("connected to MSN again since");
      await clock.advance(60 * MINUTE);
      expect(notices.told).to.have.length(2);
      expect(clock.waiting).to.equal(0);
    });
  }

  it("that was told as breaking is told as down, in the same notice, when nothing comes back any more", async () => {
    const outage = newOutage();
    for (let round = 0; round < 5; round += 1) {
      outage.see(waiting);
      await clock.advance(MINUTE);
      outage.see(connected);
    }
    outage.see(waiting);
    await clock.advance(60 * MINUTE);
    expect(notices.told.map(({ sentence }) => /keeps breaking|no connection/u.exec(sentence)?.[0])).to.deep.equal([
      "keeps breaking",
      "no connection",
    ]);
    expect(notices.told.every(({ topic }) => topic?.about === "outage/7" && topic.isLast === false)).to.equal(true);
  });

  it("that an earlier run has told is ended by this one", () => {
    notices.tell("@alice:localhost", "It is broken.", { about: "outage/7" });
    notices.told.length = 0;
    const outage = newOutage();
    outage.see(connecting);
    outage.see(connected);
    expect(notices.told.map(({ sentence }) => sentence).join()).to.include("connected to MSN again");
  });

  it("ends when nobody tries any more", async () => {
    const outage = newOutage();
    outage.see(waiting);
    await clock.advance(5 * MINUTE);
    outage.see(stopped);
    expect(notices.told.at(-1)).to.deep.equal({
      owner: "@alice:localhost",
      sentence: "mia@example.com on One: signed out of MSN.",
      topic: { about: "outage/7", isLast: true },
    });
  });

  it("is no matter when the bridge stops", async () => {
    const outage = newOutage();
    outage.see(waiting);
    await clock.advance(5 * MINUTE);
    stopping.abort();
    outage.see({ type: "logged-out" });
    expect(notices.told).to.have.length(1);
    expect(clock.waiting).to.equal(0);
  });
});

/** From when on the minutes for which nobody is told of an outage pass at once. */
let isImpatient = false;
const hasty: Clock = {
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
    await bridge.start(hasty);
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
  });
});
