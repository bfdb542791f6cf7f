import { enableCompileCache } from "node:module";
import { COMPILED } from "./compiled.ts";

// Loaded by every process of a test run before its tests. They read the same sources, which need not be compiled by each
// of them again; where coverage is counted they must be, or functions would be missed.
if (process.env["NODE_V8_COVERAGE"] === undefined) enableCompileCache(COMPILED);
