import { expect } from "chai";
import { privacyOf, setName, setPrivacy, setStatus, statusOf } from "../../../src/bridge/actions/settings.ts";
import type { Login } from "../../../src/bridge/login/login.ts";
import { ActionBench, MIA } from "../../support/action-bench.ts";
import { until } from "../../support/until.ts";

describe("bridge/actions/settings", () => {
  let bench: ActionBench;
  let login: Login;
  beforeEach(async () => {
    bench = await ActionBench.open();
    login = await bench.login();
  });
  afterEach(() => bench.close());

  it("sets a status, which stays, or what it is to follow", async () => {
    const { passport } = MIA;
    const busy = { passport, network: "One", isConnected: true, status: "BSY", policy: "manual" };
    expect(setStatus(login, { type: "status", status: "BSY" })).to.deep.equal(busy);
    await until("shown", () => bench.sandbox.shown(passport).status === "BSY");
    expect(setStatus(login, { type: "policy", policy: "always" })).to.include({ status: "NLN", policy: "always" });
    await login.session.stop();
    expect(statusOf(login)).to.include({ isConnected: false, policy: "always" });
  });

  it("sets the name that contacts see, unless it is none, too long or refused", async () => {
    const renamed = { type: "renamed", passport: MIA.passport, network: "One", name: "Mia 🙂" };
    expect(await setName(login, "Mia 🙂")).to.deep.equal(renamed);
    expect(bench.sandbox.shown(MIA.passport).name).to.equal("Mia 🙂");
    expect(await setName(login, "")).to.deep.equal({ type: "nameless" });
    expect(await setName(login, "ü".repeat(70))).to.deep.equal({ type: "name-too-long" });
    expect(await setName(login, "a".repeat(387))).to.include({ type: "renamed" });
    expect(await setName(login, "half \ud800 a pair")).to.include({ name: "half \ufffd a pair" });
    await login.session.stop();
    expect(await setName(login, "Mia")).to.include({ type: "not-signed-in" });
  });

  it("opens and closes the privacy, and notes whether other clients ask", async () => {
    const open = { type: "privacy", passport: MIA.passport, isOpen: true, asksOnAdd: true };
    expect(privacyOf(login)).to.deep.equal(open);
    expect(await setPrivacy(login, { isOpen: false })).to.deep.equal({ ...open, isOpen: false });
    expect(await setPrivacy(login, { asksOnAdd: false })).to.include({ isOpen: false, asksOnAdd: false });
    await login.session.stop();
    expect(privacyOf(login)).to.include({ type: "not-signed-in" });
    expect(await setPrivacy(login, { isOpen: true })).to.include({ type: "not-signed-in" });
  });
});
