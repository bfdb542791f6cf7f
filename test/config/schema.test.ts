import { expect } from "chai";
import * as fc from "fast-check";
import { ConfigError, parseConfig } from "../../src/config/config.ts";
import { SMALLEST_CONFIG } from "../support/smallest-config.ts";

function problemsOf(text: string): readonly string[] {
  try {
    parseConfig(text, "config.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

/** The problems after one replacement in the smallest configuration, whose text begins on line 2. */
function problemsWith(from: string, to: string): readonly string[] {
  expect(SMALLEST_CONFIG).to.include(from);
  return problemsOf(SMALLEST_CONFIG.replace(from, () => to));
}

describe("a configuration", () => {
  describe("with a mistake", () => {
    const table: Array<[what: string, from: string, to: string, problem: string]> = [
      [
        "an unknown key",
        "  address: https:",
        "  adress: https:",
        'there is no key "adress" here; did you mean "address"?',
      ],
      [
        "a key in the wrong case",
        "      nexusUrl:",
        "      nexusurl:",
        'line 15: there is no key "nexusurl" here; did you mean "nexusUrl"?',
      ],
      [
        "a key like no other",
        "bridge:",
        "bridge:\n  encryption: {}",
        'line 8: there is no key "encryption" here; there may be command_prefix, permissions, max_logins, ',
      ],
      [
        "a missing key",
        "  address: http://127.0.0.1:29350",
        "  port: 1",
        'line 5: the key "address" is missing under "appservice".',
      ],
      [
        "a missing key of an entry",
        "      name: One\n",
        "",
        'line 12: the key "name" is missing under "msn.servers[0]".',
      ],
      [
        "an empty section",
        "bridge:\n  permissions:\n    example.org: user",
        "bridge:",
        'line 7: "bridge" must be a section with keys of its own.',
      ],
      [
        "a section that is text",
        "  permissions:\n    example.org: user",
        "  permissions: all",
        'line 8: "bridge.permissions" must be a section',
      ],
      [
        "a list that is none",
        "  servers:\n    - id: one",
        "  servers:\n      id: one",
        'line 11: "msn.servers" must be a list',
      ],
      [
        "an empty list",
        SMALLEST_CONFIG.slice(SMALLEST_CONFIG.indexOf("  servers:")),
        "  servers: []\n",
        'line 11: "msn.servers" must name at least one server.',
      ],
      [
        "a number in quotes",
        "appservice:",
        'appservice:\n  port: "80"',
        'line 6: "appservice.port" must be a whole number.',
      ],
      [
        "port 0",
        "appservice:",
        "appservice:\n  port: 0",
        'line 6: "appservice.port" must be a port between 1 and 65535.',
      ],
      [
        "port 65536",
        "      name: One",
        "      name: One\n      port: 65536",
        'line 14: "msn.servers[0].port" must be a port between 1 and 65535.',
      ],
      ["a number for text", "name: One", "name: 1", '"msn.servers[0].name" must be text.'],
      [
        "a URL without a scheme",
        "https://matrix.example.org/",
        "matrix.example.org",
        '"homeserver.address" must be a URL that begins with http:// or https://.',
      ],
      ["a URL of another kind", "http://127.0.0.1:29350", "ftp://127.0.0.1", '"appservice.address" must be a URL'],
      [
        "a URL with a query",
        "http://127.0.0.1:29350",
        "http://127.0.0.1/?a=b",
        '"appservice.address" must be a URL without ? and #.',
      ],
      [
        "a URL with a broken port",
        "http://127.0.0.1:29350",
        "http://127.0.0.1:a",
        '"appservice.address" must be a URL',
      ],
      [
        "a host with a port",
        "host: msn.example.net",
        "host: msn.example.net:1863",
        '"msn.servers[0].host" must be a host name',
      ],
      [
        "a domain that is a URL",
        "domain: example.org",
        "domain: https://example.org",
        '"homeserver.domain" must be a domain',
      ],
      ["a server id in capitals", "id: one", "id: One", '"msn.servers[0].id" must consist of a-z and 0-9.'],
      [
        "a secret for another homeserver",
        "msn:",
        'double_puppet: { secrets: { other.org: "as_token:x" } }\nmsn:',
        '"double_puppet.secrets.other.org" must be for the people of "example.org", the homeserver of this bridge',
      ],
      ["an unknown dialect", "name: One", "name: One\n      dialect: MSNP9", '"msn.servers[0].dialect" must be MSNP8.'],
      [
        "an unknown level",
        "example.org: user",
        "example.org: usr",
        '"bridge.permissions.example.org" must be one of block, user, admin.',
      ],
      [
        "a person without the @",
        "example.org: user",
        "anna:example.org: user",
        '"bridge.permissions.anna:example.org" must be "*", a domain',
      ],
      [
        "nobody let in",
        "example.org: user",
        "example.org: block",
        'line 8: "bridge.permissions" means that nobody may use this bridge: give',
      ],
      ["no permissions at all", "permissions:\n    example.org: user", "permissions: {}", "nobody may use this bridge"],
      [
        "a bot among the contacts",
        "appservice:",
        "appservice:\n  bot:\n    username: msn_bot",
        '"appservice.bot.username" must not begin with "msn_"',
      ],
      [
        "a bot in capitals",
        "appservice:",
        "appservice:\n  bot: { username: MSN }",
        '"appservice.bot.username" must consist of',
      ],
      [
        "a prefix with a space",
        "bridge:",
        'bridge:\n  command_prefix: "! msn"',
        '"bridge.command_prefix" must not hold spaces.',
      ],
      [
        "a database server",
        "msn:",
        "database:\n  uri: postgres://localhost/msn\nmsn:",
        '"database.uri" must be a file name',
      ],
      ["a database in memory", "msn:", 'database:\n  uri: ":memory:"\nmsn:', '"database.uri" must be a file on disk'],
      [
        "an unknown log level",
        "msn:",
        "logging:\n  min_level: silent\nmsn:",
        '"logging.min_level" must be one of trace',
      ],
      [
        "yes for true",
        "msn:",
        "matrix:\n  federate_rooms: yes\nmsn:",
        '"matrix.federate_rooms" must be true or false.',
      ],
      [
        "a key given twice",
        "  domain: example.org",
        "  domain: example.org\n  domain: example.com",
        "line 5: this key stands in the same place a second time.",
      ],
      [
        "a prefix without quotes",
        "bridge:",
        "bridge:\n  command_prefix: !msn",
        'line 8: text that begins with "!" must stand in quotes.',
      ],
      [
        "a person without quotes",
        "example.org: user",
        "@you:example.org: user",
        'line 9: text that begins with a special sign such as "@" must stand in quotes.',
      ],
      [
        "everybody without quotes",
        "example.org: user",
        "*: user",
        'line 9: text that begins with "*" must stand in quotes.',
      ],
      ["an alias", "name: One", "name: *one", 'line 13: text that begins with "*" must stand in quotes.'],
      [
        "a tab",
        "  domain: example.org",
        "\tdomain: example.org",
        "line 4: this line is indented with a tab; use spaces.",
      ],
      ["a bracket left open", "name: One", "name: [One", "this is not YAML"],
      [
        "a second document",
        "msn:",
        "---\nmsn:",
        'line 10: a second document begins here ("---"), but there may be only one.',
      ],
    ];
    for (const [what, from, to, problem] of table) {
      it(`names ${what}`, () => {
        const problems = problemsWith(from, to);
        expect(
          problems.filter((sentence) => sentence.includes(problem)),
          problems.join("\n"),
        ).to.have.length(1);
        for (const sentence of problems) expect(sentence).to.match(/^config\.yaml line \d+: .+[.?]$/);
      });
    }
  });

  describe("config/permissions that match nobody", () => {
    const table: Array<[entry: string, right: string]> = [
      ["@*:example.org", '"example.org"'],
      ["*:example.org", '"example.org"'],
      ["*@example.org", '"example.org"'],
      ["*.example.org", '"example.org"'],
      ["@:example.org", '"example.org"'],
      ["@example.org", '"example.org"'],
      ["@:Example.org:8448", '"example.org:8448"'],
      ["@anna*:example.org", "name each user"],
      ["Example.org", '"example.org"'],
      ["ELSEWHERE.NET", '"elsewhere.net"'],
      ["@anna:Example.Org", '"@anna:example.org"'],
      ["example.org.", '"example.org"'],
      [".example.org", '"example.org"'],
      ["@anna:example..org", '"@anna:example.org"'],
      ["anna@example.org", '"@anna:example.org"'],
      ["anna:example.org", '"@anna:example.org"'],
      ["@anna", 'a person such as "@you:example.org"'],
      ["**", 'must be "*"'],
    ];
    for (const [entry, right] of table) {
      it(`are refused with the right form: ${entry}`, () => {
        const problems = problemsWith("example.org: user", `example.org: user\n    "${entry}": user`);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.include(`"bridge.permissions.${entry}"`).and.to.include(right);
      });
    }

    it("are none of those that match somebody", () => {
      for (const entry of [
        "*",
        "elsewhere.net:8448",
        "[2001:DB8::1]:8448",
        "@Anna:example.org",
        "@a=b/c:x-y.net",
        "10.0.0.1",
      ])
        expect(problemsWith("example.org: user", `example.org: user\n    "${entry}": user`), entry).to.deep.equal([]);
    });

    it("are spelled as the homeserver is", () => {
      const text = SMALLEST_CONFIG.replace("domain: example.org", "domain: Example.org");
      expect(problemsOf(text)).to.have.length(1);
      expect(problemsOf(text)[0]).to.include('write "Example.org"');
      expect(problemsOf(text.replace("example.org: user", "Example.org: user"))).to.deep.equal([]);
    });
  });

  it("takes IPv6 addresses with and without brackets", () => {
    for (const written of ["::", "[::]", "[::1]", "::1", "[fe80::1]"]) {
      const text = SMALLEST_CONFIG.replace("appservice:", `appservice:\n  hostname: "${written}"`);
      expect(parseConfig(text, "config.yaml").appservice.hostname).to.equal(written.replace(/[[\]]/g, ""));
    }
    expect(problemsWith("appservice:", 'appservice:\n  hostname: "[::]:80"')).to.have.length(1);
    expect(problemsWith("appservice:", 'appservice:\n  hostname: "[nobody]"')).to.have.length(1);
  });

  it("names everything that is wrong, in the order of the lines", () => {
    const text = SMALLEST_CONFIG.replace("domain: example.org", "domian: example.org\n  domian: b")
      .replace("appservice:", "appservice:\n  port: 0\n  bot:")
      .replace("    - id: one", "    - id: one\n      host: h\n    - id: one")
      .replace("example.org: user", "example.org: usr");
    expect(problemsOf(text)).to.deep.equal([
      'config.yaml line 2: the key "domain" is missing under "homeserver".',
      'config.yaml line 4: there is no key "domian" here; did you mean "domain"?',
      "config.yaml line 5: this key stands in the same place a second time.",
      'config.yaml line 7: "appservice.port" must be a port between 1 and 65535.',
      'config.yaml line 8: "appservice.bot" must be a section with keys of its own.',
      'config.yaml line 12: "bridge.permissions.example.org" must be one of block, user, admin.',
      'config.yaml line 15: the key "name" is missing under "msn.servers[0]".',
      'config.yaml line 15: the key "nexusUrl" is missing under "msn.servers[0]".',
      'config.yaml line 17: "msn.servers[1].id" must be unique: there is another server "one".',
    ]);
  });

  it("wants a file with something in it", () => {
    expect(problemsOf("")).to.deep.equal(["The file config.yaml is empty."]);
    expect(problemsOf("# nothing yet\n")).to.deep.equal(["The file config.yaml is empty."]);
    expect(problemsOf("- a\n")).to.deep.equal(["config.yaml line 1: the file must be a section with keys of its own."]);
  });

  it("answers any text with a value or with problems", () => {
    const lines = SMALLEST_CONFIG.split("\n");
    const piece = fc.oneof(
      fc.constantFrom(...lines, "- ", "? ", "*a", "&a", "<<: *a", "!x", "%YAML", "__proto__: 1"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, whole) => {
        problemsOf(`${whole ? SMALLEST_CONFIG : ""}${pieces.join("\n")}`);
      }),
    );
  });
});
