import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { openStore } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

// Of a whole table by intent: at the start, in a command, or once a day.
const WHOLE: readonly RegExp[] = [
  / FROM (?:login|portal|puppet|ghost|management_room|public_link) ORDER BY/u,
  / FROM portal WHERE creating IS NOT NULL/u,
  / UNION SELECT portal_id FROM gathered WHERE is_told = 0$/u,
  /^SELECT ghost.user_id FROM portal CROSS JOIN login .* UNION /u,
  /^SELECT (?:DISTINCT owner|count\(\*\)) FROM (?:notice|sqlite_schema)$/u,
  /^DELETE FROM login WHERE password IS NULL/u,
  // SQLite's own, of a few rows.
  /^SELECT coalesce\(max\(seq\), 0\) FROM sqlite_sequence /u,
];
// What was handed over, and the open rows of the journal, of which there are few: they have an index of their own.
const FEW =
  /SCAN (?:\(subquery-\d+\)|json_each|now VIRTUAL TABLE|CONSTANT ROW|journal USING (?:COVERING )?INDEX journal_next)/u;

describe("the statements of the store", () => {
  const folder = tempFolder();
  after(folder.remove);
  const path = join(folder.path, "msn.db");
  const statements = new Set<string>();

  before(() => {
    const original = Object.getOwnPropertyDescriptor(Sqlite.prototype, "prepare") ?? {};
    const prepare: unknown = original.value;
    if (typeof prepare !== "function") throw new Error("better-sqlite3 has no prepare() any more");
    Object.defineProperty(Sqlite.prototype, "prepare", {
      ...original,
      value(this: unknown, sql: string): unknown {
        statements.add(sql.trim().replaceAll(/\s+/gu, " "));
        return Reflect.apply(prepare, this, [sql]);
      },
    });
    openStore({ path, keyFile: `${path}.key`, ...timesOf(new FakeClock()) }).close();
    Object.defineProperty(Sqlite.prototype, "prepare", original);
  });

  it("read no table as a whole, so that they cost the same however much there is", () => {
    expect(statements.size).to.be.greaterThan(100);
    const plain = new Sqlite(path);
    const bad = [...statements].filter((sql) => {
      if (!/^(?:SELECT|INSERT|UPDATE|DELETE)\b/u.test(sql) || WHOLE.some((one) => one.test(sql))) return false;
      const plan = plain.prepare(`EXPLAIN QUERY PLAN ${sql}`);
      const names = [...sql.matchAll(/:(\w+)/gu)].map(([, name]) => [name ?? "", null] as const);
      const values = names.length > 0 ? [Object.fromEntries(names)] : [...sql.matchAll(/\?/gu)].map(() => null);
      const details = plan.all(...values).map((row) => JSON.stringify(row));
      return details.some((detail) => detail.includes('"SCAN ') && !FEW.test(detail));
    });
    plain.close();
    expect(bad).to.deep.equal([]);
  });

  it("are not prepared anew at every use, as SQLite does where what is sought by a bare value is put in order too", () => {
    const ordered = [...statements].filter((sql) => sql.includes("ORDER BY"));
    expect(ordered.length).to.be.greaterThan(10);
    expect(ordered.filter((sql) => /[^<>]= (?:\?|:)/u.test(sql))).to.deep.equal([]);
  });
});
