import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where processes that run our sources keep what has been compiled of them. */
export const COMPILED = join(tmpdir(), "matrix-appservice-msn-compiled");

/**
 * The environment in which other processes of ours use that as well. Where coverage is counted they may not, or functions
 * would be missed.
 */
export const WITH_COMPILED: NodeJS.ProcessEnv =
  process.env["NODE_V8_COVERAGE"] === undefined ? { ...process.env, NODE_COMPILE_CACHE: COMPILED } : process.env;
