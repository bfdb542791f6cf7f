import type { RunResult } from "better-sqlite3";
import { z } from "zod";
import { StoreError } from "./errors.ts";

/** SQLite keeps true and false as 1 and 0. */
export const flag = z.literal([0, 1]).transform((value) => value === 1);

/** It keeps dates as milliseconds since the epoch. */
export const date = z.int().transform((ms) => new Date(ms));

/**
 * Checks a row that came from the database; no row stays undefined.
 * @throws StoreError `damaged` when the row is not what `schema` says
 */
export function findRow<T>(schema: z.ZodType<T>, row: unknown): T | undefined {
  if (row === undefined) return undefined;
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  const columns = result.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new StoreError("damaged", `A row of the database holds what it cannot hold (${columns}).`);
}

/**
 * As `findRow`, for a row that must be there.
 * @param what names the row in the error
 * @throws StoreError `not-found` or `damaged`
 */
export function getRow<T>(schema: z.ZodType<T>, row: unknown, what: string): T {
  const found = findRow(schema, row);
  if (found === undefined) throw new StoreError("not-found", `There is no ${what} in the database.`);
  return found;
}

/** As `findRow`, for many rows. */
export function listRows<T>(schema: z.ZodType<T>, rows: readonly unknown[]): T[] {
  return rows.map((row) => getRow(schema, row, "row"));
}

/**
 * Makes sure that an update found its row.
 * @throws StoreError `not-found`
 */
export function mustChange(result: RunResult, what: string): void {
  if (result.changes === 0) throw new StoreError("not-found", `There is no ${what} in the database.`);
}
