import { expect } from "chai";
import { STATUS_TEXTS, STATUSES } from "../../../src/msn/index.ts";

describe("msn/base/status", () => {
  it("names every status, each in its own words", () => {
    expect(Object.keys(STATUS_TEXTS)).to.deep.equal([...STATUSES]);
    expect(new Set(Object.values(STATUS_TEXTS)).size).to.equal(STATUSES.length);
  });
});
