import { expect } from "chai";
import {
  addContact,
  changePerson,
  requestsOf,
  type PersonOutcome,
  type PersonChangeName,
} from "../../../src/bridge/actions/people.ts";
import type { Login } from "../../../src/bridge/login/login.ts";
import { ActionBench, NILS, OLGA } from "../../support/action-bench.ts";
import { until } from "../../support/until.ts";

const nils = { account: NILS, name: "Nils" };

describe("bridge/actions/people", () => {
  let bench: ActionBench;
  let login: Login;
  beforeEach(async () => {
    bench = await ActionBench.open();
    bench.sandbox.contact(NILS, "Nils");
    bench.sandbox.contact(OLGA, "Olga");
    login = await bench.login();
  });
  afterEach(() => bench.close());

  const change = async (name: PersonChangeName): Promise<PersonOutcome> => changePerson(login, NILS, name);

  it("adds a contact once, says whether they have added the account, and removes them once", async () => {
    expect(await addContact(login, NILS)).to.deep.include({ type: "added", group: undefined, isAwaited: true });
    expect(await addContact(login, NILS)).to.include({ type: "already-contact" });
    expect(await change("remove")).to.deep.include({ type: "removed" });
    expect(await change("remove")).to.include({ type: "no-contact" });
    expect(await addContact(login, OLGA, ["Friends"])).to.deep.equal({ type: "no-group", name: "Friends", known: [] });
  });

  it("blocks, unblocks and allows once each", async () => {
    const types = [];
    for (const name of ["block", "block", "unblock", "unblock", "allow"] as const)
      types.push((await change(name)).type);
    expect(types).to.deep.equal(["blocked", "already-blocked", "allowed", "not-blocked", "already-allowed"]);
  });

  it("answers requests, and only these", async () => {
    expect(requestsOf(login)).to.deep.equal([]);
    for (const answer of ["accept", "decline"] as const)
      expect(await change(answer)).to.deep.include({ type: "no-request" });
    bench.sandbox.befriend(NILS, "mia@example.com");
    await until("the request", () => (requestsOf(login) ?? []).length === 1);
    expect(requestsOf(login)).to.deep.equal([nils]);
    expect(await change("decline")).to.deep.equal({ type: "declined", who: nils });
    expect(await change("decline")).to.deep.equal({ type: "already-declined", who: nils });
    expect(requestsOf(login)).to.deep.equal([]);
    expect(await change("accept")).to.deep.equal({ type: "accepted", who: nils });
    expect(await change("accept")).to.deep.equal({ type: "already-contact", who: nils });
    expect(await change("decline")).to.deep.equal({ type: "is-contact", who: nils });
  });

  it("says why the server refuses, and that there is no session", async () => {
    const refused = await addContact(login, "nobody@example.com");
    expect(refused).to.include({ type: "list-refused", what: "nobody@example.com", network: "One" });
    await login.session.stop();
    const away = { type: "not-signed-in", passport: "mia@example.com", network: "One" };
    expect(await addContact(login, NILS)).to.deep.equal(away);
    for (const name of ["remove", "block", "unblock", "allow", "accept", "decline"] as const)
      expect(await change(name), name).to.deep.equal(away);
    expect(requestsOf(login)).to.equal(undefined);
  });
});
