import { StoreError } from "../../../src/store/errors.ts";

/** The code of the StoreError that `run` throws; "none" when it throws nothing. Other errors go on. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  return "none";
}
