import { expect } from "chai";
import { contactsOf } from "../../../src/bridge/actions/contacts.ts";
import { addGroup } from "../../../src/bridge/actions/groups.ts";
import { addContact, changePerson } from "../../../src/bridge/actions/people.ts";
import { setPrivacy } from "../../../src/bridge/actions/settings.ts";
import { ActionBench, NILS, OLGA } from "../../support/action-bench.ts";
import { until } from "../../support/until.ts";

describe("bridge/actions/contacts", () => {
  let bench: ActionBench;
  beforeEach(async () => void (bench = await ActionBench.open()));
  afterEach(() => bench.close());

  it("shows a login's contacts by group, those who are there first, and who else is on its lists", async () => {
    bench.sandbox.contact(NILS, "Nils");
    for (const who of [OLGA, "pia@example.com", "quim@example.com"]) bench.sandbox.contact(who).signOut();
    bench.sandbox.befriend("quim@example.com", "mia@example.com");
    const login = await bench.login();
    await addGroup(login, "Friends");
    for (const who of [OLGA, NILS]) await addContact(login, who, ["Friends"]);
    await addContact(login, "pia@example.com");
    await changePerson(login, OLGA, "block");
    await setPrivacy(login, { isOpen: false });
    const list = await until("Nils online", () => {
      const contacts = contactsOf(login);
      if (contacts.type !== "contacts") return undefined;
      return contacts.groups[0]?.contacts[0]?.status === "NLN" ? contacts : undefined;
    });
    expect(list.count).to.equal(3);
    expect(list.groups.map(({ name, contacts }) => [name, contacts.map(({ account }) => account)])).to.deep.equal([
      ["Friends", [NILS, OLGA]],
    ]);
    const [, olga] = list.groups[0]?.contacts ?? [];
    expect(olga).to.include({ isBlocked: true, isHiddenFrom: false, hasAddedUs: false, roomId: null, status: "FLN" });
    expect(list.ungrouped.map(({ account }) => account)).to.deep.equal(["pia@example.com"]);
    expect(list.others).to.deep.equal({ waiting: ["quim@example.com"], allowed: [], blocked: [] });
  });

  it("knows nothing without a session", async () => {
    const login = await bench.login();
    await login.session.stop();
    expect(contactsOf(login)).to.include({ type: "not-signed-in" });
  });
});
