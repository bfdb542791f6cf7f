import { expect } from "chai";
import { day, time } from "../../../src/bridge/words/time.ts";

describe("bridge/words/time", () => {
  const AT = new Date(Date.UTC(2006, 3, 1, 12, 5, 59, 999));
  it("is said to the minute, and names its zone", () => expect(time(AT)).to.equal("2006-04-01 12:05 UTC"));
  it("is a day", () => expect(day(AT)).to.equal("2006-04-01"));
});
