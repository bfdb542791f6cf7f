import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import type { Direction } from "./journal-row.ts";
import { getRow } from "./rows.ts";

const depth = z.object({ rows: z.int(), bytes: z.int() });

/** How much waits: how many rows, and how many bytes their bodies take. */
export type Depth = z.infer<typeof depth>;

/** How much of the table `journal` waits. */
export class Backlog {
  readonly #of: Statement;

  constructor(database: Database) {
    this.#of = database.prepare(
      `SELECT count(*) AS rows, coalesce(sum(length(body)), 0) AS bytes FROM journal
       WHERE portal_id = ? AND direction = ? AND body IS NOT NULL`,
    );
  }

  /** What waits of a portal in one direction. */
  of(direction: Direction, portalId: number): Depth {
    return getRow(depth, this.#of.get(portalId, direction), "depth");
  }
}
