// Loaded before the bridge, as `kill-at.ts?7`: kills the process, as a power cut would, before or after the 7th step that
// changes what is on the disk.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { onSqliteCall } from "./sqlite-calls.ts";

const killAt = Number(new URL(import.meta.url).search.slice(1));
let steps = 0;
const step = (): void => {
  if ((steps += 1) === killAt) process.kill(process.pid, "SIGKILL");
};

for (const name of ["renameSync", "fsyncSync", "writeFileSync", "rmSync"] as const) {
  const original: unknown = fs[name];
  if (typeof original !== "function") throw new Error(`node:fs has no ${name}() any more`);
  Object.assign(fs, {
    [name]: (...args: unknown[]): unknown => {
      step();
      const result: unknown = Reflect.apply(original, fs, args);
      step();
      return result;
    },
  });
}
syncBuiltinESMExports();
onSqliteCall(({ committed }) => {
  if (committed) step();
});
