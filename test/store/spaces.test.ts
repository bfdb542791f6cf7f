import { join } from "node:path";
import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { codeOf } from "./support/code-of.ts";
import { timesOf } from "../support/calendars.ts";

describe("store/spaces", () => {
  const folder = tempFolder();
  after(folder.remove);
  const clock = new FakeClock();
  let store: Store;
  let loginId: number;
  beforeEach(() => {
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "msn.key"), ...timesOf(clock) });
    loginId = store.logins.save({ server: "one", passport: "a@b.c", owner: "@a:b" }).id;
  });
  afterEach(() => store.close());

  it("are made once for each group, and know their room", () => {
    const { spaces } = store;
    const row = spaces.save(loginId, "7");
    expect(row).to.deep.equal({ loginId, group: "7", roomId: null, creating: null, name: null, declined: false });
    expect(spaces.markCreating(row)).to.deep.equal(clock.date);
    expect(spaces.save(loginId, "7")).to.deep.include({ creating: clock.date });
    spaces.setRoom(row, "!s", "Friends");
    expect(spaces.findByRoom("!s")).to.deep.include({ group: "7", creating: null, name: "Friends" });
    spaces.setName("!s", "Family");
    spaces.save(loginId, "");
    expect(spaces.listByLogin(loginId).map(({ group, name }) => [group, name])).to.deep.equal([
      ["", null],
      ["7", "Family"],
    ]);
    spaces.delete(row);
    expect(spaces.find(loginId, "7")).to.equal(undefined);
    expect(codeOf(() => spaces.setRoom(row, "!x", "Friends"))).to.equal("not-found");
  });

  it("that were left stay away, without their children, until they are wanted again", () => {
    const { spaces } = store;
    const row = spaces.save(loginId, "");
    spaces.setRoom(row, "!s", "Account");
    spaces.saveChild("!s", { roomId: "!a", place: "" });
    spaces.saveChild("!s", { roomId: "!b", place: "0001" });
    spaces.saveChild("!s", { roomId: "!a", place: "0002" });
    expect(spaces.children("!s")).to.deep.equal([
      { roomId: "!a", place: "0002" },
      { roomId: "!b", place: "0001" },
    ]);
    spaces.deleteChild("!s", "!b");
    spaces.lose("!s");
    expect(spaces.get(loginId, "")).to.include({ roomId: null, name: null, declined: true });
    expect(spaces.children("!s")).to.deep.equal([]);
    spaces.wantAgain(loginId);
    expect(spaces.get(loginId, "").declined).to.equal(false);
  });

  it("go with their login", () => {
    store.spaces.setRoom(store.spaces.save(loginId, ""), "!s", "Account");
    store.spaces.saveChild("!s", { roomId: "!a", place: "" });
    store.logins.delete(loginId);
    expect(store.spaces.findByRoom("!s")).to.equal(undefined);
    expect(store.spaces.children("!s")).to.deep.equal([]);
  });
});
