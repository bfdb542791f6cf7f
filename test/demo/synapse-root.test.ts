import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { findOnPath } from "../../src/demo/child.ts";
import { lastWords } from "../../src/demo/debian-root.ts";
import { type FindOptions, SynapseUnavailableError, findSynapse } from "../../src/demo/synapse-root.ts";
import { until } from "../support/until.ts";
import { CHROOT, DEBOOTSTRAP, FakeDebian } from "./support/fake-debian.ts";

const FINISHED = ["synapse-root", "synapse-root.lock", "synapse-root.log"];

describe("finding a Synapse", () => {
  let debian: FakeDebian;
  let lines: string[];
  const find = async (options: Partial<FindOptions> = {}): ReturnType<typeof findSynapse> => {
    const { path, cacheHome, aptLists } = debian;
    return findSynapse({ path, cacheHome, aptLists, isRoot: true, progress: (line) => lines.push(line), ...options });
  };
  const failure = async (options: Partial<FindOptions> = {}): Promise<SynapseUnavailableError> => {
    const error: unknown = await find(options).catch((thrown: unknown) => thrown);
    if (error instanceof SynapseUnavailableError) return error;
    throw new Error("findSynapse did not say that there is none", { cause: error });
  };

  before(async function () {
    // Roots are made on Debian only, where util-linux is always there.
    if ((await findOnPath("flock", process.env["PATH"] ?? "")) === undefined) this.skip();
  });
  beforeEach(async () => {
    debian = await FakeDebian.make();
    lines = [];
  });
  afterEach(async () => debian.remove());

  it("takes the one on PATH", async () => {
    await debian.program("synapse_homeserver", ":");
    const command = await find({ isRoot: false });
    expect(command.argv).to.deep.equal([join(debian.path, "synapse_homeserver")]);
    expect(command.root).to.equal("/");
    expect(await debian.cached()).to.deep.equal([]);
  });

  it("says in one sentence what to do when it can neither find nor fetch one", async () => {
    const plain = await failure({ isRoot: false });
    await debian.without("apt-get");
    const elsewhere = await failure();
    for (const error of [plain, elsewhere]) {
      expect(error.message).to.match(/^[^.]*`matrix-synapse` package, .*venv.*PATH, or .*root on Debian[^.]*\.$/);
      expect(error.aptFailed).to.equal(false);
    }
    expect(await debian.calls()).to.deep.equal([]);
  });

  it("fetches one, and finds it in the cache the next time", async () => {
    const command = await find();
    const root = join(debian.cacheHome, "matrix-appservice-msn/synapse-root");
    expect(command.argv).to.deep.equal([join(debian.path, "chroot"), root, "synapse_homeserver"]);
    expect(command.workFolder.startsWith(root)).to.equal(true);
    expect(await debian.calls()).to.deep.equal(["debootstrap sid", "chroot apt-get install matrix-synapse"]);
    expect(lines[0]).to.match(/about a minute/);
    expect(await debian.cached()).to.deep.equal(FINISHED);
    expect(await readFile(join(root, "usr/sbin/policy-rc.d"), "utf8")).to.match(/exit 101/);

    await debian.without("apt-get");
    lines = [];
    expect(await find()).to.deep.equal(command);
    expect(lines).to.deep.equal([]);
    expect((await failure({ isRoot: false })).aptFailed).to.equal(false);
  });

  it("installs debootstrap, reading apt's lists first when there are none", async () => {
    await debian.without("debootstrap");
    const install = `printf '#!/bin/sh\\n${DEBOOTSTRAP.replaceAll('"', '\\"')}\\n' > ${debian.path}/debootstrap`;
    const script = `case "$*" in *install*) ${install.replaceAll('\\"', '"')}; chmod 755 ${debian.path}/debootstrap;; esac`;
    await debian.program("apt-get", script);
    await debian.program("chmod", `/bin/chmod "$@"`);
    await find({ aptLists: join(debian.cacheHome, "nothing") });
    const apt = (await debian.calls()).filter((call) => call.startsWith("apt-get"));
    expect(apt).to.deep.equal(["apt-get update", "apt-get install debootstrap debian-archive-keyring"]);
  });

  it("reads apt's lists again when they are too old to install from, and gives apt's words if that is no help", async () => {
    await debian.without("debootstrap");
    await debian.program(
      "apt-get",
      'echo "Reading lists"; echo "E: Failed to fetch debootstrap  404"; echo bye; exit 100',
    );
    const error = await failure();
    expect(error.aptFailed).to.equal(true);
    expect(error.aptWords).to.equal("E: Failed to fetch debootstrap  404");
    expect(error.message).to.include(error.aptWords);
    const verbs = (await debian.calls()).map((call) => call.split(" ")[1]);
    expect(verbs).to.deep.equal(["install", "update", "install"]);
  });

  it("leaves nothing behind when apt fails inside the root, and can be tried again", async () => {
    await debian.program("chroot", 'echo "E: Unable to locate package matrix-synapse"; exit 100');
    expect(await failure()).to.include({ aptFailed: true, aptWords: "E: Unable to locate package matrix-synapse" });
    expect(await debian.cached()).to.deep.equal(FINISHED.slice(1));
    await debian.program("chroot", CHROOT);
    await find();
    expect(await debian.cached()).to.deep.equal(FINISHED);
  });

  it("does not take what a killed build has left, and removes it", async () => {
    const cache = join(debian.cacheHome, "matrix-appservice-msn");
    for (const name of ["synapse-root", "synapse-root.building-abc"]) {
      await mkdir(join(cache, name, "usr"), { recursive: true });
      await writeFile(join(cache, name, "usr/half"), "");
    }
    await find();
    expect(await debian.cached()).to.deep.equal(FINISHED);
    expect((await debian.calls()).length).to.equal(2);
  });

  it("makes one root when two want it at the same time", async () => {
    await debian.program("debootstrap", `sleep 0.2; ${DEBOOTSTRAP}`);
    const [one, other] = await Promise.all([find(), find()]);
    expect(one).to.deep.equal(other);
    expect((await debian.calls()).filter((call) => call.startsWith("debootstrap"))).to.have.length(1);
    expect(await debian.cached()).to.deep.equal(FINISHED);
  });

  it("stops when told to, also while another one has the lock", async () => {
    await debian.program("debootstrap", "sleep 60 & sleep 60");
    const stop = new AbortController();
    const both = [1, 2].map(async () => find({ signal: stop.signal }).catch((error: unknown) => error));
    await until("debootstrap to run", async () => (await debian.calls()).length === 1);
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await Promise.all(both)).to.deep.equal([reason, reason]);
    expect(await debian.cached()).to.deep.equal(FINISHED.slice(1));
  });
});

describe("the last words of apt", () => {
  it("are its errors, else its last lines", () => {
    expect(lastWords("a\nE: one\nb\nE: two\nc\n")).to.equal("E: one E: two");
    expect(lastWords("a\nb\n\nc\n d \n")).to.equal("b c d");
    expect(lastWords("\n")).to.equal("it failed without a word");
  });
});
