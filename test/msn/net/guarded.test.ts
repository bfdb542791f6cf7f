import { duplexPair } from "node:stream";
import { expect } from "chai";
import { MsnError } from "../../../src/msn/base/errors.ts";
import type { Dial } from "../../../src/msn/net/dial.ts";
import type { Fetch } from "../../../src/msn/net/fetch.ts";
import { CallLimit, guardDial, guardFetch, limitDial } from "../../../src/msn/net/guarded.ts";
import { AddressRefused, Destinations } from "../../../src/util/destinations.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";

const PLACE = { host: "9.9.9.9", port: 1863 };

interface Bench {
  readonly clock: FakeClock;
  readonly dial: Dial;
  /** What was dialled. */
  readonly dialled: string[];
  readonly warnings: () => string[];
}

function setUp(): Bench {
  const clock = new FakeClock();
  const captured = captureLog();
  const dialled: string[] = [];
  const calls = new CallLimit({ clock, log: captured.log });
  const dial: Dial = async (host, port) => {
    dialled.push(`${host} ${port}`);
    return Promise.resolve(duplexPair()[0]);
  };
  const guarded = limitDial(guardDial(dial, new Destinations(PLACE)), calls);
  return { clock, dial: guarded, dialled, warnings: () => captured.messages("warn") };
}

describe("msn/net/guarded", () => {
  it("has an account open a hundred connections at once, then fifty a second, and says once that the rest waits", async () => {
    const { clock, dial, dialled, warnings } = setUp();
    const all = Array.from({ length: 300 }, async () => dial(PLACE.host, 1864));
    await clock.advance(0);
    expect(dialled).to.have.length(100);
    await clock.advance(1000);
    expect(dialled).to.have.length(150);
    await clock.advance(3000);
    await Promise.all(all);
    expect(dialled).to.have.length(300);
    expect(warnings()).to.deep.equal(["connections have to wait: one account opens at most 50 a second here"]);
  });

  it("refuses what would wait too long, with a sentence", async () => {
    const { clock, dial, dialled } = setUp();
    const all = Array.from({ length: 1600 }, async () => dial(PLACE.host, 1864));
    const error = await rejection(dial(PLACE.host, 1864));
    expect(error).to.be.instanceOf(MsnError).and.include({
      code: "limited",
      message: "too many connections: one account opens at most 50 a second here",
    });
    await clock.advance(30_000);
    await Promise.all(all);
    expect(dialled).to.have.length(1600);
    expect(clock.waiting).to.equal(0);
  });

  it("does not dial what it refuses", async () => {
    const { dial, dialled } = setUp();
    for (let time = 0; time < 50; time += 1)
      expect(await rejection(dial("10.0.0.1", 1863))).to.include({ code: "address-refused" });
    await dial(PLACE.host, PLACE.port);
    expect(dialled).to.deep.equal(["9.9.9.9 1863"]);
  });

  it("says which place it was, also where only the connection finds out", async () => {
    const clock = new FakeClock();
    const calls = new CallLimit({ clock, log: captureLog().log });
    const refused = new AddressRefused({ host: "x", port: 1863 }, "private", "10.0.0.1");
    const failing: Dial = async () => Promise.reject(new Error("wrapped", { cause: refused }));
    const error = await rejection(guardDial(failing, new Destinations(PLACE))("x", 1863));
    expect(error).to.include({ code: "address-refused", cause: refused });
    expect(error.message).to.include("x port 1863 leads to 10.0.0.1");
    const other = new Error("other");
    const broken: Fetch = async () => Promise.reject(other);
    const init = { headers: {}, redirect: "manual", signal: new AbortController().signal } as const;
    const fetch = guardFetch(broken, calls, new Destinations({ host: "x", port: 443 }));
    expect(await rejection(fetch("https://x/", init))).to.equal(other);
    expect(await rejection(fetch("https://[::1]/", init))).to.include({ code: "address-refused" });
  });
});
