import type { Dialect } from "./dialect.ts";
import { msnp8 } from "./msnp8.ts";

/** The dialects that there are, by name. */
export const DIALECTS = { MSNP8: msnp8 } as const satisfies Readonly<Record<string, Dialect>>;
export type DialectName = keyof typeof DIALECTS;
