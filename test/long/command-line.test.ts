import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { z } from "zod";
import { parseConfig } from "../../src/config/config.ts";
import { takePort } from "../../src/demo/port.ts";
import { EXIT } from "../../src/util/exit-codes.ts";
import { generateRegistration, writeRegistration, type Registration } from "../../src/config/registration.ts";
import { openStore } from "../../src/store/store.ts";
import { systemClock, withTimeout } from "../../src/util/clock.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { FakeHomeserver } from "../support/fake-homeserver.ts";
import { SMALLEST_CONFIG } from "../support/smallest-config.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { timesOf } from "../support/calendars.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const run = promisify(execFile);

interface Ended {
  readonly code: number | null;
  /** Its words to people: what it printed except for the log, line by line. */
  readonly lines: string[];
}

/** A folder with all that a bridge needs to start. */
interface Place {
  readonly folder: string;
  readonly config: string;
  readonly registration: Registration;
  readonly port: number;
  readonly homeserverPort: number;
}

/** How main ends under `node` with `args` before it. */
async function endUnder(node: string, ...args: string[]): Promise<{ code: unknown; output: string }> {
  try {
    const { stdout, stderr } = await run(node, args);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stderr" in error)) throw error;
    return { code: error.code, output: String(error.stderr) };
  }
}

/** A program that says that this is Node `version`. */
function disguise(version: string): string {
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  return `data:text/javascript,${encodeURIComponent(
    `Object.defineProperty(process, "versions", { value: ${versions} })`,
  )}`;
}

/** The first Node on the PATH that is older than 22. */
async function oldNode(): Promise<{ path: string; version: string } | undefined> {
  const places = (process.env["PATH"] ?? "").split(delimiter);
  for (const path of new Set(places.map((folder) => join(folder, "node")))) {
    if (!existsSync(path)) continue;
    const { stdout } = await run(path, ["-p", "process.versions.node"]);
    const version = stdout.trim();
    if (Number(version.split(".")[0]) < 22) return { path, version };
  }
  return undefined;
}

describe("the command line", function () {
  const root = tempFolder();
  after(root.remove);
  const processes: BridgeProcess[] = [];
  const folders: Array<{ remove: () => void }> = [];
  after(async () => {
    for (const one of processes) await one.kill();
    for (const folder of folders) folder.remove();
  });

  function start(...args: string[]): BridgeProcess {
    const started = new BridgeProcess(args);
    processes.push(started);
    return started;
  }

  /** Runs it to its end. Whatever it says, it must be words for people, without stack traces and secrets. */
  async function end(args: readonly string[], secrets: readonly string[] = []): Promise<Ended> {
    const child = start(...args);
    const late = (): Error => new Error(`it had not ended after a minute:\n${child.output}`);
    const code = await withTimeout(systemClock, 60_000, child.ends(), late);
    expect(child.output).to.not.match(/^\s+at /mu);
    for (const secret of secrets) expect(child.output).to.not.include(secret);
    const lines = child.output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
    return { code, lines };
  }

  async function place(): Promise<Place> {
    const { path: folder, remove } = tempFolder();
    folders.push({ remove });
    const [port, homeserverPort] = [await takePort(), await takePort()];
    const config = join(folder, "config.yaml");
    const text = SMALLEST_CONFIG.replace("https://matrix.example.org/", `http://127.0.0.1:${homeserverPort}`)
      .replace("domain: example.org", "domain: localhost")
      .replace("http://127.0.0.1:29350", `http://127.0.0.1:${port}\n  port: ${port}`);
    writeFileSync(config, text);
    const registration = generateRegistration(parseConfig(text, config));
    writeRegistration(join(folder, "registration.yaml"), registration);
    return { folder, config, registration, port, homeserverPort };
  }

  /** Starts a bridge that cannot run, and gives its one sentence. */
  async function failure({ config, registration }: Place): Promise<{ code: number | null; sentence: string }> {
    const { code, lines } = await end(["-c", config], [registration.as_token, registration.hs_token]);
    expect(lines).to.have.length(1);
    return { code, sentence: lines[0] ?? "" };
  }

  function write(name: string, text: string): string {
    const path = join(root.path, name);
    writeFileSync(path, text);
    return path;
  }

  it("shows its help and its version, and refuses what it does not know", async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")));
    const [help, shown, option, command, nothing, file] = await Promise.all([
      end(["--help"]),
      end(["-v"]),
      end(["--nonsense"]),
      end(["dance", "now"]),
      end([]),
      end(["-c", join(root.path, "nothing.yaml")]),
    ]);
    expect(help.code).to.equal(EXIT.ok);
    // Whoever needs an exit code finds it there.
    for (const code of Object.values(EXIT)) expect(help.lines.join("\n")).to.match(new RegExp(`\\b${code}\\b`, "u"));
    expect(shown).to.deep.equal({ code: EXIT.ok, lines: [version] });
    for (const [ended, words] of [
      [option, "--nonsense"],
      [command, 'There is no command "dance now".'],
      [nothing, "Name the configuration with -c config.yaml."],
    ] as const) {
      expect(ended.code).to.equal(EXIT.usage);
      expect(ended.lines).to.have.length(1);
      expect(ended.lines[0])
        .to.include(words)
        .and.match(/See --help\.$/u);
    }
    expect(file.code).to.equal(EXIT.config);
    expect(file.lines).to.have.length(1);
    expect(file.lines[0]).to.match(/^There is no file .*nothing\.yaml: .*\.$/u);
  });

  it("says in which lines a configuration is wrong", async () => {
    const broken = write("broken.yaml", `${SMALLEST_CONFIG}\nlogging: {min_level: info\n`);
    const wrong = SMALLEST_CONFIG.replace("  domain:", "  domian:").replace("id: one", "id: One");
    const [yaml, keys] = await Promise.all([end(["-c", broken]), end(["-c", write("wrong.yaml", wrong)])]);
    expect(yaml.code).to.equal(EXIT.config);
    for (const line of yaml.lines) expect(line).to.match(/broken\.yaml line \d+: .*\.$/u);
    expect(yaml.lines).to.have.length.of.at.least(1);
    expect(keys.code).to.equal(EXIT.config);
    const path = join(root.path, "wrong.yaml");
    expect(keys.lines).to.have.length(3);
    expect(keys.lines).to.include(`${path} line 4: there is no key "domian" here; did you mean "domain"?`);
    expect(keys.lines).to.include(`${path} line 12: "msn.servers[0].id" must consist of a-z and 0-9.`);
  });

  it("says which certificate of an authority cannot be read", async () => {
    const config = write("private-ca.yaml", `${SMALLEST_CONFIG}      ca: nowhere/ca.pem\n`);
    const { code, lines } = await end(["-c", config]);
    expect(code).to.equal(EXIT.config);
    const path = join(root.path, "nowhere/ca.pem");
    expect(lines).to.deep.equal([`${config} line 16: "msn.servers[0].ca" names the file ${path}, which is not there.`]);
  });

  it("writes a registration that only this user may read, once, and wants one", async () => {
    const config = write("config.yaml", SMALLEST_CONFIG);
    const path = join(root.path, "registration.yaml");
    const [written, missing] = await Promise.all([
      end(["-c", config, "-g"]),
      end(["-c", config, "-r", join(root.path, "none.yaml")]),
    ]);
    expect(written.code).to.equal(EXIT.ok);
    expect(written.lines).to.have.length(1);
    expect(written.lines[0]).to.include(path);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    const text = readFileSync(path, "utf8");
    const tokens = [...text.matchAll(/_token: (\S+)/gu)].map(([, token = ""]) => token);
    expect(tokens).to.have.length(2);
    expect(missing.code).to.equal(EXIT.registration);
    expect(missing.lines).to.have.length(1);
    expect(missing.lines[0])
      .to.include("none.yaml")
      .and.match(/-g.*\.$/u);
    const again = await end(["-c", config, "-g"], tokens);
    expect(again.code).to.equal(EXIT.registration);
    expect(again.lines).to.have.length(1);
    expect(again.lines[0]).to.include(path).and.match(/\.$/u);
    expect(readFileSync(path, "utf8")).to.equal(text);
  });

  it("writes a second registration to act for people with, and says what to do with it", async () => {
    const config = write("puppets.config.yaml", SMALLEST_CONFIG);
    const path = join(root.path, "double-puppet.yaml");
    const [written, alone] = await Promise.all([
      end(["-c", config, "-g", "--double-puppet"]),
      end(["-c", config, "--double-puppet"]),
    ]);
    expect(written.code).to.equal(EXIT.ok);
    expect(written.lines.join()).to.include(path).and.include("double_puppet.secrets");
    expect(readFileSync(path, "utf8")).to.include("exclusive: false");
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(alone.code).to.equal(EXIT.usage);
    expect(alone.lines.join()).to.include("Use --double-puppet together with -g.");
  });

  it("says what keeps a bridge from running, each with its own exit code", async () => {
    const [refused, newer, keyless] = await Promise.all([place(), place(), place()]);
    const other = generateRegistration(parseConfig(readFileSync(refused.config, "utf8"), refused.config));
    const homeserver = await FakeHomeserver.start({ registration: other, port: refused.homeserverPort });
    const [database, key] = ["msn.db", "msn.db.key"];
    for (const { folder } of [newer, keyless]) {
      const keyFile = join(folder, key);
      openStore({ path: join(folder, database), keyFile, ...timesOf(systemClock) }).close();
    }
    const later = new Sqlite(join(newer.folder, database));
    later.pragma("user_version = 99");
    later.close();
    rmSync(join(keyless.folder, key));
    try {
      const [token, schema, noKey] = await Promise.all([refused, newer, keyless].map(failure));
      expect(token).to.include({ code: EXIT.homeserver });
      expect(token?.sentence).to.match(/^The homeserver does not know .*as_token\. Put registration\.yaml .*\.$/u);
      expect(schema).to.include({ code: EXIT.newerDatabase });
      expect(schema?.sentence).to.match(/^The database .*msn\.db was written by a newer version .*\.$/u);
      expect(noKey).to.include({ code: EXIT.database });
      expect(noKey?.sentence).to.match(/^There is no key file .*msn\.db\.key, .*\.$/u);
      // A new key would hide that the old one is needed.
      expect(existsSync(join(keyless.folder, key))).to.equal(false);
    } finally {
      await homeserver.stop();
    }
  });

  it("says what is wrong with its data, and what to do", async () => {
    type Spoil = (path: string, key: string) => void;
    const spoiled: ReadonlyArray<readonly [spoil: Spoil, code: number, words: RegExp]> = [
      [(path) => truncateSync(path, 0), EXIT.database, /is empty, though there is a key for it: restore a backup/u],
      [(path) => truncateSync(path, 8192), EXIT.diskBroken, /is damaged .* Restore a backup/u],
      [
        (path) => writeFileSync(path, "a letter ".repeat(999)),
        EXIT.database,
        /is not a database\. .* restore a backup/u,
      ],
      [
        (_, key) => writeFileSync(key, Buffer.alloc(32)),
        EXIT.database,
        /does not belong to this database: .* Bring back/u,
      ],
      [(_, key) => writeFileSync(key, "short"), EXIT.database, /does not hold a key/u],
      [
        (_, key) => {
          renameSync(key, `${key}.elsewhere`);
          symlinkSync(`${key}.elsewhere`, key);
        },
        EXIT.database,
        /is a link, and is not followed/u,
      ],
      [
        (path) => {
          const bytes = readFileSync(path);
          bytes.fill(0xaa, bytes.length / 2, bytes.length / 2 + 4096);
          writeFileSync(path, bytes);
        },
        EXIT.diskBroken,
        /is damaged .* Restore a backup/u,
      ],
    ];
    await Promise.all(
      spoiled.map(async ([spoil, code, words]) => {
        const here = await place();
        const [path, keyFile] = [join(here.folder, "msn.db"), join(here.folder, "msn.db.key")];
        const store = openStore({ path, keyFile, ...timesOf(systemClock) });
        const name = "x".repeat(200);
        store.batch(() => {
          for (let row = 0; row < 800; row += 1) {
            const [passport, userId] = [`${row}@hotmail.com`, `@msn_one_${row}:localhost`];
            store.ghosts.save({ server: "one", passport, userId, registered: true, name, avatarHash: null });
          }
        });
        // As a run that was killed: the next start looks through all of it.
        store.run.alive(new Date());
        store.close();
        spoil(path, keyFile);
        const ended = await failure(here);
        expect(ended.sentence).to.match(words);
        expect(ended.code, ended.sentence).to.equal(code);
      }),
    );
  });

  it("ends when its database is deleted under it, instead of writing where nobody will read", async () => {
    const here = await place();
    const { registration, homeserverPort } = here;
    const homeserver = await FakeHomeserver.start({ registration, port: homeserverPort });
    try {
      const running = start("-c", here.config);
      await running.prints("listening for the homeserver");
      homeserver.setAppserviceUrl(`http://127.0.0.1:${here.port}`);
      await running.prints("connected to the homeserver");
      rmSync(join(here.folder, "msn.db"));
      expect(await running.ends()).to.equal(EXIT.diskBroken);
      const words = running.output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
      expect(words).to.have.length(1);
      expect(words[0]).to.match(/^The database .*msn\.db has been deleted or replaced while the bridge ran .*\.$/u);
    } finally {
      await homeserver.stop();
    }
  });

  it("ends when its port is taken, and says so", async () => {
    const taken = await place();
    const occupant = createServer().listen(taken.port, "127.0.0.1");
    await once(occupant, "listening");
    try {
      const { code, sentence } = await failure(taken);
      expect(code).to.equal(EXIT.port);
      expect(sentence).to.match(new RegExp(`^Port ${taken.port} .* in use .* appservice\\.port\\.$`, "u"));
    } finally {
      occupant.close();
    }
  });

  it("waits for a homeserver that comes later, and keeps its database to itself meanwhile", async () => {
    const [here, elsewhere] = [await place(), await place()];
    const [waiting, inVain] = [start("-c", here.config), start("-c", elsewhere.config)];
    await Promise.all([waiting, inVain].map((one) => one.prints("Waiting for the homeserver")));
    const [{ code, sentence }, stopped] = await Promise.all([failure(here), inVain.kill("SIGTERM")]);
    expect(stopped, "the code after a signal while it waits").to.equal(EXIT.ok);
    expect(code).to.equal(EXIT.database);
    expect(sentence).to.match(/^The database .*msn\.db is in use .*\.$/u);
    const { registration, homeserverPort } = here;
    const homeserver = await FakeHomeserver.start({ registration, port: homeserverPort });
    try {
      homeserver.setAppserviceUrl(`http://127.0.0.1:${here.port}`);
      await waiting.prints("connected to the homeserver");
      expect(waiting.output.match(/Waiting for the homeserver/gu)).to.have.length(1);
      expect(waiting.output.match(/The homeserver answers now/gu)).to.have.length(1);
      for (const secret of [registration.as_token, registration.hs_token]) {
        expect(waiting.output).to.not.include(secret);
      }
      expect(await waiting.kill("SIGTERM")).to.equal(EXIT.ok);
      expect(waiting.output.split("\n").every((line) => line === "" || line.startsWith("{"))).to.equal(true);
    } finally {
      await homeserver.stop();
    }
  });

  describe("where something throws that nobody catches", () => {
    const ERRORS = new URL("../../src/store/errors.ts", import.meta.url).href;
    const full = `Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" })`;
    const broken = `new StoreError("disk-broken", "The disk with the database failed.")`;

    /** Has the bridge run `code` once it listens. */
    const whenListening = (code: string): string =>
      `data:text/javascript,${encodeURIComponent(`
      import { StoreError } from ${JSON.stringify(ERRORS)};
      import { existsSync } from "node:fs";
      const { write } = process.stdout;
      process.stdout.write = function (text, ...more) {
        if (String(text).includes("listening for the homeserver")) setTimeout(() => { ${code} });
        return write.call(this, text, ...more);
      };
    `)}`;

    async function after(code: string): Promise<{ code: unknown; output: string; isClosed: boolean }> {
      const { folder, config } = await place();
      const node = ["--import", whenListening(code), MAIN, "-c", config];
      const ended = await endUnder(process.execPath, ...node);
      // Whoever closes the database leaves no write-ahead log behind.
      return { ...ended, isClosed: existsSync(join(folder, "msn.db")) && !existsSync(join(folder, "msn.db-wal")) };
    }

    const disks = [
      ["in a timer, because the disk is full", `throw ${full}`, EXIT.diskFull, /^The .*disk.* is full\..*\n$/u],
      [
        "in a microtask, because the disk is full",
        `queueMicrotask(() => { throw ${full} })`,
        EXIT.diskFull,
        /is full\./u,
      ],
      ["in a promise, because the disk is full", `Promise.reject(${full})`, EXIT.diskFull, /is full\./u],
      [
        "again and again, because the disk is broken",
        `setInterval(() => { throw ${broken} }).unref()`,
        EXIT.diskBroken,
        /^The disk .* failed\.\n$/u,
      ],
    ] as const;
    it("closes the database, and says so, if it was the disk", async () => {
      const ends = await Promise.all(disks.map(async ([, code]) => after(code)));
      for (const [index, [how, , exit, words]] of disks.entries()) {
        const { output, code, isClosed } = ends[index] ?? {};
        expect(output, how)
          .to.match(words)
          .and.not.match(/^\s+at /mu);
        expect({ code, isClosed }, how).to.deep.equal({ code: exit, isClosed: true });
      }
    });

    it("ends at once for any other reason, with what a report needs", async () => {
      const { code, output } = await after(`throw new TypeError("it is not there")`);
      expect(code).to.equal(EXIT.unexpected);
      expect(output)
        .to.include("Something unexpected happened: TypeError: it is not there")
        .and.match(/^\s+at /mu);
    });
  });

  describe("under a Node that is too old", () => {
    it("says so in one sentence", async () => {
      const versions = ["18.20.8", "20.20.2", "22.18.0"];
      const ends = await Promise.all(
        versions.map(async (version) => endUnder(process.execPath, "--import", disguise(version), MAIN, "--version")),
      );
      expect(ends).to.deep.equal(
        versions.map((version) => ({
          code: EXIT.node,
          output: `matrix-appservice-msn needs Node 22.19 or newer, and this is Node ${version}.\n`,
        })),
      );
    });

    it("runs from 22.19 on", async () => {
      const { code } = await endUnder(process.execPath, "--import", disguise("22.19.0"), MAIN, "--version");
      expect(code).to.equal(0);
    });

    it("can be read by the old Node itself", async () => {
      const old = await oldNode();
      // Where every Node is new there is nothing to read it with; the test above stands for it.
      if (old === undefined) return;
      const built = join(root.path, "main.mjs");
      copyFileSync(MAIN, built);
      const { code, output } = await endUnder(old.path, built);
      expect(code).to.equal(EXIT.node);
      expect(output).to.equal(`matrix-appservice-msn needs Node 22.19 or newer, and this is Node ${old.version}.\n`);
    });
  });
});
