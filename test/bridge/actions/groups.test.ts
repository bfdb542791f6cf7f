import { expect } from "chai";
import {
  addGroup,
  groupToRemove,
  hasGroup,
  listGroups,
  moveContact,
  removeGroup,
  renameGroup,
} from "../../../src/bridge/actions/groups.ts";
import { addContact } from "../../../src/bridge/actions/people.ts";
import type { Login } from "../../../src/bridge/login/login.ts";
import { ActionBench, NILS, OLGA } from "../../support/action-bench.ts";

describe("bridge/actions/groups", () => {
  let bench: ActionBench;
  let login: Login;
  beforeEach(async () => {
    bench = await ActionBench.open();
    bench.sandbox.contact(NILS, "Nils");
    login = await bench.login();
  });
  afterEach(() => bench.close());

  it("are made, renamed, filled and removed; names are found in any case", async () => {
    expect(listGroups(login)).to.deep.equal([]);
    expect(await addGroup(login, " Old\nfriends ")).to.deep.equal({ type: "group-added", name: "Old friends" });
    expect(await addGroup(login, "Work")).to.deep.equal({ type: "group-added", name: "Work" });
    expect(hasGroup(login, ["OLD FRIENDS"])).to.equal(true);
    expect(await renameGroup(login, ["work"], "Büro")).to.deep.equal({
      type: "group-renamed",
      from: "Work",
      to: "Büro",
    });
    await addContact(login, NILS, ["old friends"]);
    expect(listGroups(login)).to.containSubset([
      { name: "Büro", count: 0 },
      { name: "Old friends", count: 1 },
    ]);
    const moved = await moveContact(login, NILS, ["büro"]);
    expect(moved).to.include({ type: "moved", group: "Büro" });
    expect(await moveContact(login, NILS, ["Büro"])).to.deep.equal({ type: "already-in-group", group: "Büro" });
    const found = groupToRemove(login, ["nonsense", "büro"]);
    expect(found).to.deep.include({ onlyHere: [NILS] });
    if (!("group" in found)) throw new Error("the group is there");
    expect(await removeGroup(login, found.group)).to.deep.equal({ type: "group-removed", name: "Büro" });
  });

  it("of no name, or of one that there is not, are told apart", async () => {
    await addGroup(login, "Work");
    const none = { type: "no-group", name: "Play", known: ["Work"] };
    expect(await addGroup(login, " ")).to.deep.equal({ type: "group-nameless" });
    expect(await renameGroup(login, ["Work"], "")).to.deep.equal({ type: "group-nameless" });
    expect(await renameGroup(login, ['"Play"', "Play"], "x")).to.deep.equal(none);
    expect(groupToRemove(login, ["Play"])).to.deep.equal(none);
    expect(await moveContact(login, OLGA, ["Play"])).to.deep.equal({ type: "no-contact", account: OLGA });
    await addContact(login, NILS);
    expect(await moveContact(login, NILS, ["Play"])).to.deep.equal(none);
    expect(await addGroup(login, "Work")).to.include({ type: "list-refused", what: "Work" });
  });

  it("cannot be seen without a session", async () => {
    await login.session.stop();
    const away = { type: "not-signed-in", passport: "mia@example.com", network: "One" };
    expect(listGroups(login)).to.deep.equal(away);
    expect(hasGroup(login, ["Work"])).to.equal(false);
    expect(groupToRemove(login, ["Work"])).to.deep.equal(away);
    expect(await addGroup(login, "Work")).to.deep.equal(away);
    expect(await renameGroup(login, ["Work"], "Play")).to.deep.equal(away);
    expect(await moveContact(login, NILS, ["Work"])).to.deep.equal(away);
  });
});
