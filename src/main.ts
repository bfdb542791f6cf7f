#!/usr/bin/env node
// Only what every Node understands may stand in this file: it has to say so when the rest cannot be loaded.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`matrix-appservice-msn needs Node 22.19 or newer, and this is Node ${process.versions.node}.`);
  process.exitCode = 16;
} else {
  const { runCommandLine } = await import("./command-line.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2));
}
