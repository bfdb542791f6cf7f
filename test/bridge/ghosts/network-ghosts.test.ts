import { expect } from "chai";
import { NetworkGhosts } from "../../../src/bridge/ghosts/network-ghosts.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";

describe("bridge/ghosts/network-ghosts", () => {
  it("knows the ghosts of the networks that are configured, and no others", () => {
    const ids = new GhostIds("example.org");
    const ghosts = new NetworkGhosts(ids, [{ id: "one" }, { id: "two" }]);
    expect(ghosts.isGhost(ids.userId("one", "nils@example.com"))).to.equal(true);
    expect(ghosts.isGhost(ids.userId("two", "nils@example.com"))).to.equal(true);
    expect(ghosts.isGhost(ids.userId("three", "nils@example.com"))).to.equal(false);
    expect(ghosts.isGhost("@mia:example.org")).to.equal(false);
  });
});
