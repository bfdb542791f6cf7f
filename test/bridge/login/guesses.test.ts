import { join } from "node:path";
import { expect } from "chai";
import { Guesses } from "../../../src/bridge/login/guesses.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { silentLog } from "../../../src/util/log.ts";
import { timesOf } from "../../support/calendars.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { signIn } from "../../../src/bridge/actions/sign-in.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import { ActionBench, ALICE, MIA, UNTIL_DONE } from "../../support/action-bench.ts";
import { testNetwork } from "../../support/scopes.ts";
import { until } from "../../support/until.ts";

const [MALLORY, ANNA] = ["@mallory:localhost", "@anna:example.org"];

const ACCOUNT = "one/mia@example.com";
const [MINUTE, HOUR, DAY] = [60_000, 60 * 60_000, 24 * 60 * 60_000];

describe("bridge/login/guesses", () => {
  const folder = tempFolder();
  after(folder.remove);
  let clock: FakeClock;
  let store: Store;
  let guesses: Guesses;
  let files = 0;
  let path: string;
  const open = (): void => {
    store = openStore({ path, keyFile: join(folder.path, "key"), ...timesOf(clock) });
    guesses = new Guesses({ store, log: silentLog });
  };
  beforeEach(() => {
    path = join(folder.path, `${(files += 1)}.db`);
    clock = new FakeClock();
    open();
  });
  afterEach(() => store.close());

  /** Tries passwords for so long, as soon as each may be tried. @returns how many */
  function guess(forMs: number, account: (count: number) => string, owner = MALLORY): number {
    const end = clock.now() + forMs;
    for (let count = 0; ; count += 1) {
      const wait = guesses.wait(owner, account(count));
      if (clock.now() + wait >= end) return count;
      clock.holdUp(wait);
      guesses.wrong(owner, account(count));
    }
  }

  it("lets a user try five passwords of an account, and then one after each wait, which doubles", () => {
    const waits = Array.from({ length: 13 }, () => {
      const wait = guesses.wait(MALLORY, ACCOUNT);
      clock.holdUp(wait);
      guesses.wrong(MALLORY, ACCOUNT);
      return wait / MINUTE;
    });
    expect(waits).to.deep.equal([0, 0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 960, 1440]);
  });

  it("lets a user who guesses one account try a dozen passwords in the first day, and one a day later", () => {
    expect(guess(DAY, () => ACCOUNT)).to.equal(11);
    expect(guess(30 * DAY, () => ACCOUNT)).to.be.at.most(31);
  });

  it("lets one who goes through a hundred accounts try fifteen passwords, and few more", () => {
    expect(guess(15 * MINUTE, (count) => `one/${count % 100}@example.com`)).to.equal(15);
    expect(guess(DAY, (count) => `one/${count % 100}@example.com`)).to.be.at.most(8);
  });

  it("does not begin anew for those who sign in to an account of their own in between", () => {
    for (let count = 0; count < 15; count += 1) {
      guesses.wrong(MALLORY, `one/${count}@example.com`);
      guesses.right(MALLORY, "one/mallory@example.com");
    }
    expect(guesses.wait(MALLORY, "one/16@example.com")).to.equal(15 * MINUTE);
  });

  it("makes nobody wait for what fifty others try", () => {
    for (let index = 0; index < 50; index += 1) guess(15 * MINUTE, () => ACCOUNT, `@mallory${index}:example.org`);
    expect(guesses.wait(ANNA, ACCOUNT)).to.equal(0);
    for (let count = 0; count < 4; count += 1) guesses.wrong(ANNA, ACCOUNT);
    expect(guesses.wait(ANNA, ACCOUNT)).to.equal(0);
  });

  it("forgives those who mistype now and then, and those who found their password", () => {
    for (let day = 0; day < 20; day += 1) {
      for (let count = 0; count < 4; count += 1) guesses.wrong(ANNA, ACCOUNT);
      expect(guesses.wait(ANNA, ACCOUNT)).to.equal(0);
      clock.holdUp(HOUR);
    }
    for (let count = 0; count < 5; count += 1) guesses.wrong(ANNA, ACCOUNT);
    guesses.right(ANNA, ACCOUNT);
    expect(guesses.wait(ANNA, ACCOUNT)).to.equal(0);
  });

  it("gives no fresh guesses after a restart, nor where the date is set", () => {
    for (let count = 0; count < 7; count += 1) guesses.wrong(MALLORY, ACCOUNT);
    store.close();
    clock.setDate(400 * DAY);
    open();
    expect(guesses.wait(MALLORY, ACCOUNT)).to.equal(HOUR);
  });

  it("keeps no more on disk than ten thousand, and nothing that counts no more", () => {
    store.batch(() => {
      for (let index = 0; index < 10_050; index += 1) store.wrongPasswords.save(`@${index}:x`, ACCOUNT, 5);
    });
    expect(store.wrongPasswords.find("@0:x", ACCOUNT)).to.equal(undefined);
    expect(store.wrongPasswords.find("@10049:x", ACCOUNT)).to.deep.equal({ count: 5, agoMs: 0 });
    clock.holdUp(2 * DAY + 1);
    guesses.wrong(ANNA, ACCOUNT);
    expect(store.wrongPasswords.find("@10049:x", ACCOUNT)).to.equal(undefined);
  });
});

describe("users who guess passwords", () => {
  let clock: FakeClock;
  let bench: ActionBench;
  beforeEach(async () => {
    clock = new FakeClock();
    bench = await ActionBench.open({ clock });
  });
  afterEach(() => bench.close());

  it("are stopped, one who goes through a hundred accounts after fifteen", async () => {
    const outcomes: string[] = [];
    for (let index = 0; index < 100; index += 1) {
      const wish = bench.wish({ owner: MALLORY, passport: `user${index}@example.com`, password: "123456" });
      const guessing = signIn(bench.logins, wish, UNTIL_DONE);
      guessing.then(({ type }) => outcomes.push(type)).catch(() => undefined);
      await until("an answer", () => outcomes.length > index);
    }
    expect(outcomes.filter((type) => type === "sign-in-refused")).to.have.length(15);
    expect(outcomes.filter((type) => type === "too-many-wrong-passwords")).to.have.length(85);
    expect(bench.logins.all).to.deep.equal([]);
  });

  it("keep nobody who knows the password out, however many they are, nor from taking the account over", async () => {
    await bench.login();
    for (let index = 0; index < 50; index += 1) {
      const owner = `@mallory${index}:localhost`;
      const outcomes: string[] = [];
      for (let count = 0; count < 2; count += 1)
        signIn(bench.logins, bench.wish({ owner, password: `${count}` }), UNTIL_DONE)
          .then(({ type }) => outcomes.push(type))
          .catch(() => undefined);
      await until("two answers", async () => {
        await clock.advance(10);
        return outcomes.length === 2;
      });
      expect(outcomes).to.deep.equal(["sign-in-refused", "sign-in-refused"]);
    }
    const [login] = bench.logins.of(ALICE);
    expect(bench.sandbox.sessions(MIA.passport), "the session that is there").to.equal(1);
    expect(login?.session.state.type).to.equal("connected");
    await clock.advance(1000);
    expect(await signIn(bench.logins, bench.wish({ owner: "@eve:localhost" }), UNTIL_DONE)).to.deep.equal({
      type: "account-in-use",
    });
  });

  it("do not delay an account that is kept signed in, on a network that lets few sign in at once", async () => {
    const { host, port, nexusUrl } = bench.sandbox;
    const network = testNetwork({ host, port, nexusUrl, throttles: true });
    const logins = new Logins(bench.scope, [network]);
    await signIn(logins, bench.wish({ network }), UNTIL_DONE);
    const [login] = logins.of(ALICE);
    const calledOff = new AbortController();
    for (let index = 0; index < 500; index += 1) {
      const wish = bench.wish({ owner: MALLORY, network, passport: `user${index}@example.com`, password: "123456" });
      signIn(logins, wish, calledOff.signal).catch(() => undefined);
    }
    await clock.advance(0);
    bench.sandbox.disconnect(MIA.passport);
    await until("the end of the session", () => login?.session.state.type !== "connected");
    const began = clock.now();
    await until("a session", async () => {
      await clock.advance(100);
      return login?.session.state.type === "connected";
    });
    // Real time passes for the server's answers, and fake time with each look; five hundred turns are four minutes.
    expect(clock.now() - began).to.be.lessThan(60_000);
    calledOff.abort();
    await clock.advance(0);
    await login?.session.stop();
  });
});
