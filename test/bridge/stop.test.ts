import { expect } from "chai";
import { StopError, stopBridge, type Running } from "../../src/bridge/stop.ts";
import { StoreError } from "../../src/store/errors.ts";
import { FakeClock } from "../support/fake-clock.ts";

const done = (): Promise<void> => Promise.resolve();
const heard = (): Promise<boolean> => Promise.resolve(true);
const never = (): Promise<never> => Promise.withResolvers<never>().promise;

/** A bridge of which everything ends at once, but for what is given. */
function running(parts: Partial<Running>): { bridge: Running; clock: FakeClock; told: unknown[] } {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const bridge: Running = {
    signOuts: { finish: done, disconnect: heard, rest: done },
    inbox: { stop: done },
    notices: { stop: done },
    presence: { stop: done },
    puppets: { stop: done },
    homeserver: { close: done },
    maintenance: { stop: (isProper) => void told.push(isProper) },
    store: {
      close: () => void told.push("closed"),
      disk: { failure: undefined, state: "fine" },
    },
    path: "msn.db",
    clock,
    ...parts,
  };
  return { bridge, clock, told };
}

describe("bridge/stop", () => {
  it("ends properly when everything ends", async () => {
    const { bridge, clock, told } = running({});
    await stopBridge(bridge);
    expect(told).to.deep.equal([true, "closed"]);
    expect(clock.waiting).to.equal(0);
  });

  it("does not end properly when contacts said what is neither kept nor told", async () => {
    const lost = { finish: done, disconnect: () => Promise.resolve(false), rest: done };
    const { bridge, told } = running({ signOuts: lost });
    await stopBridge(bridge);
    expect(told).to.deep.equal([false, "closed"]);
  });

  const HANGS: Record<string, Partial<Running>> = {
    "the leaving of conversations": { signOuts: { finish: done, disconnect: never, rest: done } },
    "the work of logins": { signOuts: { finish: never, disconnect: heard, rest: done } },
    "a command": { inbox: { stop: never } },
    "the homeserver": { homeserver: { close: never } },
    "a puppet": { puppets: { stop: never } },
  };
  for (const [what, parts] of Object.entries(HANGS)) {
    it(`ends when ${what} hangs: the database is closed, and the next start tells of it`, async () => {
      const { bridge, clock, told } = running(parts);
      const ended = stopBridge(bridge).then(
        () => undefined,
        (error: unknown) => error,
      );
      await clock.advance(8000);
      expect(told).to.deep.equal([]);
      await clock.advance(1000);
      expect(await ended).to.be.instanceOf(StopError);
      expect(told).to.deep.equal([false, "closed"]);
    });
  }

  it("says first what is wrong with the disk", async () => {
    const failure = new StoreError("disk-broken", "The disk is gone.");
    const { bridge } = running({ store: { close: () => undefined, disk: { failure, state: "broken" } } });
    expect(await stopBridge(bridge).catch((error: unknown) => error)).to.equal(failure);
  });
});
