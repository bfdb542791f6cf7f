import { expect } from "chai";
import { notDelivered } from "../../../src/bridge/words/delivery.ts";
import { whyHomeserver, whyNot } from "../../../src/bridge/words/files.ts";
import { notCalled } from "../../../src/bridge/words/groups.ts";
import { whyDown } from "../../../src/bridge/words/outages.ts";
import { refusedPlace } from "../../../src/bridge/words/refused-place.ts";
import { notFollowed } from "../../../src/bridge/words/server-sentences.ts";
import { signInFailed, warnOfPlace } from "../../../src/bridge/words/sign-in.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { AddressRefused, type RefusalReason } from "../../../src/util/destinations.ts";
import { captureLog } from "../../support/captured-log.ts";
import { WHOLE_SENTENCE } from "../../support/sentences.ts";

const PLACE = "trap port 1863 leads to 10.0.0.1";
const SETTINGS: ReadonlyArray<readonly [RefusalReason, setting: string]> = [
  ["private", "msn.servers[].allow_private_addresses"],
  ["low-port", "msn.servers[].allow_low_ports"],
];

function refusedFor(reason: RefusalReason): AddressRefused {
  return new AddressRefused({ host: "trap", port: 1863 }, reason, "10.0.0.1");
}

function errorOf(reason: RefusalReason): MsnError {
  return new MsnError("address-refused", "what happened", { cause: refusedFor(reason) });
}

describe("bridge/words/refused-place", () => {
  for (const [reason, setting] of SETTINGS)
    it(`names the place and the setting wherever it is told: ${reason}`, () => {
      const error = errorOf(reason);
      const sentences = [
        signInFailed(error, "Escargot"),
        notDelivered({ state: "failed", error }, "Nils"),
        notCalled(error, "Nils"),
        notFollowed("Escargot", "Nils", error),
        `${whyDown(error, "Escargot")}.`,
        `${whyNot({ state: "failed", problem: "undelivered", error }, "Nils")}.`,
      ];
      for (const sentence of sentences)
        expect(sentence)
          .to.include(PLACE)
          .and.include(setting)
          .and.match(/[^.]\.$/u);
      expect(sentences[0]).to.match(WHOLE_SENTENCE);
      expect(sentences[3]).to.match(WHOLE_SENTENCE);
      const captured = captureLog();
      warnOfPlace(captured.log, error, "Escargot");
      warnOfPlace(captured.log, new MsnError("timeout", "x"), "Escargot");
      expect(captured.messages("warn")).to.deep.equal([refusedPlace(error, "Escargot")]);
    });

  it("promises no setting for an address that nobody can have", () => {
    expect(refusedPlace(errorOf("nowhere"), "Escargot"))
      .to.include(PLACE)
      .and.not.include("allow_");
  });

  it("names the setting for contacts and for the homeserver", () => {
    const error = new MsnError("rejected", "x", { cause: refusedFor("private") });
    const file = whyNot({ state: "failed", problem: "address-refused", error }, "Nils");
    expect(file).to.include(PLACE).and.include("media.allow_private_addresses").and.include("Nils's program");
    const low = new MsnError("rejected", "x", { cause: refusedFor("low-port") });
    expect(whyNot({ state: "failed", problem: "address-refused", error: low }, "Nils"))
      .to.include("below 1024")
      .and.not.include("media.allow_private_addresses");
    const redirected = new MatrixError("rejected", "x", {}, { cause: refusedFor("private") });
    expect(whyHomeserver(redirected)).to.include(PLACE).and.include("media.allow_private_addresses");
  });

  it("says nothing of other errors", () => {
    const error = new MsnError("connect-failed", "x is gone");
    expect(refusedPlace(error, "Escargot")).to.equal(undefined);
    expect(whyDown(error, "Escargot")).to.equal("x is gone");
  });
});
