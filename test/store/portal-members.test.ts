import { join } from "node:path";
import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

const [ANNA, BEN, CARL, DORA] = [
  "anna@example.com",
  "ben@example.com",
  "carl@example.com",
  "dora@example.com",
] as const;

describe("store/portal-members", () => {
  const folder = tempFolder();
  after(folder.remove);
  const clock = new FakeClock();
  let store: Store;
  let loginId: number;
  beforeEach(() => {
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "msn.key"), ...timesOf(clock) });
    loginId = store.logins.save({ server: "one", passport: "me@example.com", owner: "@me:example.org" }).id;
  });
  afterEach(() => store.close());

  function group(...people: string[]): number {
    const { id } = store.portals.save({ loginId, kind: "group", remote: String(store.portals.list().length) });
    store.portalMembers.grow(id, people);
    return id;
  }

  it("are the largest set that there has been, the first of two that are as large", () => {
    const id = group(BEN, ANNA);
    expect(store.portalMembers.list(id)).to.deep.equal([ANNA, BEN]);
    for (const people of [[CARL], [CARL, DORA], [ANNA, ANNA, BEN], []]) store.portalMembers.grow(id, people);
    expect(store.portalMembers.list(id)).to.deep.equal([ANNA, BEN]);
    store.portalMembers.grow(id, [CARL, DORA, ANNA]);
    expect(store.portalMembers.list(id)).to.deep.equal([ANNA, CARL, DORA]);
  });

  it("find the portal of exactly these people, in this login alone", () => {
    const [two, three] = [group(ANNA, BEN), group(ANNA, BEN, CARL)];
    const find = (...people: string[]): number | undefined => store.portalMembers.findPortal(loginId, people);
    expect(find(BEN, ANNA)).to.equal(two);
    expect(find(BEN, ANNA, ANNA)).to.equal(two);
    expect(find(CARL, ANNA, BEN)).to.equal(three);
    for (const people of [[ANNA], [ANNA, CARL], [ANNA, BEN, DORA], [ANNA, BEN, CARL, DORA], []])
      expect(find(...people)).to.equal(undefined);
    expect(store.portalMembers.findPortal(loginId + 1, [ANNA, BEN])).to.equal(undefined);
  });

  it("find the last active of several with the same people", async () => {
    const [one, other] = [group(ANNA, BEN), group(BEN, ANNA)];
    expect(store.portalMembers.findPortal(loginId, [ANNA, BEN])).to.equal(other);
    await clock.advance(1);
    store.portals.touch(one);
    expect(store.portalMembers.findPortal(loginId, [ANNA, BEN])).to.equal(one);
    await clock.advance(1);
    store.portals.touch(other);
    expect(store.portalMembers.findPortal(loginId, [ANNA, BEN])).to.equal(other);
  });

  it("go with their portal", () => {
    const id = group(ANNA, BEN);
    store.portals.delete(id);
    expect(store.portalMembers.list(id)).to.deep.equal([]);
  });
});
