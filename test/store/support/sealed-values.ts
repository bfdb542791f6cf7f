import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { SEALED } from "../../../src/store/places.ts";
import type { Store } from "../../../src/store/store.ts";
import { codeOf } from "./code-of.ts";

const ANNA = "@anna:example.org";

/** Does something to the database as somebody would who has it but not the key. */
export function tamper(path: string, sql: string): void {
  const raw = new Sqlite(path);
  try {
    expect(raw.prepare(sql).run().changes).to.be.greaterThan(0);
  } finally {
    raw.close();
  }
}

/** Everything of an older database can still be read. */
export function expectWhole(store: Store): void {
  expect(store.logins.password(1)).to.equal("swordfish");
  expect(store.puppets.token(ANNA)).to.equal("syt_token");
  expect(store.linkSecret).to.equal("signs links");
  expect(store.portals.title(1)).to.equal("Chess on Sundays");
  expect(store.portals.told(1)).to.deep.equal({ "m.room.name ": "Chess on Sundays" });
  expect(store.portals.title(2)).to.equal(null);
  expect(store.portals.told(2)).to.deep.equal({});
  expect(store.spaces.get(1, "").name).to.equal("Secret society");
  expect(store.spaces.children("!space:example.org")).to.deep.equal([]);
  expect(store.journal.body(3)).to.include({ event_id: "$one" });
  expect(store.journal.next("to-msn", 1)?.body()).to.include({ event_id: "$one" });
  expect(store.journal.body(5)).to.deep.equal({ text: "hi" });
  expect(store.journal.next("to-matrix", 1)?.body()).to.deep.equal({ text: "hi" });
  expect(codeOf(() => store.journal.body(7))).to.equal("settled");
  expect(store.transfers.list(1)).to.deep.equal([{ id: 4, portalId: 1, rowId: null, name: "plans.pdf" }]);
  const answers = [["👍", "accept anna"]];
  expect(store.notices.next(ANNA)).to.deep.include({ id: 9, body: "Your file did not arrive", answers });
  expect(store.noticeEvents.findByEvent("$said")?.answers).to.deep.equal([["👎", "deny all"]]);
  expect(store.noticeEvents.find("a request")?.answers).to.deep.equal([["👎", "deny all"]]);
}

/** Of every sealed value, the byte that says how it is sealed. */
export function formats(path: string): Set<unknown> {
  const raw = new Sqlite(path);
  const found = Object.keys(SEALED).flatMap((column) => {
    const [table = "", name = ""] = column.split(".");
    const bytes = raw
      .prepare(`SELECT hex(substr(${name}, 1, 1)) FROM ${table} WHERE ${name} IS NOT NULL`)
      .pluck()
      .all();
    // The older database knew none of these.
    if (table !== "gathered") expect(bytes, column).to.not.have.length(0);
    return bytes;
  });
  raw.close();
  return new Set(found);
}
