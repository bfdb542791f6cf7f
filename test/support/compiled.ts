import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where processes that run our sources keep what has been compiled of them. */
export const COMPILED = join(tmpdir(), "matrix-appservice-msn-compiled");
