import { expect } from "chai";
import type { Topic } from "../../src/bridge/notices.ts";
import { Outage } from "../../src/bridge/outage.ts";
import type { SessionState } from "../../src/bridge/session.ts";
import { MsnError } from "../../src/msn/index.ts";
import { FakeClock } from "../support/fake-clock.ts";

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
  let told: Array<[sentence: string, topic: Topic | undefined]>;
  let open: Set<string>;
  let stopping: AbortController;

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    open = new Set();
    stopping = new AbortController();
  });

  const newOutage = (): Outage =>
    new Outage({
      row: {
        id: 7,
        server: "one",
        passport: "mia@example.com",
        owner: "@mia:x",
        wantedStatus: "NLN",
        managementRoom: null,
      },
      network: { id: "one", name: "One", host: "x", port: 1, nexusUrl: "http://x", throttles: false },
      tellOwner: (sentence, topic) => {
        told.push([sentence, topic]);
        if (topic === undefined) return;
        if (topic.isLast === true) open.delete(topic.about);
        else open.add(topic.about);
      },
      hasTold: (about) => open.has(about),
      clock,
      signal: stopping.signal,
    });

  it("is told once when it has lasted three minutes, with its reason, and once more when it is over", async () => {
    const outage = newOutage();
    for (const state of [connected, waiting, connecting, waiting]) outage.see(state);
    await clock.advance(3 * MINUTE - 1);
    expect(told).to.deep.equal([]);
    await clock.advance(60 * MINUTE);
    outage.see(waiting);
    expect(told).to.have.length(1);
    expect(told[0]?.[0]).to.match(/^mia@example.com on One: no connection .* \(the server cannot be reached\)/u);
    outage.see(connecting);
    outage.see(connected);
    expect(told).to.have.length(2);
    expect(told[1]?.[0]).to.include("connected to MSN again");
    expect(told[1]?.[1]).to.deep.equal({ about: told[0]?.[1]?.about, isLast: true });
    await clock.advance(60 * MINUTE);
    expect(told).to.have.length(2);
  });

  it("is not told when it is short, however often it comes", async () => {
    const outage = newOutage();
    for (let round = 0; round < 10; round += 1) {
      outage.see(waiting);
      await clock.advance(2 * MINUTE);
      outage.see(connected);
      await clock.advance(2 * MINUTE);
    }
    expect(told).to.deep.equal([]);
  });

  it("that an earlier run has told is ended by this one", () => {
    open.add("outage/7");
    const outage = newOutage();
    outage.see(connecting);
    outage.see(connected);
    expect(told.map(([sentence]) => sentence).join()).to.include("connected to MSN again");
  });

  it("ends when nobody tries any more", async () => {
    const outage = newOutage();
    outage.see(waiting);
    await clock.advance(5 * MINUTE);
    outage.see(stopped);
    expect(told.at(-1)).to.deep.equal([
      "mia@example.com on One: signed out of MSN.",
      { about: "outage/7", isLast: true },
    ]);
  });

  it("is no matter when the bridge stops", async () => {
    const outage = newOutage();
    outage.see(waiting);
    await clock.advance(5 * MINUTE);
    stopping.abort();
    outage.see({ type: "logged-out" });
    expect(told).to.have.length(1);
    expect(clock.waiting).to.equal(0);
  });
});
