import { expect } from "chai";
import { programKind } from "../../../src/msn/wire/program-kind.ts";

describe("msn/wire/program-kind", () => {
  const PROGRAMS: Array<[guid: string, kind: string | undefined]> = [
    ["{02D3C01F-BF30-4825-A83A-DE7AF41648AA}", "voice-call"],
    ["02d3c01f-bf30-4825-a83a-de7af41648aa", "voice-call"],
    ["{6A13AF9C-5308-4F35-923A-67E8DDA40C2F}", "game"],
    ["{00000000-0000-0000-0000-000000000000}", undefined],
    ["constructor", undefined],
    ["", undefined],
  ];
  for (const [guid, kind] of PROGRAMS) {
    it(`knows what the program ${guid || "without an identifier"} is for`, () => {
      expect(programKind(guid)).to.equal(kind);
    });
  }
});
