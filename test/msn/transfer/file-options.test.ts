import { expect } from "chai";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { rulesOf } from "../../../src/msn/transfer/file-options.ts";

describe("msn/transfer/file-options", () => {
  it("lets nobody connect, and connects to public addresses only, if nothing is said", () => {
    expect(rulesOf({})).to.deep.include({
      publicAddress: undefined,
      ports: [6891, 6900],
      allowPrivateAddresses: false,
      allowLowPorts: false,
      maxTransfers: 10,
      maxSize: 1024 ** 3,
      maxRate: Number.POSITIVE_INFINITY,
      idleMs: 30_000,
      offerMs: 300_000,
      connectMs: 60_000,
    });
  });

  it("gives a file as long as its size takes, within a limit", () => {
    const { longestMs } = rulesOf({ maxSeconds: 1000, minRate: 2048 });
    expect(longestMs(0)).to.equal(60_000);
    expect(longestMs(204_800)).to.equal(160_000);
    expect(longestMs(1e9)).to.equal(1_000_000);
  });

  it("refuses a public address that is none", () => {
    expect(() => rulesOf({ publicAddress: "msn.example.com" })).to.throw(MsnError, "IP address");
    expect(rulesOf({ publicAddress: "2606:4700::1" }).publicAddress).to.equal("2606:4700::1");
  });
});
