#!/usr/bin/env node
// Only what every Node understands may stand in this file: it has to say so when the rest cannot be loaded.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`matrix-appservice-msn needs Node 22.19 or newer, and this is Node ${process.versions.node}.`);
  process.exitCode = 16;
} else {
  const { setFlagsFromString } = await import("node:v8");
  // Every read of a socket takes 64 KiB outside the heap, which is let go of only when the young generation is cleared. If
  // that may not grow, a large file costs no more memory than a small one (measured by `npm run bench -- --only files`).
  setFlagsFromString("--semi-space-growth-factor=1");
  const { endSoon, runCommandLine } = await import("./cli/command-line.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2));
  endSoon();
}
