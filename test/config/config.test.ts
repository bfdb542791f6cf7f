import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseDocument } from "yaml";
import { knownKeys } from "../../src/config/schema.ts";
import { type Config, ConfigError, parseConfig, readConfig } from "../../src/config/config.ts";
import { certificate, serverTls } from "../support/certificates.ts";
import { SMALLEST_CONFIG } from "../support/smallest-config.ts";
import { tempFolder } from "../support/temp-folder.ts";

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
      bridge: {
        command_prefix: "!msn",
        permissions: { "example.org": "user" },
        max_logins: 10,
        cleanup_on_logout: "keep",
        personal_filtering_spaces: false,
        bridge_notices: false,
      },
      contacts: { create_portals: "on-message", requests: "ask", strangers: "room" },
      messages: { emoticons: true, replies: "short", reactions: "off" },
      presence: { to_matrix: true, per_second: 5, policy: "follow" },
      double_puppet: { secrets: {} },
      matrix: { federate_rooms: true, delivery_receipts: true },
      media: {
        receive: "auto",
        auto_limit: 104_857_600,
        daily_limit: 1_073_741_824,
        max_size: 1_073_741_824,
        ports: [6891, 6900],
        allow_private_addresses: false,
      },
      public_media: { enabled: false, expiry_hours: 168, max_size: 104_857_600 },
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
            allow_private_addresses: false,
            allow_low_ports: false,
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

describe("sizes and ports", () => {
  const mediaOf = (text: string): Config["media"] =>
    parseConfig(`${SMALLEST_CONFIG}media: { ${text} }\n`, "config.yaml").media;

  it("may be written as people write them", () => {
    const table: Array<[written: string, bytes: number]> = [
      ["0", 0],
      ["1500", 1500],
      ['"1500"', 1500],
      ["2K", 2048],
      ["100M", 104_857_600],
      ["3G", 3_221_225_472],
    ];
    for (const [written, bytes] of table) {
      expect(mediaOf(`auto_limit: ${written}`).auto_limit, written).to.equal(bytes);
    }
    expect(mediaOf("ports: 1024-65535").ports).to.deep.equal([1024, 65535]);
    expect(mediaOf("ports: 6891").ports).to.deep.equal([6891, 6891]);
  });

  it("are named when they are none", () => {
    for (const written of ["1.5M", "-1", "100MB", "1T", "M", '""', "[1]", "~", "true", "9999999999G"]) {
      expect(() => mediaOf(`auto_limit: ${written}`), written).to.throw(
        ConfigError,
        '"media.auto_limit" must be a number of bytes, or one with K, M or G, such as "100M".',
      );
    }
    for (const written of ["1023-2000", "6900-6891", "6891-65536", "6891-", '"-"', "a", "~", "{}"]) {
      expect(() => mediaOf(`ports: ${written}`), written).to.throw(
        ConfigError,
        '"media.ports" must be a range of ports',
      );
    }
    expect(() => mediaOf("public_address: bridge.example.org")).to.throw(ConfigError, "must be an IPv4 address");
  });

  it("leave no public links without an address for them", () => {
    const text = (keys: string): string => `${SMALLEST_CONFIG}public_media:\n  enabled: true\n${keys}`;
    expect(() => parseConfig(text(""), "config.yaml")).to.throw(
      ConfigError,
      'the key "public_address" is missing under "public_media".',
    );
    const { public_media: links } = parseConfig(text("  public_address: https://a.example/\n"), "config.yaml");
    expect(links).to.deep.include({ public_address: "https://a.example", expiry_hours: 168 });
  });
});

describe("the authority of a server", () => {
  const folder = tempFolder();
  after(folder.remove);
  const config = join(folder.path, "config.yaml");

  function write(name: string, content: string): string {
    const path = join(folder.path, name);
    writeFileSync(path, content);
    return path;
  }

  function withCa(ca: string): string {
    return `${SMALLEST_CONFIG}      ca: ${ca}\n`;
  }

  it("is read from the folder of the file, without what else is there", () => {
    const path = write("ca.pem", `# ours\n${certificate("ca")}${certificate("other-ca")}${serverTls().key}`);
    for (const written of ["ca.pem", "./ca.pem", path]) {
      const [server] = parseConfig(withCa(written), config).msn.servers;
      expect(server?.ca, written).to.equal(certificate("ca") + certificate("other-ca"));
    }
  });

  it("is missed where it is not, and named with its line and what is wrong", () => {
    write("text.pem", "hello");
    write("broken.pem", certificate("ca").slice(0, 200));
    for (const [ca, why] of [
      ["none.pem", "is not there"],
      [".", "is a folder"],
      ["text.pem", "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"],
      ["broken.pem", "holds a certificate that cannot be read (number 1)"],
      ["text.pem/x", "cannot be read (ENOTDIR)"],
    ] as const) {
      const path = join(folder.path, ca);
      expect(() => parseConfig(withCa(ca), config))
        .to.throw(ConfigError)
        .with.property("message", `${config} line 16: "msn.servers[0].ca" names the file ${path}, which ${why}.`);
    }
  });

  it("is missed for every server at once", () => {
    const second = "    - { id: two, name: Two, host: two.example, nexusUrl: https://two.example/, ca: two.pem }\n";
    expect(() => parseConfig(`${withCa("none.pem")}${second}`, config))
      .to.throw(ConfigError)
      .with.property("problems")
      .with.length(2);
  });

  it("is not read, but missed, where its name is empty", () => {
    expect(() => parseConfig(withCa('""'), config)).to.throw(ConfigError, '"msn.servers[0].ca" must not be empty.');
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
    for (const section of [
      "contacts",
      "messages",
      "presence",
      "double_puppet",
      "matrix",
      "media",
      "public_media",
      "database",
      "logging",
    ] as const)
      expect(shown[section]).to.deep.equal(bare[section]);
  });
});
