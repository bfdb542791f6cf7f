import { expect } from "chai";
import * as fc from "fast-check";
import { linkKey, readClaim, signClaim } from "../../../src/matrix/media/media-link.ts";

const key = linkKey("a secret of the operator");
const CLAIM = { mxc: "mxc://localhost/abc", name: "räksmörgås.png", expires: 1_800_000_000_000 };

describe("matrix/media/media-link", () => {
  const token = signClaim(key, CLAIM);
  const [payload = "", mac = ""] = token.split(".");

  it("gives back what was signed", () => {
    const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
    fc.assert(
      fc.property(ids, fc.string({ unit: "grapheme" }), fc.nat(), (id, name, seconds) => {
        const claim = { mxc: `mxc://example.org:8448/${id}`, name, expires: seconds * 1000 };
        expect(readClaim(key, signClaim(key, claim), name)).to.deep.equal(claim);
      }),
    );
  });

  it("signs nothing but the address of a file, with a key of its own", () => {
    expect(() => signClaim(key, { ...CLAIM, mxc: "mxc://a/../b" })).to.throw(TypeError);
    expect(linkKey("one").equals(linkKey("two"))).to.equal(false);
    expect(readClaim(linkKey("another secret"), token, CLAIM.name)).to.equal(undefined);
  });

  it("takes nothing with any sign changed, left out or added", () => {
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      for (const forged of [
        token.slice(0, at) + other + token.slice(at + 1),
        token.slice(0, at) + token.slice(at + 1),
        `${token.slice(0, at)}A${token.slice(at)}`,
        token.slice(0, at),
      ]) {
        if (forged !== token) expect(readClaim(key, forged, CLAIM.name), forged).to.equal(undefined);
      }
    }
  });

  const swapped = (text: string): string => Buffer.from(text).toString("base64url");
  const now = Math.ceil(CLAIM.expires / 1000);
  const last = mac.at(-1) ?? "";
  const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const alias = SIGNS[(SIGNS.indexOf(last) & ~3) | ((SIGNS.indexOf(last) + 1) & 3)] ?? "";
  const FORGERIES: Array<[what: string, token: string, name?: string]> = [
    ["another file", `${swapped(`${now} mxc://localhost/abd`)}.${mac}`],
    ["a later end", `${swapped(`${now + 1} mxc://localhost/abc`)}.${mac}`],
    ["no signature", payload],
    ["an empty signature", `${payload}.`],
    ["a signature of zeros", `${payload}.${"A".repeat(43)}`],
    ["no payload", `.${mac}`],
    ["two signatures", `${token}.${mac}`],
    ["another last sign that decodes to the same bytes", `${payload}.${mac.slice(0, -1)}${alias}`],
    ["padding", `${token}=`],
    ["padding within", `${payload}=.${mac}`],
    ["plain base64", `${payload}.${Buffer.from(mac, "base64url").toString("base64")}`],
    ["hexadecimal", `${payload}.${Buffer.from(mac, "base64url").toString("hex")}`],
    ["a line end", `${token}\n`],
    ["a space before it", ` ${token}`],
    ["signs that look alike", token.replace(".", "．")],
    ["a letter in the wrong case", token.replace(/[a-z]/, (sign) => sign.toUpperCase())],
    ["NUL", `${token}\0`],
    ["nothing", ""],
    ["a point", "."],
    ["a megabyte", `${"A".repeat(1_000_000)}.${mac}`],
    ["another name", token, "räksmörgås.exe"],
    ["the same name in other code points", token, CLAIM.name.normalize("NFD")],
    ["no name", token, ""],
    ["a part of the payload moved into the name", `${payload.slice(0, -1)}.${mac}`, `${payload.at(-1)}.${CLAIM.name}`],
  ];
  for (const [what, forged, name = CLAIM.name] of FORGERIES) {
    it(`does not take ${what}`, () => {
      expect([forged, name]).not.to.deep.equal([token, CLAIM.name]);
      expect(readClaim(key, forged, name)).to.equal(undefined);
    });
  }

  it("does not take anything else either", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => readClaim(key, `${a}.${b}`, CLAIM.name) === undefined));
  });
});
