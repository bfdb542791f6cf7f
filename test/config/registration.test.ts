import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { parse } from "yaml";
import { type Config, parseConfig } from "../../src/config/config.ts";
import {
  checkRegistration,
  generatePuppetRegistration,
  generateRegistration,
  readRegistration,
  type Registration,
  RegistrationError,
  writeRegistration,
} from "../../src/config/registration.ts";
import { tempFolder } from "../support/temp-folder.ts";

const EXAMPLE = readFileSync("config/config.example.yaml", "utf8");

function configWith(from: string, to: string): Config {
  expect(EXAMPLE).to.include(from);
  return parseConfig(EXAMPLE.replaceAll(from, to), "config.yaml");
}

const config = parseConfig(EXAMPLE, "config.yaml");

describe("config/registration", () => {
  const folder = tempFolder();
  after(folder.remove);
  let files = 0;
  const newPath = (): string => join(folder.path, `${(files += 1)}.yaml`);

  it("holds what the homeserver must know", () => {
    const { as_token: asToken, hs_token: hsToken, ...rest } = generateRegistration(config);
    expect(rest).to.deep.equal({
      id: "msn",
      url: "http://127.0.0.1:29350",
      sender_localpart: "msnbot",
      namespaces: {
        users: [
          { exclusive: true, regex: String.raw`^@msn_.*:example\.org$` },
          { exclusive: true, regex: String.raw`^@msnbot:example\.org$` },
        ],
        aliases: [],
        rooms: [],
      },
      rate_limited: false,
      protocols: ["msn"],
      receive_ephemeral: true,
      "de.sorunome.msc2409.push_ephemeral": true,
    });
    for (const token of [asToken, hsToken]) expect(token).to.match(/^[\w-]{64}$/);
    expect(asToken).to.not.equal(hsToken);
    expect(asToken).to.not.equal(generateRegistration(config).as_token);
  });

  it("to act for people: covers them all, shares them with others, and wants no events", () => {
    const made = generatePuppetRegistration(config);
    const { as_token: asToken, hs_token: hsToken, sender_localpart: sender, ...rest } = made;
    expect(rest).to.deep.equal({
      id: "msn-double-puppet",
      url: null,
      namespaces: { users: [{ exclusive: false, regex: String.raw`^@.*:example\.org$` }], aliases: [], rooms: [] },
      rate_limited: false,
      protocols: [],
      receive_ephemeral: false,
      "de.sorunome.msc2409.push_ephemeral": false,
    });
    expect(asToken)
      .to.match(/^[\w-]{64}$/)
      .and.not.equal(hsToken);
    expect(sender).to.match(/^msn-double-puppet-[0-9a-f]{16}$/);
    const path = newPath();
    writeRegistration(path, made);
    expect(readRegistration(path)).to.deep.equal(made);
  });

  it("reads what it wrote, and finds that it fits", () => {
    const domain = fc.constantFrom("example.org", "a-b.example.org:8448", "localhost", "[::1]:8448");
    const username = fc.constantFrom("msnbot", "_msn.bot", "a+b/c=40");
    const id = fc.constantFrom("msn", "on", "123", "1e3", "- a: b", "~", "päivää # 1");
    fc.assert(
      fc.property(domain, username, id, (name, bot, registrationId) => {
        const own: Config = {
          ...config,
          homeserver: { ...config.homeserver, domain: name },
          appservice: { ...config.appservice, id: registrationId, bot: { username: bot, displayname: "Bot" } },
        };
        const path = newPath();
        const registration = generateRegistration(own);
        writeRegistration(path, registration);
        expect(readRegistration(path)).to.deep.equal(registration);
        // Synapse reads YAML 1.1.
        expect(parse(readFileSync(path, "utf8"), { version: "1.1" })).to.deep.equal(registration);
        expect(checkRegistration(registration, own)).to.deep.equal([]);
      }),
      { numRuns: 40 },
    );
  });

  it("owns the contacts and the bot, and nobody else", () => {
    const { namespaces } = generateRegistration(config);
    const owned = (userId: string): boolean => namespaces.users.some(({ regex }) => new RegExp(regex).test(userId));
    expect(owned("@msn_one_anna=40hotmail.com:example.org")).to.equal(true);
    expect(owned("@msnbot:example.org")).to.equal(true);
    for (const userId of ["@anna:example.org", "@msn_a:example.com", "@msn_a:exampleXorg", "@msnbot2:example.org"]) {
      expect(owned(userId), userId).to.equal(false);
    }
  });

  it("is written for this user alone, and never over another one", () => {
    const path = newPath();
    writeRegistration(path, generateRegistration(config));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    const before = readFileSync(path, "utf8");
    expect(() => writeRegistration(path, generateRegistration(config))).to.throw(
      RegistrationError,
      `There is a file ${path} already, and it is not overwritten`,
    );
    expect(readFileSync(path, "utf8")).to.equal(before);
  });

  it("is not written into a folder that does not exist", () => {
    const path = join(folder.path, "none", "registration.yaml");
    expect(() => writeRegistration(path, generateRegistration(config))).to.throw(
      RegistrationError,
      "its folder does not exist",
    );
    expect(existsSync(path)).to.equal(false);
  });

  describe("from a file that cannot be used", () => {
    const whole: Registration = generateRegistration(config);
    const table: Array<[what: string, text: string, problem: string]> = [
      ["broken YAML", "id: [msn\n", "is not YAML"],
      ["a broken alias", "id: *msn\n", "is not YAML"],
      ["nothing", "", "is not a registration"],
      ["a list", "- id: msn\n", "is not a registration"],
      [
        "no tokens",
        JSON.stringify({ ...whole, as_token: undefined, hs_token: "" }),
        "lacks a usable as_token, hs_token",
      ],
      ["no namespaces", JSON.stringify({ ...whole, namespaces: undefined }), "lacks a usable namespaces"],
      [
        "a broken namespace",
        JSON.stringify({ ...whole, namespaces: { users: [{ regex: 1, exclusive: true }] } }),
        "lacks a usable namespaces.users.0.regex",
      ],
    ];
    for (const [what, text, problem] of table) {
      it(`says so: ${what}`, () => {
        const path = newPath();
        writeFileSync(path, text);
        expect(() => readRegistration(path))
          .to.throw(RegistrationError, problem)
          .with.property("message")
          .that.matches(/^The registration file .* with -g, hand that to the homeserver and restart the homeserver\.$/);
      });
    }

    it("says how to make one where there is none", () => {
      const path = newPath();
      expect(() => readRegistration(path)).to.throw(
        RegistrationError,
        `There is no registration file ${path}: make one with -g, and hand it to the homeserver.`,
      );
    });

    it("never shows a token", () => {
      const path = newPath();
      writeFileSync(path, `as_token: very-secret\nhs_token: [very-secret\n`);
      expect(() => readRegistration(path))
        .to.throw(RegistrationError)
        .with.property("message")
        .that.does.not.include("secret");
    });
  });

  it("accepts the fields that other people's files leave out", () => {
    const path = newPath();
    const { id, url, as_token, hs_token, sender_localpart } = generateRegistration(config);
    const users = [{ exclusive: true, regex: "@msn.*:example.org" }];
    writeFileSync(
      path,
      JSON.stringify({ id, url, as_token, hs_token, sender_localpart, namespaces: { users }, "org.example": 1 }),
    );
    const registration = readRegistration(path);
    expect(registration.namespaces).to.deep.equal({ users, aliases: [], rooms: [] });
    expect(checkRegistration(registration, config)).to.deep.equal([]);
  });

  describe("that no longer fits the configuration", () => {
    const registration = generateRegistration(config);
    const table: Array<[from: string, to: string, problems: string[]]> = [
      [
        "address: http://127.0.0.1:29350",
        "address: http://bridge:1",
        ['its url is "http://127.0.0.1:29350", but appservice.address is "http://bridge:1"'],
      ],
      ["  id: msn", "  id: msn2", ['its id is "msn", but appservice.id is "msn2"']],
      [
        "username: msnbot",
        "username: bot",
        [
          'its sender_localpart is "msnbot", but appservice.bot.username is "bot"',
          'its namespaces do not give it its bot "@bot:example.org" exclusively',
        ],
      ],
      [
        "domain: example.org",
        "domain: example.com",
        ["its namespaces do not give it users such as", "its namespaces do not give it its bot"],
      ],
    ];
    for (const [from, to, problems] of table) {
      it(`says so: ${to}`, () => {
        const found = checkRegistration(registration, configWith(from, to));
        expect(found).to.have.length(problems.length);
        for (const [index, problem] of problems.entries()) {
          expect(found[index])
            .to.include(`The registration does not fit the configuration: ${problem}`)
            .and.match(/restart the homeserver\.$/);
        }
      });
    }

    it("says so: no URL, a shared namespace, a broken regex", () => {
      const { users } = registration.namespaces;
      const shared = { ...registration.namespaces, users: users.map(({ regex }) => ({ regex, exclusive: false })) };
      const broken = { ...registration.namespaces, users: [{ regex: "@msn_(", exclusive: true }] };
      expect(checkRegistration({ ...registration, url: null }, config)[0]).to.include("its url is null");
      expect(checkRegistration({ ...registration, namespaces: shared }, config)).to.have.length(2);
      expect(checkRegistration({ ...registration, namespaces: broken }, config)).to.have.length(2);
    });
  });

  it("is shown whole in the example, with tokens that nobody can use", () => {
    const path = "registration.yaml.example";
    const text = readFileSync(path, "utf8");
    const shown: unknown = parse(text);
    expect(shown).to.have.all.keys(Object.keys(generateRegistration(config)));
    expect(text).to.include("app_service_config_files").and.include("restart Synapse");
    expect(() => readRegistration(path)).to.throw(RegistrationError, "lacks a usable as_token, hs_token");
    const filled = join(folder.path, "filled.yaml");
    writeFileSync(filled, text.replaceAll("REPLACE_WITH", "x"));
    expect(checkRegistration(readRegistration(filled), config)).to.deep.equal([]);
  });
});
