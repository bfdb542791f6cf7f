import { expect } from "chai";
import {
  findLogin,
  loginInfo,
  loginReport,
  loginsNamed,
  pingLogin,
  reconnect,
  signOut,
} from "../../../src/bridge/actions/logins.ts";
import { ActionBench, ALICE, MIA, NILS, OLGA } from "../../support/action-bench.ts";
import { until } from "../../support/until.ts";

const row = (server: string, passport: string): { row: { server: string; passport: string; owner: string } } => ({
  row: { server, passport, owner: ALICE },
});

describe("bridge/actions/logins", () => {
  const [mia, eva, other] = [
    row("one", "Mia@example.com"),
    row("one", "eva@example.com"),
    row("two", "mia@example.com"),
  ];
  const all = [(): boolean => true];

  it("finds a login by its address, or by server and address where there are several", () => {
    expect(findLogin([mia, eva], "MIA@example.com", all)).to.equal(mia);
    expect(findLogin([mia, eva, other], "two/mia@example.com", all)).to.equal(other);
    const known = ["one/mia@example.com", "one/eva@example.com", "two/mia@example.com"];
    expect(findLogin([mia, eva, other], "mia@example.com", all)).to.deep.equal({ type: "ambiguous-login", known });
    const unknown = { type: "unknown-login", name: "x", known: ["Mia@example.com", "eva@example.com"] };
    expect(findLogin([mia, eva], "x", all)).to.deep.equal(unknown);
    expect(loginsNamed([mia, eva, other], "mia@example.com")).to.deep.equal([mia, other]);
  });

  it("takes the only one that suits where none is named, the better choice first", () => {
    const [isEva, isNone] = [(login: typeof mia): boolean => login === eva, (): boolean => false];
    expect(findLogin([mia, eva], "", [isEva, ...all])).to.equal(eva);
    expect(findLogin([mia, eva], "", [isNone, isEva])).to.equal(eva);
    expect(findLogin([mia], "", [isNone])).to.equal(mia);
    const several = { type: "several-logins", known: ["Mia@example.com", "eva@example.com"] };
    expect(findLogin([mia, eva], "", [isNone])).to.deep.equal(several);
    for (const name of ["", "mia@example.com"]) expect(findLogin([], name, all)).to.deep.equal({ type: "no-logins" });
  });

  it("reports what is seen of one, measures its server, signs it out and in again", async () => {
    const bench = await ActionBench.open();
    try {
      for (const who of [NILS, OLGA]) {
        bench.sandbox.contact(who);
        bench.sandbox.befriend(MIA.passport, who);
      }
      bench.sandbox.contact(OLGA).signOut();
      const login = await bench.login();
      const info = loginInfo(login);
      const name = "one/mia@example.com";
      expect(info).to.include({ name, owner: ALICE, passport: MIA.passport, network: "One" });
      expect(info.state.type).to.equal("connected");
      await until("one is online", () => loginReport(login).seen?.online === 1);
      expect(loginReport(login).seen).to.include({ contacts: 2 });
      expect((await pingLogin(login)).answer).to.include({ type: "answered" });
      const signedOut = { passport: MIA.passport, network: "One", way: "keep", left: 0 };
      expect(await signOut(bench.logins, login, "keep")).to.deep.equal(signedOut);
      for (const what of [loginReport(login), await pingLogin(login)])
        expect(what).to.deep.equal({ ...info, state: { type: "logged-out" } });
      const reconnected = { type: "logged-out", passport: MIA.passport, network: "One" };
      expect(reconnect(bench.logins, login)).to.deep.equal(reconnected);
      await login.session.stop();
      await bench.login();
      await login.session.stop();
      expect(reconnect(bench.logins, login)).to.include({ type: "signing-in" });
      await until("signed in", () => bench.sandbox.sessions(MIA.passport) === 1);
    } finally {
      await bench.close();
    }
  });
});
