import { expect } from "chai";
import * as fc from "fast-check";
import { bestOf, presenceOf } from "../../../src/bridge/presence/states.ts";
import { STATUSES, type Status } from "../../../src/msn/index.ts";

const TABLE: ReadonlyArray<[status: Status, presence: string, text: string | undefined]> = [
  ["NLN", "online", undefined],
  ["BSY", "online", "Busy"],
  ["PHN", "online", "On the phone"],
  ["IDL", "unavailable", "Idle"],
  ["BRB", "unavailable", "Be right back"],
  ["AWY", "unavailable", "Away"],
  ["LUN", "unavailable", "Out to lunch"],
  ["HDN", "offline", undefined],
  ["FLN", "offline", undefined],
];

describe("bridge/presence/states", () => {
  for (const [status, presence, text] of TABLE) {
    it(`shows ${status} as ${presence}${text === undefined ? "" : `, with "${text}"`}`, () => {
      expect(presenceOf(status)).to.deep.equal({ presence, text });
    });
  }

  it("knows every status there is", () => {
    expect(TABLE.map(([status]) => status)).to.have.members([...STATUSES]);
  });

  it("takes the best of what several see: online before away before offline", () => {
    const rank = { online: 0, unavailable: 1, offline: 2 };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES)), (statuses) => {
        const best = rank[presenceOf(bestOf(statuses)).presence];
        expect(best).to.equal(Math.min(2, ...statuses.map((status) => rank[presenceOf(status).presence])));
      }),
    );
    expect(bestOf(["AWY", "BSY", "NLN"])).to.equal("NLN");
    expect(bestOf([])).to.equal("FLN");
  });
});
