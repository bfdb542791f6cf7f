import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { HeardMessages } from "../../../src/bridge/room/heard-messages.ts";
import type { PortalMessage } from "../../../src/convert/to-matrix.ts";
import type { Store } from "../../../src/store/store.ts";
import { memoryStore } from "../../support/scopes.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("bridge/room/heard-messages", () => {
  const store = memoryStore(new FakeClock());
  let kept: string[];
  /** What the disk, or anything else, has against a text. */
  let refused: Map<string, Error>;
  let heard: HeardMessages;
  after(() => store.close());
  beforeEach(() => {
    kept = [];
    refused = new Map();
    heard = new HeardMessages(store, {
      keep: (message) => {
        const text = message.type === "notice" ? message.text : "";
        const error = refused.get(text);
        if (error !== undefined) throw error;
        store.said.once("room", text);
        kept.push(text);
      },
    });
  });

  const notice = (text: string): PortalMessage => ({ type: "notice", text });
  const full = (): Error => new Sqlite.SqliteError("database or disk is full", "SQLITE_FULL");
  const add = async (...texts: string[]): Promise<string[]> => {
    const ends = await Promise.allSettled(texts.map((text) => heard.add(notice(text))));
    return ends.map(({ status }) => status);
  };

  it("are one work of the commit of the turn in which they come", async () => {
    let works = 0;
    const commit: Store["commit"] = async (work) => {
      works += 1;
      return store.commit(work);
    };
    const counted = new HeardMessages({ commit }, { keep: (message) => void store.said.once("room", message.type) });
    await Promise.all([counted.add(notice("one")), counted.add(notice("two"))]);
    expect(works).to.equal(1);
  });

  it("take along what comes before the work is done, and begin again for what comes after it", async () => {
    const first = heard.add(notice("one"));
    const second = heard.add(notice("two"));
    // Writes what waits, while nobody can know yet how that ended.
    store.batch(() => undefined);
    const third = heard.add(notice("three"));
    await Promise.all([first, second, third]);
    await heard.idle();
    expect(kept).to.deep.equal(["one", "two", "three"]);
  });

  it("fail from the first on that the disk does not take, in order", async () => {
    refused.set("two", full());
    expect(await add("one", "two", "three")).to.deep.equal(["rejected", "rejected", "rejected"]);
    refused.clear();
    kept.length = 0;
    expect(await add("one", "two", "three")).to.deep.equal(["fulfilled", "fulfilled", "fulfilled"]);
    expect(kept).to.deep.equal(["one", "two", "three"]);
  });

  it("fail together with what comes after the disk has refused, and before that is known", async () => {
    refused.set("one", full());
    const order: string[] = [];
    const first = heard.add(notice("one")).catch(() => order.push("one"));
    store.batch(() => undefined);
    refused.clear();
    const second = heard.add(notice("two")).catch(() => order.push("two"));
    await Promise.all([first, second]);
    expect([order, kept]).to.deep.equal([["one", "two"], []]);
  });

  it("fail alone for a reason of their own", async () => {
    refused.set("two", new Error("cannot be written"));
    expect(await add("one", "two", "three")).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
    expect(kept.filter((text) => text === "two")).to.deep.equal([]);
    await heard.idle();
  });
});
