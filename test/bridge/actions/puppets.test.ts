import { expect } from "chai";
import { logInMatrix, logOutMatrix, pingMatrix } from "../../../src/bridge/actions/puppets.ts";
import type { PuppetState, TokenVerdict } from "../../../src/bridge/puppets/puppets.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { ALICE, UNTIL_DONE } from "../../support/action-bench.ts";

const away = (): Promise<never> => Promise.reject(new MatrixError("unreachable", "away"));

describe("bridge/actions/puppets", () => {
  it("tries only what can be an access token", async () => {
    const logIn = (): Promise<TokenVerdict> => Promise.resolve({ type: "works" });
    expect(await logInMatrix({ logIn }, ALICE, "syt_abc", UNTIL_DONE)).to.deep.equal({ type: "works" });
    for (const token of ["", "two words", "ümlaut", "a\nb"])
      expect(await logInMatrix({ logIn }, ALICE, token, UNTIL_DONE), token).to.deep.equal({ type: "no-token" });
    expect(await logInMatrix({ logIn: away }, ALICE, "x", UNTIL_DONE)).to.deep.equal({ type: "homeserver-away" });
  });

  it("forgets a token, and says whether the bridge acts for the user all the same", async () => {
    const check = (): Promise<PuppetState> => Promise.resolve({ type: "works", by: "registration" });
    const forgotten = { type: "forgotten", goesOn: true };
    expect(await logOutMatrix({ logOut: () => true, check }, ALICE)).to.deep.equal(forgotten);
    expect(await logOutMatrix({ logOut: () => true, check: away }, ALICE)).to.deep.equal({
      ...forgotten,
      goesOn: false,
    });
    expect(await logOutMatrix({ logOut: () => false, check }, ALICE)).to.deep.equal({ type: "no-token" });
    expect(await pingMatrix({ check }, ALICE)).to.deep.equal({ type: "works", by: "registration" });
    expect(await pingMatrix({ check: away }, ALICE)).to.deep.equal({ type: "homeserver-away" });
  });
});
