import type { BenchCase } from "./cases/case.ts";
import { files } from "./cases/files.ts";
import { flood } from "./cases/flood.ts";
import { in50 } from "./cases/in-50.ts";
import { latency } from "./cases/latency.ts";
import { logins, rooms } from "./cases/logins.ts";
import { out1 } from "./cases/out-1.ts";
import { out50 } from "./cases/out-50.ts";
import { portals } from "./cases/portals.ts";
import { second } from "./cases/second.ts";
import { start } from "./cases/start.ts";
import { storm } from "./cases/storm.ts";
import { strangers } from "./cases/strangers.ts";
import { sweep } from "./cases/sweep.ts";

/** In the order of the table. */
export const CASES: readonly BenchCase[] = [
  in50,
  out1,
  out50,
  latency,
  flood,
  strangers,
  files,
  start,
  logins,
  rooms,
  second,
  storm,
  sweep,
  portals,
];
