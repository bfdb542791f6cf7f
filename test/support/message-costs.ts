import type { SealedPlace } from "../../src/store/places.ts";
import { Seal } from "../../src/store/seal.ts";
import { onSqliteCall } from "./sqlite-calls.ts";

/** What the bridge has done for messages. */
interface Costs {
  /** Bodies opened. */
  decryptions: number;
  /** Times that more than an id or a count of a row was read from the journal. */
  rowReads: number;
  commits: number;
  /** Rows of the journal that were settled. */
  settled: number;
}

export interface CostCounter {
  readonly costs: Readonly<Costs>;
  /** From now on everything is counted from nought. */
  reset(): void;
  stop(): void;
}

const ROW_READ = /^\s*SELECT (?!(?:id|1|count\(\*\)) FROM)[\s\S]* FROM journal\b/u;
const SETTLE = /^\s*UPDATE journal SET state = :state\b/u;

/** Counts what all bridges of this process do. To be called before they start: their statements are prepared then. */
export function countCosts(): CostCounter {
  const costs: Costs = { decryptions: 0, rowReads: 0, commits: 0, settled: 0 };
  const stopSqlite = onSqliteCall(({ sql, found, committed }) => {
    if (committed) costs.commits += 1;
    if (found && ROW_READ.test(sql)) costs.rowReads += 1;
    if (SETTLE.test(sql)) costs.settled += 1;
  });
  const open = Object.getOwnPropertyDescriptor(Seal.prototype, "open");
  const original: unknown = open?.value;
  if (open === undefined || typeof original !== "function") throw new Error("Seal has no open() any more");
  Object.defineProperty(Seal.prototype, "open", {
    ...open,
    value(this: Seal, sealed: Buffer, place: SealedPlace): unknown {
      if (place[0] === "journal.body") costs.decryptions += 1;
      return Reflect.apply(original, this, [sealed, place]);
    },
  });
  return {
    costs,
    reset: () => void Object.assign(costs, { decryptions: 0, rowReads: 0, commits: 0, settled: 0 }),
    stop: () => {
      stopSqlite();
      Object.defineProperty(Seal.prototype, "open", open);
    },
  };
}
