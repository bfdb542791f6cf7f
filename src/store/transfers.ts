import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { getRow, listRows } from "./rows.ts";

/** Why a row of the journal is uncertain whose file is on its way. */
export const UNDER_WAY = "a transfer";

/** A file that is on its way. */
export interface TransferRow {
  readonly id: number;
  readonly portalId: number;
  /** The row of the journal that it belongs to, for what goes to MSN. */
  readonly rowId: number | null;
  readonly name: string;
}

const transferRow = z.object({ id: z.int(), portalId: z.int(), rowId: z.int().nullable(), name: z.string() });

/** The table `transfer`: which files are on their way, so that people can be told of those that a crash has cut off. */
export class TransferTable {
  readonly #insert: Statement;
  readonly #list: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#insert = database
      .prepare("INSERT INTO transfer (portal_id, row_id, name) VALUES (:portalId, :rowId, :name) RETURNING id")
      .pluck();
    this.#list = database.prepare(
      "SELECT id, portal_id AS portalId, row_id AS rowId, name FROM transfer WHERE portal_id = +? ORDER BY id",
    );
    this.#delete = database.prepare("DELETE FROM transfer WHERE id = ?");
  }

  /** A file is on its way. @returns the id of the row */
  add(transfer: Omit<TransferRow, "id">): number {
    return getRow(z.int(), this.#insert.get(transfer), "the transfer of a file");
  }

  /** The files of a portal, the oldest first. */
  list(portalId: number): TransferRow[] {
    return listRows(transferRow, this.#list.all(portalId));
  }

  /** It is over. */
  delete(id: number): void {
    this.#delete.run(id);
  }
}
