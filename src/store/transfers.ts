import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { placeIn } from "./places.ts";
import { listRows } from "./rows.ts";
import type { RowNumbers } from "./row-numbers.ts";
import type { Seal } from "./seal.ts";

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

const transferRow = z.object({
  id: z.int(),
  portalId: z.int(),
  rowId: z.int().nullable(),
  sealed: z.instanceof(Buffer),
});

/** The table `transfer`: which files are on their way, so that people can be told of those that a crash has cut off. */
export class TransferTable {
  readonly #insert: Statement;
  readonly #list: Statement;
  readonly #delete: Statement;
  readonly #seal: Seal;
  readonly #numbers: RowNumbers;

  constructor(database: Database, seal: Seal, numbers: RowNumbers) {
    this.#seal = seal;
    this.#numbers = numbers;
    this.#insert = database.prepare(
      "INSERT INTO transfer (id, portal_id, row_id, name) VALUES (:id, :portalId, :rowId, :sealed)",
    );
    this.#list = database.prepare(
      "SELECT id, portal_id AS portalId, row_id AS rowId, name AS sealed FROM transfer WHERE portal_id = +? ORDER BY id",
    );
    this.#delete = database.prepare("DELETE FROM transfer WHERE id = ?");
  }

  /** A file is on its way. @returns the id of the row */
  add({ portalId, rowId, name }: Omit<TransferRow, "id">): number {
    const id = this.#numbers.next("transfer");
    this.#insert.run({ id, portalId, rowId, sealed: this.#seal.seal(name, placeIn("transfer.name", id, portalId)) });
    return id;
  }

  /** The files of a portal, the oldest first. */
  list(portalId: number): TransferRow[] {
    return listRows(transferRow, this.#list.all(portalId)).map(({ id, rowId, sealed }) => {
      const name = this.#seal.open(sealed, placeIn("transfer.name", id, portalId));
      return { id, portalId, rowId, name };
    });
  }

  /** It is over. */
  delete(id: number): void {
    this.#delete.run(id);
  }
}
