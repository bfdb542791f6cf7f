import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseDocument } from "yaml";
import { knownKeys } from "../src/config-schema.ts";
import { type Config, ConfigError, parseConfig, readConfig } from "../src/config.ts";
import { SMALLEST_CONFIG } from "./support/smallest-config.ts";
import { tempFolder } from "./support/temp-folder.ts";

/** The paths of all keys that have no keys of their own; of a list, those of its first entry. */
function leavesBelow(path: ReadonlyArray<string | number>): Array<ReadonlyArray<string | number>> {
  const keys = [...knownKeys(path), ...(knownKeys([...path, 0]).length > 0 ? [0] : [])];
  return keys.length === 0 ? [path] : keys.flatMap((key) => leavesBelow([...path, key]));
}

describe("the configuration", () => {
  it("fills in the defaults", () => {
    expect(parseConfig(SMALLEST_CONFIG, "/etc/bridge/config.yaml")).to.deep.equal({
      homeserver: { address: "https://matrix.example.org", domain: "example.org" },
      appservice: {
        address: "http://127.0.0.1:29350",
        hostname: "127.0.0.1",
        port: 29350,
        id: "msn",
        bot: { username: "msnbot", displayname: "MSN bridge bot" },
      },
      bridge: { command_prefix: "!msn", permissions: { "example.org": "user" } },
      matrix: { federate_rooms: true },
      database: { uri: "/etc/bridge/msn.db", key_file: "/etc/bridge/msn.db.key" },
      logging: { min_level: "info" },
      msn: {
        servers: [
          {
            id: "one",
            name: "One",
            host: "msn.example.net",
            port: 1863,
            nexusUrl: "https://msn.example.net/nexus",
            throttles: true,
            dialect: "MSNP8",
          },
        ],
      },
    } satisfies Config);
  });

  it("cannot be changed, at any depth", () => {
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      expect(Object.isFrozen(value)).to.equal(true);
      Object.values(value).forEach(visit);
    };
    visit(parseConfig(SMALLEST_CONFIG, "config.yaml"));
  });

  it("finds the database and its key from the folder of the file", () => {
    const table: Array<[string, string, string]> = [
      ["uri: state/a.db", "/etc/bridge/state/a.db", "/etc/bridge/state/a.db.key"],
      ["uri: file:a.db", "/etc/bridge/a.db", "/etc/bridge/a.db.key"],
      ["uri: file:/data/a.db", "/data/a.db", "/data/a.db.key"],
      ["uri: file:///data/a.db", "/data/a.db", "/data/a.db.key"],
      ["{ uri: /data/a.db, key_file: ../a.key }", "/data/a.db", "/etc/a.key"],
    ];
    for (const [written, uri, keyFile] of table) {
      const section = written.startsWith("{") ? written : `\n  ${written}`;
      const { database } = parseConfig(`${SMALLEST_CONFIG}database: ${section}\n`, "/etc/bridge/config.yaml");
      expect(database, written).to.deep.equal({ uri, key_file: keyFile });
    }
  });
});

describe("the configuration file", () => {
  const folder = tempFolder();
  after(folder.remove);

  it("is read from its path", () => {
    const path = join(folder.path, "config.yaml");
    writeFileSync(path, SMALLEST_CONFIG);
    expect(readConfig(path).database.uri).to.equal(join(folder.path, "msn.db"));
  });

  it("is named with the path when it is wrong", () => {
    const path = join(folder.path, "wrong.yaml");
    writeFileSync(path, "msn:\n  servers: 3\n");
    expect(() => readConfig(path)).to.throw(ConfigError, `${path} line 2: "msn.servers" must be a list`);
  });

  it("that is not there, or is a folder, is one sentence", () => {
    const path = join(folder.path, "none.yaml");
    expect(() => readConfig(path)).to.throw(
      ConfigError,
      `There is no file ${path}: copy config/config.example.yaml there`,
    );
    expect(() => readConfig(folder.path)).to.throw(
      ConfigError,
      `${folder.path} is a folder, not a configuration file.`,
    );
  });
});

describe("config.example.yaml", () => {
  const path = "config/config.example.yaml";

  it("can be used", () => {
    expect(readConfig(path).msn.servers).to.have.length(1);
  });

  it("shows every key", () => {
    const text = readFileSync(path, "utf8").replaceAll(/^( +)# (\w+: \S+)$/gm, "$1$2");
    const document = parseDocument(text);
    const shown = leavesBelow([]);
    expect(shown.length).to.be.greaterThan(20);
    for (const leaf of shown) expect(document.hasIn(leaf), leaf.join(".")).to.equal(true);
  });

  it("shows the defaults where it says so", () => {
    const shown = readConfig(path);
    const bare = parseConfig(SMALLEST_CONFIG, path);
    expect({ ...shown.appservice, address: "" }).to.deep.equal({ ...bare.appservice, address: "" });
    expect(shown.bridge.command_prefix).to.equal(bare.bridge.command_prefix);
    for (const section of ["matrix", "database", "logging"] as const)
      expect(shown[section]).to.deep.equal(bare[section]);
  });
});
