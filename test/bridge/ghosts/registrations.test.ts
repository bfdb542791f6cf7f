import { expect } from "chai";
import { GhostRegistrations } from "../../../src/bridge/ghosts/registrations.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryStore } from "../../support/scopes.ts";

const [NILS, OLGA, BOT] = ["@msn_one_nils:x", "@msn_one_olga:x", "@msnbot:x"];

describe("bridge/ghosts/registrations", () => {
  it("are on disk for ghosts, read once for each, and for the bot last as long as the run", () => {
    const store = memoryStore(new FakeClock());
    const { ghosts } = store;
    for (const userId of [NILS, OLGA])
      ghosts.save({ server: "one", passport: userId, userId, registered: false, name: null, avatarHash: null });
    const first = new GhostRegistrations(ghosts);
    expect([NILS, OLGA, BOT].map((userId) => first.has(userId))).to.deep.equal([false, false, false]);
    for (const userId of [NILS, BOT]) first.add(userId);
    expect([NILS, OLGA, BOT].map((userId) => first.has(userId))).to.deep.equal([true, false, true]);
    let reads = 0;
    const second = new GhostRegistrations({
      findByUserId: (userId) => {
        reads += 1;
        return ghosts.findByUserId(userId);
      },
      markRegistered: (userId) => ghosts.markRegistered(userId),
    });
    for (let asked = 0; asked < 3; asked += 1) expect(second.has(NILS)).to.equal(true);
    expect([reads, second.has(BOT)]).to.deep.equal([1, false]);
    store.close();
  });
});
