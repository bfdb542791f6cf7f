import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "chai";
import { makeWorkFolder } from "../../src/demo/work-folder.ts";

describe("the folder of a running Synapse", () => {
  let parent: string;
  beforeEach(async () => {
    parent = join(await mkdtemp(join(tmpdir(), "msn-work-")), "work");
  });
  afterEach(async () => rm(join(parent, ".."), { recursive: true, force: true }));

  it("is new for each, and those of living owners and of others stay", async () => {
    const one = await makeWorkFolder(parent);
    await mkdir(join(parent, "somebody-elses"));
    const other = await makeWorkFolder(parent);
    expect(new Set(await readdir(parent))).to.deep.equal(new Set([basename(one), basename(other), "somebody-elses"]));
  });

  it("is removed at the next start when its owner is dead or its number has another owner now", async () => {
    const { pid } = spawnSync("true");
    const [, start] = /-\d+\.(\d+)-/.exec(await makeWorkFolder(parent)) ?? [];
    await rm(parent, { recursive: true });
    await mkdir(join(parent, `msn-synapse-${pid}.${start}-abcdef`, "media"), { recursive: true });
    if (start !== "0") await mkdir(join(parent, `msn-synapse-${process.pid}.1-abcdef`));
    const mine = await makeWorkFolder(parent);
    expect(await readdir(parent)).to.deep.equal([basename(mine)]);
  });
});
