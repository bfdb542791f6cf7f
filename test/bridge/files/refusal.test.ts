import { expect } from "chai";
import { canRetry, GROUP_REFUSAL, refusalOf, tooLarge } from "../../../src/bridge/files/refusal.ts";
import { MsnError, type FileProblem, type TransferOutcome } from "../../../src/msn/index.ts";

type Failure = Exclude<TransferOutcome, { state: "done" }>;

const error = new MsnError("rejected", "no");
const failed = (problem: FileProblem): Failure => ({ state: "failed", problem, error });

describe("bridge/files/refusal", () => {
  const OUTCOMES: Array<[what: string, outcome: Failure, reason: string, mayLink: boolean]> = [
    ["the contact declined", { state: "declined", by: "them", code: "REJECT" }, "declined", true],
    ["their program takes no files", { state: "declined", by: "them", code: "REJECT_NOT_INSTALLED" }, "declined", true],
    ["their program gave up", { state: "cancelled", by: "them", code: "FTTIMEOUT" }, "cancelled", true],
    ["they cancelled it", { state: "cancelled", by: "them", code: "OUTBANDCANCEL" }, "cancelled", false],
    ["the session ended", { state: "cancelled", by: "us", code: "FAIL" }, "cancelled", false],
    ["they are offline", failed("undelivered"), "undelivered", false],
    ["they signed out", failed("signed-out"), "signed-out", false],
    ["the homeserver failed", failed("content"), "content", false],
    ["they may have it", failed("unconfirmed"), "unconfirmed", false],
    ["they did not answer", failed("unanswered"), "unanswered", true],
    ["they cannot be reached", failed("unreachable"), "unreachable", true],
    ["it stalled", failed("stalled"), "stalled", true],
  ];
  for (const [what, outcome, reason, mayLink] of OUTCOMES) {
    it(`${mayLink ? "allows a link" : "sends no link"} where ${what}`, () => {
      const refusal = refusalOf(outcome, "Nils");
      expect(refusal).to.include({ reason, mayLink });
      expect(refusal.why).to.not.match(/\{\}|\.$/u);
    });
  }

  it("allows a link to what MSN or the bridge cannot send", () => {
    expect(GROUP_REFUSAL).to.include({ reason: "unsupported", mayLink: true });
    expect(tooLarge("Nils")).to.include({ reason: "too-large", mayLink: true });
  });

  it("offers another try of what may work then", () => {
    const reasons = [GROUP_REFUSAL.reason, tooLarge("Nils").reason, "not-found", "declined", "undelivered", "timeout"];
    expect(reasons.filter(canRetry)).to.deep.equal(["declined", "undelivered", "timeout"]);
  });
});
