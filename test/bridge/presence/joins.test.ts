import { expect } from "chai";
import type { UserIntent } from "../../../src/matrix/client/intent.ts";
import { Joins } from "../../../src/bridge/presence/joins.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("bridge/presence/joins", () => {
  it("are asked for once where the owner has joined, and once a minute until then", async () => {
    const clock = new FakeClock();
    const joins = new Joins(clock);
    let answer: "invite" | "join" | "none" = "invite";
    let asked = 0;
    const ghost: Pick<UserIntent, "membership"> = {
      membership: () => {
        asked += 1;
        return answer === "none" ? Promise.reject(new Error("away")) : Promise.resolve(answer);
      },
    };
    const has = async (): Promise<boolean> => joins.has(ghost, "!a:x", "@mia:x");
    expect([await has(), await has(), asked]).to.deep.equal([false, false, 1]);
    await clock.advance(60_000);
    answer = "none";
    expect([await has(), await has(), asked]).to.deep.equal([false, false, 2]);
    await clock.advance(60_000);
    answer = "join";
    expect([await has(), await has(), asked]).to.deep.equal([true, true, 3]);
    expect(await joins.has(ghost, "!b:x", "@mia:x")).to.equal(true);
    expect(asked).to.equal(4);
  });
});
