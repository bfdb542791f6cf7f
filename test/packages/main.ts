import { countsOf, problemsWith } from "./packages.ts";
import { readLists, readLock } from "./read.ts";

// Says which packages in package-lock.json nobody has agreed to. What is agreed stands in packages.yaml.
//
//     npm run packages

const lock = readLock();
const { bridge, all } = countsOf(lock);
const problems = problemsWith(lock, readLists());
console.log(`${bridge} packages are installed with the bridge, ${all} are in the lock, over all platforms.`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
