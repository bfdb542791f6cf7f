import { expect } from "chai";
import { ContactNames } from "../../../src/bridge/scope/contact-names.ts";
import type { Contact } from "../../../src/msn/index.ts";
import { bridgeScope } from "../../support/scopes.ts";

const [NILS, OLGA] = ["nils@example.com", "olga@example.com"] as const;

describe("bridge/scope/contact-names", () => {
  const newNames = (listed: Record<string, string> = {}): [ContactNames, ReturnType<typeof bridgeScope>] => {
    const scope = bridgeScope();
    const row = scope.store.logins.save({ server: "one", passport: "mia@example.com", owner: "@alice:localhost" });
    const contacts = new Map(
      Object.entries(listed).map(([account, name]): [string, Contact] => [
        account,
        { account, name, lists: new Set(), groups: new Set(), phones: new Map(), status: "FLN", capabilities: 0 },
      ]),
    );
    return [new ContactNames(scope, row, { contacts }), scope];
  };

  it("guess from what the contact said, then from the list, then from the account", () => {
    const [names] = newNames({ [NILS]: "Nils of the list" });
    expect([names.guess(NILS), names.guess(OLGA)]).to.deep.equal(["Nils of the list", OLGA]);
    names.rename(NILS, "Nils\nThe bridge: all is well");
    expect(names.guess(NILS)).to.equal("Nils The bridge: all is well");
    names.rename(OLGA, " ");
    expect(names.guess(OLGA)).to.equal(OLGA);
  });

  it("of strangers do not grow without end, and push out none of a contact", () => {
    const [names] = newNames({ [NILS]: "Nils of the list" });
    for (const one of [NILS, OLGA]) names.rename(one, "seen");
    for (let at = 0; at < 20_000; at += 1) names.rename(`eve${at}@example.com`, `Eve ${at}`);
    expect([names.guess(NILS), names.guess(OLGA)]).to.deep.equal(["seen", OLGA]);
    expect(names.guess("eve19999@example.com")).to.equal("Eve 19999");
  });

  it("are those that Matrix was told, where it was told one", () => {
    const [names, { store, ghosts }] = newNames({ [NILS]: "Nils of the list" });
    const { userId } = ghosts.intent("one", NILS);
    expect([names.nameOf(NILS), names.nameOfGhost(userId)]).to.deep.equal(["Nils of the list", "Nils of the list"]);
    store.ghosts.save({ ...store.ghosts.get("one", NILS), name: "Nils on Matrix" });
    expect([names.nameOf(NILS), names.nameOfGhost(userId)]).to.deep.equal(["Nils on Matrix", "Nils on Matrix"]);
  });

  it("of Matrix users are those on MSN: the owner is known by their account there", () => {
    const [names, { ghosts }] = newNames();
    expect(names.nameOfUser("@alice:localhost")).to.equal("mia");
    expect(names.nameOfUser("@bob:example.org")).to.equal("bob");
    expect(names.nameOfGhost("@bob:example.org")).to.equal(undefined);
    expect(names.nameOfUser(ghosts.intent("two", NILS).userId)).to.equal(NILS);
  });
});
