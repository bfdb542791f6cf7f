import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Has everything collected that nobody refers to any more. What was looked at in this turn still counts as used. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("this Node cannot be told to collect");
  // Twice, with a turn behind each: what is found to be gone is reported in a turn of its own.
  for (let time = 0; time < 2; time += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    Reflect.apply(collect, undefined, []);
  }
  await new Promise((resolve) => setImmediate(resolve));
}
