import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takePort } from "../../src/demo/port.ts";
import { countsOf, packageLock, strangersIn, type PackageLists } from "../packages/packages.ts";
import { readLists } from "../packages/read.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { configText } from "../support/config-text.ts";
import { run } from "./msn-package.ts";

const BRIDGE = "matrix-appservice-msn";

/**
 * Installs the packed bridge as its users do, in a folder that has nothing else, and starts it there. Our lock and what else
 * counts only here does not come along.
 * @throws Error when it brings a package that nobody has agreed to, or too many, or does not start
 */
export async function tryInstalled(folder: string, tarball: string): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "installed", version: "1.0.0", private: true }));
  await run(folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", tarball);
  const lock = packageLock.parse(JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")));
  const problems = strangersIn(lock, withBridge(readLists()));
  if (problems.length > 0) throw new Error(`The installed bridge brings more than was agreed:\n${problems.join("\n")}`);
  console.log(`installed with ${countsOf(lock).bridge - 1} packages, over all platforms`);
  await start(folder, join(folder, "node_modules", BRIDGE, "dist/main.js"));
}

function withBridge({ bridge, most, ...lists }: PackageLists): PackageLists {
  return {
    ...lists,
    bridge: { ...bridge, [BRIDGE]: "the bridge itself" },
    most: { ...most, bridge: most.bridge + 1 },
  };
}

async function start(folder: string, main: string): Promise<void> {
  const config = join(folder, "config.yaml");
  const ports = { bridgePort: await takePort(), homeserverPort: await takePort() };
  writeFileSync(config, configText(ports, undefined, undefined, { database: { uri: join(folder, "msn.db") } }));
  const registering = new BridgeProcess(["-c", config, "-g"], { main });
  if ((await registering.ends()) !== 0) throw new Error(`No registration was made:\n${registering.output}`);
  const bridge = new BridgeProcess(["-c", config], { main });
  await bridge.prints("listening for the homeserver");
  const code = await bridge.kill("SIGTERM");
  if (code !== 0) throw new Error(`The installed bridge ended with ${code}:\n${bridge.output}`);
  console.log("the installed bridge listened, and stopped when it was told to");
}
