import { MsnError, type MsnErrorCode } from "../../src/msn/index.ts";

/** A sentence that ends as one and says what to do. */
export const WHOLE_SENTENCE = /^[A-Z].*(?:[Tt]ry again|[Ll]og in|[Ss]end|[Rr]eact|[Aa]sk).*\.$/u;

/** An error of each code that a table lists, with what the table says about it. */
export function errorsOf(table: Readonly<Record<MsnErrorCode, string>>): Array<[error: MsnError, words: string]> {
  const isCode = (code: string): code is MsnErrorCode => Object.hasOwn(table, code);
  return Object.keys(table).flatMap((code) =>
    isCode(code) ? [[new MsnError(code, "what happened"), table[code]] as [MsnError, string]] : [],
  );
}
