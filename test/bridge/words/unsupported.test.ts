import { expect } from "chai";
import { otherProgram, UNSUPPORTED, unreadableOffer } from "../../../src/bridge/words/unsupported.ts";
import { UNSUPPORTED_KINDS } from "../../../src/msn/index.ts";

describe("bridge/words/unsupported", () => {
  for (const kind of UNSUPPORTED_KINDS) {
    it(`say what to do, or why there is nothing to do: ${kind}`, () => {
      expect(UNSUPPORTED[kind]("Nils")).to.match(/^(?:A message from )?Nils .*(?:yet|Ask Nils)/u);
    });
  }

  it("name the program that a contact wants to use together, where it has a name", () => {
    expect(otherProgram("Nils", "Chess")).to.match(/^Nils invited you to use “Chess” with them\./u);
    expect(otherProgram("Nils", "")).to.match(/^Nils invited you to use another program with them\./u);
    expect(unreadableOffer("Nils")).to.include("Ask Nils to send it again");
  });
});
