import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { openStore, type Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

const ANNA = "@anna:example.org";
const BOB = "@bob:example.org";

describe("store/puppets", () => {
  const folder = tempFolder();
  after(folder.remove);
  const path = join(folder.path, "msn.db");
  const open = (): Store => openStore({ path, keyFile: join(folder.path, "msn.key"), ...timesOf(new FakeClock()) });
  let store: Store;
  beforeEach(() => void (store = open()));
  afterEach(() => store.close());

  it("seals tokens, and gives them back until they are forgotten", () => {
    const { puppets } = store;
    expect(puppets.token(ANNA)).to.equal(undefined);
    puppets.setToken(ANNA, "syt_very_secret");
    store.close();
    const raw = new Sqlite(path);
    const sealed = raw.prepare("SELECT token FROM puppet").pluck().get();
    expect(String(sealed)).to.not.include("very_secret");
    raw.close();
    store = open();
    expect(store.puppets.token(ANNA)).to.equal("syt_very_secret");
    expect(store.puppets.list()).to.deep.equal([{ owner: ANNA, hasToken: true, toldLost: false }]);
    expect(store.puppets.forgetToken(ANNA)).to.equal(true);
    expect(store.puppets.forgetToken(ANNA)).to.equal(false);
    expect(store.puppets.token(ANNA)).to.equal(undefined);
  });

  it("tell of a loss once, and once more after it has worked again", () => {
    const { puppets } = store;
    expect([puppets.tellLost(BOB), puppets.tellLost(BOB)]).to.deep.equal([true, false]);
    expect(puppets.find(BOB)).to.deep.equal({ owner: BOB, hasToken: false, toldLost: true });
    puppets.forgetLost(BOB);
    expect(puppets.tellLost(BOB)).to.equal(true);
    puppets.setToken(BOB, "new");
    expect(puppets.tellLost(BOB)).to.equal(true);
  });

  it("remember into which rooms people were brought, each for herself", () => {
    const { puppets } = store;
    puppets.saveRoom(ANNA, { roomId: "!a", directWith: null });
    puppets.saveRoom(ANNA, { roomId: "!a", directWith: "@ghost" });
    puppets.saveRoom(ANNA, { roomId: "!b", directWith: null });
    puppets.saveRoom(BOB, { roomId: "!a", directWith: null });
    expect(puppets.rooms(ANNA)).to.deep.equal([
      { roomId: "!a", directWith: "@ghost" },
      { roomId: "!b", directWith: null },
    ]);
    puppets.deleteRoom(ANNA, "!b");
    puppets.deleteRoom(ANNA, "!a");
    expect([puppets.rooms(ANNA).length, puppets.rooms(BOB).length]).to.deep.equal([0, 1]);
  });
});
