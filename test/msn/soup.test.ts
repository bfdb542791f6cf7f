import { expect } from "chai";
import * as fc from "fast-check";
import { eat, soups } from "../soup/soup.ts";

// A small share of `npm run test:soup`.
describe("msn, fed with byte soup", () => {
  it("gives commands, a protocol error, or waits for more; every request ends, and no timer is left", async () => {
    const codes = new Set<string>();
    const property = fc.asyncProperty(soups, async (soup) => {
      for (const { code } of await eat(soup)) codes.add(code);
    });
    await fc.assert(property, { numRuns: 2000 });
    expect([...codes]).to.include.members(["protocol", "connection-closed", "rejected", "contact-offline"]);
  });
});
