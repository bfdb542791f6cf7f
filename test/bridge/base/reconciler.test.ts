import { expect } from "chai";
import { Reconciler } from "../../../src/bridge/base/reconciler.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { captureLog } from "../../support/captured-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/until.ts";

describe("bridge/base/reconciler", () => {
  const away = new MatrixError("unreachable", "the homeserver has trouble");
  let clock: FakeClock;
  let stopping: AbortController;
  let passes: number;
  const reconciler = (work: () => Promise<void>, settleMs = 0): Reconciler => {
    const dishes = {
      name: "the dishes",
      settleMs,
      reconcile: () => {
        passes += 1;
        return work();
      },
    };
    return new Reconciler({ clock, log: captured.log, signal: stopping.signal }, dishes);
  };
  let captured = captureLog();
  beforeEach(() => {
    [clock, stopping, passes, captured] = [new FakeClock(), new AbortController(), 0, captureLog()];
  });

  it("is done once for all who ask before it begins, and once more for those who ask meanwhile", async () => {
    const blocked = Promise.withResolvers<void>();
    const dishes = reconciler(() => blocked.promise);
    for (let count = 0; count < 5; count += 1) dishes.wake();
    await until("the first pass", () => passes === 1);
    for (let count = 0; count < 5; count += 1) dishes.wake();
    blocked.resolve();
    await dishes.stop();
    expect(passes).to.equal(2);
  });

  it("waits a moment for more of the same", async () => {
    const dishes = reconciler(() => Promise.resolve(), 100);
    dishes.wake();
    await clock.advance(99);
    dishes.wake();
    expect(passes).to.equal(0);
    await clock.advance(1);
    await dishes.stop();
    expect(passes).to.equal(1);
  });

  it("is tried for as long as the homeserver is away, and until the bridge stops", async () => {
    const dishes = reconciler(() => (passes < 30 ? Promise.reject(away) : Promise.resolve()));
    dishes.wake();
    await until("thirty tries", async () => {
      await clock.advance(60_000);
      return passes === 30;
    });
    const endless = reconciler(() => Promise.reject(away));
    endless.wake();
    await until("a try", () => passes === 31);
    stopping.abort();
    await endless.stop();
    endless.wake();
    await endless.stop();
    expect(captured.messages("warn")).to.deep.equal([]);
  });

  it("by hand is given up after a while; what is at fault otherwise is noted, and the next pass begins anew", async () => {
    const dishes = reconciler(() => (passes < 4 ? Promise.reject(away) : Promise.reject(new Error("a plate broke"))));
    const done = dishes.now(
      () => undefined,
      () => "done",
    );
    const failure = done.catch((error: unknown) => error);
    await until("three tries", async () => {
      await clock.advance(60_000);
      return passes === 3;
    });
    expect(await failure).to.equal(away);
    dishes.wake();
    await until("a note", () => captured.messages("warn").join() === "the dishes could not be done");
  });
});
