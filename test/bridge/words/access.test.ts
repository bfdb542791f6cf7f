import { expect } from "chai";
import { MAY_NOT_USE, puppetLost } from "../../../src/bridge/words/access.ts";

describe("bridge/words/access", () => {
  it("says who can allow the bridge", () => expect(MAY_NOT_USE).to.include("bridge.permissions"));

  it("says how the bridge can act for the user again", () => {
    expect(puppetLost("own-token")).to.match(/access token .* say login-matrix to give me a new one\.$/u);
    expect(puppetLost("registration")).to.match(
      /act for you .* tell whoever runs this bridge, or say login-matrix\.$/u,
    );
  });
});
