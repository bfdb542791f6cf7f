import { expect } from "chai";
import * as fc from "fast-check";
import { permissionLevel } from "../../src/config/permissions.ts";

describe("permissionLevel", () => {
  const permissions = {
    "*": "block",
    "example.org": "user",
    "example.org:8448": "admin",
    "@root:example.org": "admin",
    "@troll:example.org": "block",
  } as const;

  it("takes the person before the domain, and the domain before everybody", () => {
    const table: Array<[string, string]> = [
      ["@root:example.org", "admin"],
      ["@troll:example.org", "block"],
      ["@anna:example.org", "user"],
      ["@anna:example.org:8448", "admin"],
      ["@anna:sub.example.org", "block"],
      ["@anna:elsewhere.net", "block"],
    ];
    for (const [userId, level] of table) expect(permissionLevel(permissions, userId), userId).to.equal(level);
  });

  it("gives everybody the level of *", () => {
    expect(permissionLevel({ "*": "user" }, "@anna:elsewhere.net")).to.equal("user");
  });

  it("blocks whoever is not named", () => {
    expect(permissionLevel({ "example.org": "admin" }, "@anna:elsewhere.net")).to.equal("block");
    expect(permissionLevel({}, "@constructor:toString")).to.equal("block");
  });

  it("blocks what is not a user id, even where everybody is let in", () => {
    const open = { "*": "admin", "example.org": "admin" } as const;
    for (const text of ["", "@", "anna", "example.org", "*", "@anna", "@anna:", "anna:example.org"]) {
      expect(permissionLevel(open, text), text).to.equal("block");
    }
  });

  it("never gives more than the map holds", () => {
    fc.assert(
      fc.property(fc.string(), (userId) => {
        expect(permissionLevel({ "example.org": "user", "*": "block" }, userId)).to.not.equal("admin");
      }),
    );
  });
});
