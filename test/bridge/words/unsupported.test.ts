import { expect } from "chai";
import { kindOfProgram, otherProgram, UNSUPPORTED, unreadableOffer } from "../../../src/bridge/words/unsupported.ts";
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

  const PROGRAMS: Array<[guid: string | undefined, kind: string | undefined]> = [
    ["{02D3C01F-BF30-4825-A83A-DE7AF41648AA}", "voice-call"],
    ["02d3c01f-bf30-4825-a83a-de7af41648aa", "voice-call"],
    ["{6A13AF9C-5308-4F35-923A-67E8DDA40C2F}", "game"],
    ["{00000000-0000-0000-0000-000000000000}", undefined],
    ["constructor", undefined],
    [undefined, undefined],
  ];
  for (const [guid, kind] of PROGRAMS) {
    it(`know what the program ${guid ?? "without an identifier"} is for`, () => {
      const invitation = {
        type: "foreign",
        cookie: "1",
        ...(guid !== undefined && { applicationGuid: guid }),
      } as const;
      expect(kindOfProgram(invitation)).to.equal(kind);
    });
  }
});
