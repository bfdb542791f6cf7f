import { expect } from "chai";
import * as fc from "fast-check";
import { GhostIds } from "../../src/convert/ghost-ids.ts";

const ids = new GhostIds("example.org");

const server = fc.stringMatching(/^[a-z0-9]{1,8}$/u);
const passport = fc.oneof(fc.emailAddress(), fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }));
const longPassport = fc.string({ unit: "grapheme", minLength: 200, maxLength: 400 });

function key(network: string, account: string): string {
  return `${network} ${account.toLowerCase()}`;
}

describe("convert/ghost-ids", () => {
  const TABLE: Array<[server: string, passport: string, userId: string]> = [
    ["one", "nils@example.com", "@msn_one_nils=40example.com:example.org"],
    ["one", "a.b_c-d+e/f@x.org", "@msn_one_a.b_c-d+e/f=40x.org:example.org"],
    ["2", "=40@x.org", "@msn_2_=3d40=40x.org:example.org"],
    ["one", "grün@x.org", "@msn_one_gr=c3=bcn=40x.org:example.org"],
    ["one", "a:b c@x.org", "@msn_one_a=3ab=20c=40x.org:example.org"],
    ["one", "😀", "@msn_one_=f0=9f=98=80:example.org"],
  ];
  for (const [network, account, userId] of TABLE) {
    it(`${account} on ${network} is ${userId}, and back`, () => {
      expect(ids.userId(network, account)).to.equal(userId);
      expect(ids.parse(userId)).to.deep.equal({ server: network, passport: account });
      expect(ids.isGhost(userId)).to.equal(true);
    });
  }

  it("takes an account in any letter case for the same", () => {
    expect(ids.userId("one", "Nils.M@Example.COM")).to.equal("@msn_one_nils.m=40example.com:example.org");
  });

  it("gives the account of any id that is short enough back, in lower case", () => {
    fc.assert(
      fc.property(server, passport, (network, account) => {
        const userId = ids.userId(network, account);
        const short = !userId.includes("=h-");
        expect(ids.parse(userId)).to.deep.equal(
          short ? { server: network, passport: account.toLowerCase() } : undefined,
        );
        expect(ids.userId(network, account.toLowerCase())).to.equal(userId);
      }),
    );
  });

  it("makes ids that every homeserver takes: plain characters, at most 255 bytes", () => {
    fc.assert(
      fc.property(server, fc.oneof(passport, longPassport), (network, account) => {
        const userId = ids.userId(network, account);
        expect(userId).to.match(/^@msn_[a-z0-9]+_[a-z0-9._=/+-]+:example\.org$/u);
        expect(Buffer.byteLength(userId)).to.be.at.most(255);
        expect(ids.isGhost(userId)).to.equal(true);
      }),
    );
  });

  it("never gives two accounts the same id, also when they are long and begin alike", () => {
    const pair = fc.oneof(
      fc.tuple(passport, passport),
      fc.tuple(longPassport, passport).map(([start, end]): [string, string] => [`${start}x`, `${start}${end}`]),
    );
    fc.assert(
      fc.property(server, server, pair, (one, other, [first, second]) => {
        const same = key(one, first) === key(other, second);
        expect(ids.userId(one, first) === ids.userId(other, second)).to.equal(same);
      }),
    );
  });

  it("keeps two networks apart", () => {
    fc.assert(
      fc.property(server, server, passport, (one, other, account) => {
        fc.pre(one !== other);
        expect(ids.userId(one, account)).to.not.equal(ids.userId(other, account));
      }),
    );
  });

  it("fills a long id to the last byte, and does not read it back", () => {
    const userId = ids.userId("one", `${"a".repeat(300)}@example.com`);
    expect(Buffer.byteLength(userId)).to.equal(255);
    expect(userId).to.match(/^@msn_one_a+=h-[0-9a-f]{32}:example\.org$/u);
    expect(ids.parse(userId)).to.equal(undefined);
    const longest = "a".repeat(255 - Buffer.byteLength("@msn_one_:example.org"));
    expect(ids.parse(ids.userId("one", longest))).to.deep.equal({ server: "one", passport: longest });
  });

  it("does not take others for ghosts", () => {
    for (const userId of [
      "@msnbot:example.org",
      "@alice:example.org",
      "@msn_one_nils=40x.org:elsewhere.org",
      "@msn_one_nils=40x.org:example.org.elsewhere.org",
      "msn_one_nils=40x.org:example.org",
      "",
    ]) {
      expect(ids.isGhost(userId), userId).to.equal(false);
      expect(ids.parse(userId), userId).to.equal(undefined);
    }
  });

  it("takes only the one spelling of an id for the ghost's", () => {
    for (const localpart of [
      "msn_one_",
      "msn_one",
      "msn__nils",
      "msn_One_nils",
      "msn_one_Nils",
      "msn_one_=4e",
      "msn_one_nils=4",
      "msn_one_nils=4G",
      "msn_one_nils=C3",
      "msn_one_=c3",
      "msn_one_=6eils",
      "msn_one_nils@x",
      "msn_one_=h-00",
    ]) {
      expect(ids.parse(`@${localpart}:example.org`), localpart).to.equal(undefined);
    }
  });

  it("reads back only what it makes", () => {
    const localpart = fc.oneof(fc.string(), fc.stringMatching(/^[a-f0-9=@._-]{0,12}$/u));
    fc.assert(
      fc.property(localpart, (text) => {
        const userId = `@msn_one_${text}:example.org`;
        const found = ids.parse(userId);
        if (found !== undefined) expect(ids.userId(found.server, found.passport)).to.equal(userId);
      }),
    );
  });
});
