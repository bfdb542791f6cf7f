import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseConfig } from "../../src/config/config.ts";
import { protectSecrets } from "../../src/config/protect.ts";
import { SMALLEST_CONFIG } from "../support/smallest-config.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("config/protect", () => {
  const folder = tempFolder();
  after(folder.remove);
  const inFolder = (name: string): string => join(folder.path, name);
  const path = inFolder("config.yaml");
  const registration = inFolder("own.yaml");
  const puppets = inFolder("double-puppet.yaml");
  const modes = (): number[] => [path, registration, puppets].map((file) => statSync(file).mode & 0o777);

  function repairsFor(text: string): string[] {
    for (const file of [path, registration, puppets]) {
      writeFileSync(file, "");
      chmodSync(file, 0o644);
    }
    return protectSecrets(parseConfig(text, path), path, registration);
  }

  it("takes both registrations away from those who are neither us nor the homeserver, and says so", () => {
    const repairs = repairsFor(SMALLEST_CONFIG);
    expect(modes()).to.deep.equal([0o644, 0o640, 0o640]);
    expect(repairs).to.have.length(2);
    for (const repair of repairs) {
      expect(repair).to.match(/^The registration .* \(mode 644\); its mode is 640 now\. If the homeserver reads/u);
    }
  });

  it("does so with a configuration that holds secrets", () => {
    const repairs = repairsFor(`${SMALLEST_CONFIG}\ndouble_puppet: { secrets: { example.org: "as_token:x" } }\n`);
    expect(modes()).to.deep.equal([0o640, 0o640, 0o640]);
    expect(repairs[0]).to.match(/^The configuration, which holds secrets, .* \(mode 644\); its mode is 640 now\.$/u);
  });

  it("is helped by what git leaves out: the database, the key, the configuration and both registrations", () => {
    copyFileSync(join(ROOT, ".gitignore"), join(folder.path, ".gitignore"));
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder.path, encoding: "utf8" });
    git("init", "--quiet");
    const secret =
      "config.yaml registration.yaml double-puppet.yaml data/anything other.db msn.db msn.db-wal msn.db-shm msn.db.lock " +
      "msn.db.reserve msn.db.key msn.key msn.db.key.new msn.db.key.next";
    const ignored = git("check-ignore", ...secret.split(" "));
    expect(ignored.trim().split("\n")).to.deep.equal(secret.split(" "));
  });
});
