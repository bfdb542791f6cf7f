import { expect } from "chai";
import { join } from "node:path";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock } from "../../src/util/clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

describe("store/said", () => {
  const folder = tempFolder();
  after(() => folder.remove());
  let store: Store;
  beforeEach(() => {
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(systemClock) });
  });
  afterEach(() => store.close());

  it("knows what was said in a room until it is forgotten", () => {
    const { said } = store;
    expect(said.once("!a:example.org", "one")).to.equal(true);
    expect(said.once("!a:example.org", "one")).to.equal(false);
    said.once("!a:example.org", "two");
    said.once("!b:example.org", "three");
    expect(said.list("!a:example.org")).to.deep.equal(["one", "two"]);
    said.forget("!a:example.org", "one");
    said.forget("!a:example.org", "one");
    expect(said.has("!a:example.org", "one")).to.equal(false);
    expect(said.list("!a:example.org")).to.deep.equal(["two"]);
    expect(said.list("!none:example.org")).to.deep.equal([]);
  });
});
