import { expect } from "chai";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import type { UserIntent } from "../../../src/matrix/client/intent.ts";
import type { Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { baseScope, intentOf, memoryStore } from "../../support/scopes.ts";
import { ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

describe("bridge/ghosts/ghosts", () => {
  let clock: FakeClock;
  let store: Store;
  let ghosts: Ghosts;
  let stopping: AbortController;
  /** The names that the homeserver was told, each with the time. */
  let told: { userId: string; name: unknown; at: number }[];
  let refusals: Error[];

  beforeEach(() => {
    clock = new FakeClock();
    store = memoryStore(clock);
    stopping = new AbortController();
    [told, refusals] = [[], []];
    const intent = (userId: string): UserIntent => {
      const request = (_method: string, path: string, options?: { body?: object }): Promise<unknown> => {
        const refusal = refusals.shift();
        if (refusal !== undefined) return Promise.reject(refusal);
        const name = new Map<string, unknown>(Object.entries(options?.body ?? {})).get("displayname");
        if (path.endsWith("displayname")) told.push({ userId, name, at: clock.now() });
        return Promise.resolve({});
      };
      return intentOf(userId, request);
    };
    const scope = baseScope({ store, clock, signal: stopping.signal });
    ghosts = new Ghosts(scope, new GhostIds("localhost"), { intent });
  });
  afterEach(() => store.close());

  function seen(passport: string, name: string | null): void {
    store.ghosts.save({
      server: "one",
      passport,
      userId: ghosts.intent("one", passport).userId,
      registered: true,
      name,
      avatarHash: null,
    });
  }

  it("looks once for all the names of a turn, and tells those only that are new", async () => {
    const passports = Array.from({ length: 600 }, (_, index) => `c${index}@example.com`);
    for (const passport of passports) seen(passport, `Name of ${passport}`);
    const listOtherwise = store.ghosts.listOtherwise.bind(store.ghosts);
    let reads = 0;
    store.ghosts.listOtherwise = (...names) => {
      reads += 1;
      return listOtherwise(...names);
    };
    for (const passport of passports) ghosts.rename("one", passport, `Name of ${passport}`);
    ghosts.rename("one", "C7@example.com", "Seven");
    ghosts.rename("one", "nobody@example.com", "Nobody");
    await clock.advance(1000);
    expect(reads).to.equal(1);
    expect(told.map(({ name }) => name)).to.deep.equal(["Seven"]);
  });

  it("tells the last of many names, and few of those before it", async () => {
    seen("nils@example.com", "Nils");
    for (let index = 1; index <= 100; index += 1) {
      ghosts.rename("one", "nils@example.com", `Nils ${index}`);
      await clock.advance(10);
    }
    await clock.advance(1000);
    expect(told.at(-1)?.name).to.equal("Nils 100");
    expect(told.length).to.be.at.most(5);
    expect(store.ghosts.get("one", "nils@example.com").name).to.equal("Nils 100");
  });

  it("tells the homeserver of twenty names at once, and of ten a second from then on", async () => {
    const everybody = Array.from({ length: 60 }, (_, index) => `p${index}@example.com`);
    for (const passport of everybody) seen(passport, null);
    for (const passport of everybody) ghosts.rename("one", passport, "New");
    await clock.advance(10_000);
    const start = told[0]?.at ?? 0;
    const within = (ms: number): number => told.filter(({ at }) => at - start < ms).length;
    expect(within(50)).to.be.at.most(21);
    expect(within(1050)).to.be.at.most(31);
    expect(told).to.have.length(60);
  });

  it("tells nobody what is known, and nothing of ghosts that nobody has seen", async () => {
    seen("nils@example.com", "Nils");
    ghosts.rename("one", "nils@example.com", " Nils\r\n");
    ghosts.rename("one", "olga@example.com", "Olga");
    await clock.advance(1000);
    expect(told).to.deep.equal([]);
    expect(clock.waiting).to.equal(0);
  });

  it("comes back to a name that the homeserver did not take, unless there is a newer one", async () => {
    seen("nils@example.com", "Nils");
    refusals = [Object.assign(new Error("x"), { code: "ECONNREFUSED" })];
    ghosts.rename("one", "nils@example.com", "Nils M");
    await clock.advance(300);
    expect(told).to.deep.equal([]);
    await clock.advance(10_000);
    expect(told.map(({ name }) => name)).to.deep.equal(["Nils M"]);
  });

  it("keeps no timer when the bridge stops", async () => {
    seen("nils@example.com", "Nils");
    ghosts.rename("one", "nils@example.com", "Nils M");
    stopping.abort();
    await clock.advance(0);
    expect(clock.waiting).to.equal(0);
  });

  it("shows the address of those whose name has nothing to be seen", async () => {
    await ghosts.introduce("one", "nils@example.com", "\u0000\u200b ");
    expect(told.map(({ name }) => name)).to.deep.equal(["nils@example.com"]);
  });
});

describe("many contacts", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.open()));
  afterEach(() => bridge.close());

  it("cost nothing at the second sign-in: no profile is written and no room made", async () => {
    for (let index = 0; index < 600; index += 1) {
      const passport = `p${index}@example.com`;
      bridge.sandbox.contact(passport, `Person ${index}`);
      bridge.sandbox.befriend(MIA.passport, passport, true);
    }
    bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS, true);
    await bridge.start();
    const room = await bridge.login();
    bridge.alice.say(room, `start-chat ${NILS}`);
    await bridge.joinRoomOf(NILS);
    await until("the name", () => bridge.fake.world.displayNames.get(ghostOf(NILS)) === "Nils");
    await bridge.stopBridge();
    const before = bridge.fake.requests.length;
    await bridge.start();
    await bridge.asksUntil(room, "status", "601 of 601 contacts are online");
    const asked = bridge.fake.requests.slice(before);
    const writes = asked.filter(({ method, path }) => method !== "GET" && /displayname$|createRoom$/u.test(path));
    expect(writes).to.deep.equal([]);
  });
});
