import { expect } from "chai";
import {
  acceptRequest,
  addContact,
  allowPerson,
  blockPerson,
  declineRequest,
  removeContact,
  requestsOf,
  unblockPerson,
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

  it("adds a contact once, says whether they have added the account, and removes them once", async () => {
    expect(await addContact(login, NILS)).to.deep.include({ type: "added", group: undefined, isAwaited: true });
    expect(await addContact(login, NILS)).to.include({ type: "already-contact" });
    expect(await removeContact(login, NILS)).to.deep.include({ type: "removed" });
    expect(await removeContact(login, NILS)).to.include({ type: "no-contact" });
    expect(await addContact(login, OLGA, ["Friends"])).to.deep.equal({ type: "no-group", name: "Friends", known: [] });
  });

  it("blocks, unblocks and allows once each", async () => {
    const types = [];
    for (const change of [blockPerson, blockPerson, unblockPerson, unblockPerson, allowPerson])
      types.push((await change(login, NILS)).type);
    expect(types).to.deep.equal(["blocked", "already-blocked", "allowed", "not-blocked", "already-allowed"]);
  });

  it("answers requests, and only these", async () => {
    expect(requestsOf(login)).to.deep.equal([]);
    expect(await acceptRequest(login, NILS)).to.deep.equal({ type: "no-request", account: NILS });
    expect(await declineRequest(login, NILS)).to.deep.equal({ type: "no-request", account: NILS });
    bench.sandbox.befriend(NILS, "mia@example.com");
    await until("the request", () => (requestsOf(login) ?? []).length === 1);
    expect(requestsOf(login)).to.deep.equal([nils]);
    expect(await declineRequest(login, NILS)).to.deep.equal({ type: "declined", who: nils });
    expect(await declineRequest(login, NILS)).to.deep.equal({ type: "already-declined", who: nils });
    expect(requestsOf(login)).to.deep.equal([]);
    const added = { type: "added", who: nils, group: undefined, isAwaited: false };
    expect(await acceptRequest(login, NILS)).to.deep.equal(added);
    expect(await acceptRequest(login, NILS)).to.deep.equal({ type: "already-contact", who: nils });
    expect(await declineRequest(login, NILS)).to.deep.equal({ type: "is-contact", who: nils });
  });

  it("says why the server refuses, and that there is no session", async () => {
    const refused = await addContact(login, "nobody@example.com");
    expect(refused).to.include({ type: "list-refused", what: "nobody@example.com", network: "One" });
    await login.session.stop();
    const away = { type: "not-signed-in", passport: "mia@example.com", network: "One" };
    for (const change of [
      addContact,
      removeContact,
      blockPerson,
      unblockPerson,
      allowPerson,
      acceptRequest,
      declineRequest,
    ])
      expect(await change(login, NILS), change.name).to.deep.equal(away);
    expect(requestsOf(login)).to.equal(undefined);
  });
});
