import { expect } from "chai";
import { FileBudget } from "../../../src/bridge/scope/file-budget.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const HOUR_MS = 60 * 60_000;

describe("bridge/scope/file-budget", () => {
  it("gives each contact so many bytes a day", async () => {
    const clock = new FakeClock();
    const budget = new FileBudget(clock, 100);
    expect([budget.take("nils", 60), budget.take("nils", 60), budget.take("nils", 40)]).to.deep.equal([
      true,
      false,
      true,
    ]);
    expect(budget.take("olga", 100)).to.equal(true);
    await clock.advance(23 * HOUR_MS);
    expect(budget.take("nils", 1)).to.equal(false);
    await clock.advance(HOUR_MS);
    expect(budget.take("nils", 100)).to.equal(true);
  });

  it("does not grow with the names of those who send", () => {
    const budget = new FileBudget(new FakeClock(), 100);
    budget.take("first", 100);
    for (let at = 0; at < 9998; at += 1) budget.take(`${at}`, 1);
    expect(budget.take("first", 1)).to.equal(false);
    for (let at = 0; at < 10; at += 1) budget.take(`more ${at}`, 1);
    expect(budget.take("first", 100)).to.equal(true);
  });
});
