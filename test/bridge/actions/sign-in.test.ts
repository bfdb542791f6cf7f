import { expect } from "chai";
import { signIn } from "../../../src/bridge/actions/sign-in.ts";
import { ActionBench, BOB, EVA, MIA, UNTIL_DONE } from "../../support/action-bench.ts";
import { rejection } from "../../support/rejection.ts";
import { SETTINGS } from "../../support/settings.ts";

describe("bridge/actions/sign-in", () => {
  let bench: ActionBench;
  beforeEach(async () => void (bench = await ActionBench.open({ settings: { ...SETTINGS, maxLogins: 1 } })));
  afterEach(() => bench.close());

  it("keeps a password that the network takes, and none that it refuses", async () => {
    const refused = await signIn(bench.logins, bench.wish({ password: "wrong" }), UNTIL_DONE);
    expect(refused).to.have.nested.property("error.code", "bad-credentials");
    expect(bench.logins.all).to.deep.equal([]);
    expect(await signIn(bench.logins, bench.wish(), UNTIL_DONE)).to.deep.equal({ type: "signed-in" });
    expect(bench.logins.all.map((login) => bench.logins.isKept(login))).to.deep.equal([true]);
  });

  it("takes an account over only from whom knows its password, and only if that is wanted", async () => {
    await bench.login();
    const wish = bench.wish({ owner: BOB });
    const wrong = await signIn(bench.logins, { ...wish, password: "wrong" }, UNTIL_DONE);
    expect(wrong).to.include({ type: "sign-in-refused" });
    expect(await signIn(bench.logins, wish, UNTIL_DONE)).to.deep.equal({ type: "account-in-use" });
    expect(bench.notices.told).to.deep.equal([]);
    expect(await signIn(bench.logins, { ...wish, takesOver: true }, UNTIL_DONE)).to.deep.equal({ type: "signed-in" });
    expect(bench.notices.told.map(({ owner }) => owner)).to.deep.equal(["@alice:localhost"]);
  });

  it("allows so many accounts as the settings say", async () => {
    await bench.login();
    const more = await signIn(bench.logins, bench.wish(EVA), UNTIL_DONE);
    expect(more).to.deep.equal({ type: "too-many-logins", most: 1 });
  });

  it("lets whom signs in second wait until the first has ended, and throws the reason of who calls it off", async () => {
    bench.sandbox.stall("logins", true);
    const calledOff = new AbortController();
    const first = rejection(signIn(bench.logins, bench.wish(), calledOff.signal));
    bench.sandbox.stall("logins", false);
    const second = signIn(bench.logins, bench.wish({ owner: BOB }), UNTIL_DONE);
    calledOff.abort(new Error("not wanted any more"));
    expect(await first).to.have.property("message", "not wanted any more");
    expect(await second).to.deep.equal({ type: "signed-in" });
    expect(bench.sandbox.sessions(MIA.passport)).to.equal(1);
  });
});
