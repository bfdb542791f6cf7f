import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { parseConfig } from "../../src/config/config.ts";
import { generateRegistration, writeRegistration } from "../../src/config/registration.ts";
import { takePort } from "../../src/demo/port.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { configText } from "../support/config-text.ts";
import { tempFolder } from "../support/temp-folder.ts";

const loaded = z.object({ packages: z.array(z.string()), node: z.array(z.string()) });

/** What a bridge has loaded that was stopped when it listened. */
async function loadedAtStart(): Promise<z.infer<typeof loaded>> {
  const folder = tempFolder();
  try {
    const path = join(folder.path, "config.yaml");
    const text = configText({ bridgePort: await takePort(), homeserverPort: await takePort() }, undefined, undefined, {
      database: { uri: join(folder.path, "msn.db") },
    });
    writeFileSync(path, text);
    writeRegistration(join(folder.path, "registration.yaml"), generateRegistration(parseConfig(text, path)));
    const bridge = new BridgeProcess(["-c", path], {
      preload: join(import.meta.dirname, "../support/loaded.ts"),
    });
    await bridge.prints("listening for the homeserver");
    await bridge.kill("SIGTERM");
    return loaded.parse(JSON.parse(/^LOADED (.*)$/mu.exec(bridge.output)?.[1] ?? "{}"));
  } finally {
    folder.remove();
  }
}

describe("a bridge that starts", () => {
  it("loads what it needs, and leaves what takes most until something asks for it", async () => {
    const { packages, node } = await loadedAtStart();
    expect(packages).to.include.members(["better-sqlite3", "pino", "yaml", "zod"]);
    for (const name of ["sharp", "file-type"]) expect(packages).not.to.include(name);
    // Node's own names for what `fetch` and TLS are made of.
    expect(node.filter((name) => /undici|http2\/core|tls\/wrap/u.test(name))).to.deep.equal([]);
  });
});
