// Run as a process of its own: opens a store, and stops for ever while it seals a value, so that it can be killed there.
import { writeSync } from "node:fs";
import { argv } from "node:process";
import { Seal } from "../../../src/store/seal.ts";
import { openStore } from "../../../src/store/store.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { timesOf } from "../../support/calendars.ts";

const [path = "", stopAt] = argv.slice(2);
const original: unknown = Object.getOwnPropertyDescriptor(Seal.prototype, "seal")?.value;
if (typeof original !== "function") throw new Error("Seal has no seal() any more");
let count = 0;
Object.defineProperty(Seal.prototype, "seal", {
  value(this: Seal, ...args: unknown[]): unknown {
    if ((count += 1) === Number(stopAt)) {
      writeSync(1, `at ${count}\n`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    return Reflect.apply(original, this, args);
  },
});
openStore({ path, keyFile: `${path}.key`, ...timesOf(systemClock) }).close();
