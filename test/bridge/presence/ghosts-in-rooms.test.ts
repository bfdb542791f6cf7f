import { expect } from "chai";
import { GhostsInRooms } from "../../../src/bridge/presence/ghosts-in-rooms.ts";

describe("bridge/presence/ghosts-in-rooms", () => {
  it("reads once who is in a room, and hears of those who come into one", () => {
    let reads = 0;
    const ghosts = new GhostsInRooms({ ghosts: () => ((reads += 1), ["@nils:x"]) });
    expect([ghosts.has("@nils:x"), ghosts.has("@olga:x"), reads]).to.deep.equal([true, false, 1]);
    ghosts.add("@olga:x");
    expect([ghosts.has("@olga:x"), reads]).to.deep.equal([true, 1]);
  });
});
