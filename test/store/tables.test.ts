import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { timesOf } from "../support/calendars.ts";

const ANNA = "@anna:example.org";
const login = { server: "one", passport: "Anna@Hotmail.com", owner: ANNA };

describe("store tables", () => {
  const folder = tempFolder();
  after(folder.remove);
  const clock = new FakeClock();
  const keyFile = join(folder.path, "msn.key");
  let store: Store;
  beforeEach(() => void (store = openStore({ path: ":memory:", keyFile, ...timesOf(clock) })));
  afterEach(() => store.close());

  describe("ghost rooms", () => {
    const GHOST = "@msn_one_nils:example.org";

    function meet(owner: string, server: string, kind: "direct" | "group", roomId: string | null): void {
      const { id: loginId } = store.logins.save({ server, passport: `${owner}@x.org`, owner });
      const { id } = store.portals.save({ loginId, kind, remote: kind === "direct" ? "nils@x.org" : "group" });
      if (kind === "group") store.portalMembers.grow(id, ["nils@x.org", "olga@x.org"]);
      store.portals.setRoom(id, roomId);
    }

    it("are those of all logins on the ghost's server, direct ones and groups, that exist", () => {
      const ghost = { server: "one", passport: "nils@x.org", userId: GHOST, name: null, avatarHash: null };
      store.ghosts.save({ ...ghost, registered: false });
      meet(ANNA, "one", "direct", "!a:x.org");
      meet(ANNA, "one", "group", "!b:x.org");
      meet("@bob:x.org", "one", "direct", "!c:x.org");
      meet("@eve:x.org", "one", "group", null);
      meet("@eve:x.org", "two", "direct", "!d:x.org");
      expect(store.ghostRooms.list(GHOST)).to.deep.equal([]);
      store.ghosts.markRegistered(GHOST);
      expect(store.ghostRooms.list(GHOST)).to.have.deep.members([
        { roomId: "!a:x.org", owner: ANNA },
        { roomId: "!b:x.org", owner: ANNA },
        { roomId: "!c:x.org", owner: "@bob:x.org" },
      ]);
      expect(store.ghostRooms.list("@nobody:x.org")).to.deep.equal([]);
    });

    it("tell which ghosts are in any", () => {
      const ghosts = ["nils", "olga", "emil"].map((name) => ({
        server: "one",
        passport: `${name}@x.org`,
        userId: `@msn_one_${name}:example.org`,
        registered: name !== "olga",
        name: null,
        avatarHash: null,
      }));
      for (const ghost of ghosts) store.ghosts.save(ghost);
      expect(store.ghostRooms.ghosts()).to.deep.equal([]);
      meet(ANNA, "two", "direct", "!a:x.org");
      meet(ANNA, "one", "direct", null);
      expect(store.ghostRooms.ghosts()).to.deep.equal([]);
      meet("@bob:x.org", "one", "group", "!b:x.org");
      expect(store.ghostRooms.ghosts()).to.deep.equal([GHOST]);
      store.ghosts.markRegistered("@msn_one_olga:example.org");
      meet("@bob:x.org", "one", "direct", "!c:x.org");
      expect(store.ghostRooms.ghosts()).to.have.members([GHOST, "@msn_one_olga:example.org"]);
    });
  });

  describe("logins", () => {
    it("remember how their status is chosen, once somebody has said so", () => {
      const { id } = store.logins.save(login);
      expect(store.logins.statusPolicy(id)).to.equal(undefined);
      store.logins.setStatusPolicy(id, "manual");
      expect(store.logins.statusPolicy(id)).to.equal("manual");
      expect(codeOf(() => store.logins.statusPolicy(99))).to.equal("not-found");
      expect(codeOf(() => store.logins.setStatusPolicy(99, "always"))).to.equal("not-found");
    });

    it("are found by account in any letter case, by id and by owner", () => {
      const row = store.logins.save(login);
      expect(row).to.deep.equal({
        id: row.id,
        server: "one",
        passport: "Anna@Hotmail.com",
        owner: ANNA,
        wantedStatus: "NLN",
      });
      expect(store.logins.find(ANNA, "one", "ANNA@hotmail.com")).to.deep.equal(row);
      expect(store.logins.find(ANNA, "two", "Anna@Hotmail.com")).to.equal(undefined);
      expect(store.logins.get(row.id)).to.deep.equal(row);
      const second = store.logins.save({ ...login, server: "two" });
      expect(store.logins.list()).to.deep.equal([row, second]);
      expect(store.logins.listByOwner(ANNA)).to.deep.equal([row, second]);
      expect(store.logins.listByOwner("@bob:example.org")).to.deep.equal([]);
      expect(codeOf(() => store.logins.get(99))).to.equal("not-found");
    });

    it("keep the password to themselves until asked", () => {
      const row = store.logins.save(login);
      expect(store.logins.password(row.id)).to.equal(undefined);
      store.logins.setCredentials(row.id, login.passport, "swordfish");
      expect(JSON.stringify(store.logins.get(row.id))).to.not.include("swordfish");
      expect(store.logins.password(row.id)).to.equal("swordfish");
      expect(codeOf(() => store.logins.password(99))).to.equal("not-found");
    });

    it("keep the status when the password is changed", () => {
      const { id } = store.logins.save(login);
      store.logins.setWantedStatus(id, "BSY");
      expect(store.logins.save({ ...login, passport: "anna@hotmail.com" })).to.include({
        id,
        passport: login.passport,
      });
      store.logins.setCredentials(id, "anna@hotmail.com", "new");
      expect(store.logins.get(id)).to.include({
        id,
        passport: "anna@hotmail.com",
        wantedStatus: "BSY",
      });
      expect(store.logins.password(id)).to.equal("new");
      expect(codeOf(() => store.logins.setWantedStatus(99, "NLN"))).to.equal("not-found");
    });

    it("do not change hands", () => {
      const { id } = store.logins.save(login);
      store.logins.setCredentials(id, login.passport, "swordfish");
      const theft = { ...login, passport: "anna@hotmail.com", owner: "@eve:example.org" };
      expect(codeOf(() => store.logins.save(theft))).to.equal("taken");
      expect(store.logins.get(id).owner).to.equal(ANNA);
      expect(store.logins.password(id)).to.equal("swordfish");
    });

    it("stay when their person logs out, and may then be another's", () => {
      const { id } = store.logins.save(login);
      store.logins.setCredentials(id, login.passport, "swordfish");
      store.logins.forgetPassword(id);
      expect(store.logins.password(id)).to.equal(undefined);
      expect(store.logins.findHolder("one", login.passport)).to.equal(undefined);
      const other = store.logins.save({ ...login, owner: "@eve:example.org" });
      store.logins.setCredentials(other.id, login.passport, "hers");
      expect(other.id).to.not.equal(id);
      expect(store.logins.findHolder("one", login.passport)?.id).to.equal(other.id);
      expect(codeOf(() => store.logins.save(login))).to.equal("taken");
      expect(codeOf(() => store.logins.forgetPassword(99))).to.equal("not-found");
    });

    it("go when they have never worked and have no rooms", () => {
      const worked = store.logins.save(login);
      store.logins.setCredentials(worked.id, login.passport, "swordfish");
      const withRoom = store.logins.save({ ...login, passport: "second@hotmail.com" });
      store.portals.save({ loginId: withRoom.id, kind: "direct", remote: "bob@hotmail.com" });
      store.logins.save({ ...login, passport: "third@hotmail.com" });
      store.logins.prune();
      expect(store.logins.list().map(({ id }) => id)).to.deep.equal([worked.id, withRoom.id]);
    });

    it("take their portals with them, but not the journal", () => {
      const { id } = store.logins.save(login);
      const portal = store.portals.save({ loginId: id, kind: "direct", remote: "bob@hotmail.com" });
      const row = store.journal.acceptMessage(portal.id, { text: "hi" });
      store.logins.delete(id);
      expect(store.portals.find(id, "direct", "bob@hotmail.com")).to.equal(undefined);
      expect(store.journal.get(row.id)).to.include({ portalId: null, state: "accepted" });
      store.logins.delete(id);
    });
  });

  describe("ghosts", () => {
    const ghost = {
      server: "one",
      passport: "bob@hotmail.com",
      userId: "@msn_one_bob=40hotmail.com:example.org",
      registered: false,
      name: null,
      avatarHash: null,
    };

    it("are found by contact in any letter case, and by user id", () => {
      expect(store.ghosts.save({ ...ghost, passport: "Bob@Hotmail.com" })).to.deep.equal(ghost);
      expect(store.ghosts.find("one", "BOB@hotmail.com")).to.deep.equal(ghost);
      expect(store.ghosts.get("one", "bob@hotmail.com")).to.deep.equal(ghost);
      expect(store.ghosts.findByUserId(ghost.userId)).to.deep.equal(ghost);
      expect(store.ghosts.findByUserId(ANNA)).to.equal(undefined);
      expect(store.ghosts.list()).to.deep.equal([ghost]);
      expect(codeOf(() => store.ghosts.get("two", "bob@hotmail.com"))).to.equal("not-found");
    });

    it("remember what Matrix has been told", () => {
      store.ghosts.save(ghost);
      const told = { ...ghost, name: "Bob", avatarHash: "abc" };
      expect(store.ghosts.save(told)).to.deep.equal(told);
      expect(store.ghosts.list()).to.deep.equal([told]);
    });

    it("stay registered, even when saved by one who had not heard of it", () => {
      store.ghosts.save(ghost);
      store.ghosts.markRegistered(ghost.userId);
      expect(store.ghosts.save({ ...ghost, name: "Bob" })).to.include({ registered: true, name: "Bob" });
      store.ghosts.markRegistered("@msnbot:example.org");
      expect(store.ghosts.list()).to.have.length(1);
    });

    it("of which Matrix was told another name are found in one go", () => {
      for (const [name, told] of [
        ["bob", "Bob"],
        ["eve", "Eve"],
        ["mia", null],
        ["new", "New"],
      ] as const)
        store.ghosts.save({ ...ghost, passport: name, userId: `@${name}:x`, name: told, registered: name !== "new" });
      const names = new Map(["bob", "eve", "mia", "new", "none"].map((name) => [name, name === "bob" ? "Bob" : "Me"]));
      expect(store.ghosts.listOtherwise("one", names).map(({ passport }) => passport)).to.have.members(["eve", "mia"]);
      expect(store.ghosts.listOtherwise("two", names)).to.deep.equal([]);
    });

    it("keep their user id", () => {
      store.ghosts.save(ghost);
      expect(codeOf(() => store.ghosts.save({ ...ghost, userId: "@other:example.org" }))).to.equal("taken");
      store.ghosts.delete("one", "Bob@hotmail.com");
      expect(store.ghosts.list()).to.deep.equal([]);
    });
  });

  it("management rooms are found by room and by owner", () => {
    const room = { roomId: "!bot:example.org", owner: ANNA };
    store.managementRooms.save(room);
    store.managementRooms.save({ roomId: "!other:example.org", owner: "@bob:example.org" });
    expect(store.managementRooms.get(room.roomId)).to.deep.equal(room);
    expect(store.managementRooms.find("!none:example.org")).to.equal(undefined);
    expect(codeOf(() => store.managementRooms.get("!none:example.org"))).to.equal("not-found");
    store.managementRooms.save({ ...room, owner: "@carl:example.org" });
    expect(store.managementRooms.listByOwner(ANNA)).to.deep.equal([]);
    expect(store.managementRooms.listByOwner("@carl:example.org")).to.have.length(1);
    store.managementRooms.delete(room.roomId);
    expect(store.managementRooms.list().map(({ roomId }) => roomId)).to.deep.equal(["!other:example.org"]);
  });

  describe("portals", () => {
    it("are made once for each conversation of a login", () => {
      const { id: loginId } = store.logins.save(login);
      const portal = store.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" });
      expect(portal).to.deep.equal({
        id: portal.id,
        loginId,
        kind: "direct",
        remote: "bob@hotmail.com",
        roomId: null,
        creating: null,
        active: 0,
        dismissed: false,
        standing: "open",
        heard: 0,
      });
      expect(store.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" })).to.deep.equal(portal);
      const group = store.portals.save({ loginId, kind: "group", remote: "bob@hotmail.com" });
      expect(store.portals.list()).to.deep.equal([portal, group]);
      expect(store.portals.listByLogin(loginId)).to.deep.equal([portal, group]);
      expect(store.portals.listByLogin(99)).to.deep.equal([]);
    });

    it("need a login", () => {
      expect(() => store.portals.save({ loginId: 99, kind: "direct", remote: "bob@hotmail.com" })).to.throw(
        "FOREIGN KEY",
      );
    });

    it("know when their room is being made", () => {
      const { id: loginId } = store.logins.save(login);
      const { id } = store.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" });
      store.portals.markCreating(id);
      expect(store.portals.listCreating()).to.deep.equal([{ ...store.portals.get(id), creating: clock.date }]);
      store.portals.setRoom(id, "!room:example.org");
      expect(store.portals.listCreating()).to.deep.equal([]);
      expect(store.portals.findByRoom("!room:example.org")?.id).to.equal(id);
      store.portals.setRoom(id, null);
      expect(store.portals.findByRoom("!room:example.org")).to.equal(undefined);
      for (const run of [
        () => store.portals.markCreating(99),
        () => store.portals.setRoom(99, null),
        () => store.portals.get(99),
      ]) {
        expect(codeOf(run)).to.equal("not-found");
      }
    });

    it("remember what their room is called, and when something was said", () => {
      const { id: loginId } = store.logins.save(login);
      const { id } = store.portals.save({ loginId, kind: "group", remote: "one" });
      store.portals.setTitle(id, "The gang");
      store.portals.touch(id);
      expect(store.portals.title(id)).to.equal("The gang");
      expect(store.portals.get(id)).to.include({ active: 1 });
      store.portals.setTitle(id, null);
      expect(store.portals.title(id)).to.equal(null);
      expect(codeOf(() => store.portals.title(99))).to.equal("not-found");
      expect(codeOf(() => store.portals.setTitle(99, null))).to.equal("not-found");
      expect(codeOf(() => store.portals.touch(99))).to.equal("not-found");
    });

    it("do not share a room", () => {
      const { id: loginId } = store.logins.save(login);
      const one = store.portals.save({ loginId, kind: "direct", remote: "bob@hotmail.com" });
      const two = store.portals.save({ loginId, kind: "direct", remote: "carl@hotmail.com" });
      store.portals.setRoom(one.id, "!room:example.org");
      expect(() => store.portals.setRoom(two.id, "!room:example.org")).to.throw("UNIQUE");
      store.portals.delete(one.id);
      store.portals.setRoom(two.id, "!room:example.org");
    });
  });

  it("a row that holds what it cannot hold is an error, not a guess", () => {
    const path = join(folder.path, "bent.db");
    openStore({ path, keyFile, ...timesOf(clock) }).close();
    const bent = new Sqlite(path);
    bent.exec(
      "INSERT INTO journal (direction, state, created, updated) VALUES ('to-msn', 'skipped', 9007199254740993, 0)",
    );
    bent.close();
    const reopened = openStore({ path, keyFile, ...timesOf(clock) });
    expect(codeOf(() => reopened.journal.get(1))).to.equal("damaged");
    reopened.close();
  });
});
