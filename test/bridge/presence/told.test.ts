import { expect } from "chai";
import { ToldPresences } from "../../../src/bridge/presence/told.ts";

const MIA = "@mia:localhost";

describe("bridge/presence/told", () => {
  const told = (at: number, presence: "online" | "unavailable" = "online") =>
    ({ presence, text: undefined, at, owners: [MIA] }) as const;

  it("is due a little before the homeserver forgets it, and only where a user is there to see it", () => {
    const presences = new ToldPresences();
    presences.set("@a:x", told(0));
    presences.set("@b:x", told(0, "unavailable"));
    expect(presences.due(24_999, () => true)).to.deep.equal([]);
    expect(presences.due(25_000, () => true)).to.deep.equal(["@b:x"]);
    expect(presences.due(45_000, () => false)).to.deep.equal([]);
    expect(presences.due(45_000, (owner) => owner === MIA)).to.have.members(["@a:x", "@b:x"]);
  });

  it("puts those who are still shown before those who are forgotten already, the oldest first", () => {
    const presences = new ToldPresences();
    presences.set("@forgotten:x", told(0));
    presences.set("@older:x", told(30_000));
    presences.set("@newer:x", told(40_000));
    expect(presences.due(90_000, () => true)).to.deep.equal(["@older:x", "@newer:x", "@forgotten:x"]);
  });

  it("is out of date for a ghost that others can see now, and gone for one that is offline", () => {
    const presences = new ToldPresences();
    presences.set("@a:x", told(1000));
    presences.set("@b:x", told(2000));
    presences.outdate("@a:x", [MIA, "@bob:localhost"]);
    // Also where the clock began a moment ago.
    expect(presences.due(0, () => true)).to.contain("@a:x");
    expect(presences.newestFirst()).to.deep.equal(["@b:x", "@a:x"]);
    presences.set("@a:x", undefined);
    presences.outdate("@a:x", [MIA]);
    expect(presences.get("@a:x")).to.equal(undefined);
    presences.clear();
    expect(presences.isEmpty).to.equal(true);
  });
});
