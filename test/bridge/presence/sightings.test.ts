import { expect } from "chai";
import { Sightings } from "../../../src/bridge/presence/sightings.ts";

const NILS = "@nils:x";

describe("bridge/presence/sightings", () => {
  let sightings: Sightings;
  beforeEach(() => void (sightings = new Sightings()));

  it("show the best status that any login sees", () => {
    sightings.see(1, NILS, "AWY");
    sightings.see(2, NILS, "NLN");
    expect(sightings.best(NILS)).to.equal("NLN");
    sightings.see(2, NILS, "FLN");
    expect(sightings.best(NILS)).to.equal("AWY");
    sightings.see(1, NILS, "HDN");
    expect(sightings.best(NILS)).to.equal("FLN");
    expect([...sightings.ghosts]).to.deep.equal([]);
  });

  it("drop what an earlier session saw and the present one does not", () => {
    sightings.see(1, NILS, "NLN");
    sightings.see(1, "@olga:x", "NLN");
    sightings.markStale(1);
    expect(sightings.best(NILS)).to.equal("NLN");
    sightings.see(1, NILS, "BSY");
    expect(sightings.drop(1, "stale")).to.deep.equal(["@olga:x"]);
    expect([sightings.best(NILS), sightings.best("@olga:x")]).to.deep.equal(["BSY", "FLN"]);
  });

  it("drop everything a login saw, and nothing of the others", () => {
    sightings.see(1, NILS, "NLN");
    sightings.see(2, NILS, "AWY");
    expect(sightings.drop(1, "all")).to.deep.equal([NILS]);
    expect(sightings.best(NILS)).to.equal("AWY");
    expect(sightings.drop(1, "all")).to.deep.equal([]);
    sightings.clear();
    expect(sightings.drop(2, "all")).to.deep.equal([]);
    expect(sightings.best(NILS)).to.equal("FLN");
  });
});
