import { expect } from "chai";
import {
  maybeDelivered,
  notDelivered,
  partlyDelivered,
  signedOut,
  signInFailed,
  tellOperatorOfCertificate,
} from "../../../src/bridge/words/delivery.ts";
import { MsnError, type CertificateProblem, type MsnErrorCode } from "../../../src/msn/index.ts";
import { captureLog } from "../../support/captured-log.ts";

// Words that tell which of the sentences it is; `Record` makes the compiler ask for every code.
const SIGN_IN: Record<MsnErrorCode, string> = {
  "bad-credentials": "Escargot refused the e-mail address or the password",
  "connect-failed": "Escargot cannot be reached",
  timeout: "Escargot does not answer",
  "server-busy": "Escargot is too busy",
  "connection-closed": "Escargot did not let us sign in: what happened",
  protocol: "Escargot did not let us sign in: what happened",
  rejected: "Escargot did not let us sign in: what happened",
  "contact-offline": "Escargot did not let us sign in: what happened",
  "signed-in-elsewhere": "Escargot did not let us sign in: what happened",
};

const DELIVERY: Record<MsnErrorCode, string> = {
  "contact-offline": "Nils is offline",
  timeout: "Nils was called but did not answer",
  "connection-closed": "the connection to MSN is down",
  "connect-failed": "the MSN server cannot be reached",
  "server-busy": "the MSN server is too busy",
  "bad-credentials": "you are signed out of MSN",
  "signed-in-elsewhere": "you are signed out of MSN",
  rejected: "the MSN server refused it",
  protocol: "what happened",
};

const CERTIFICATE: Record<CertificateProblem, [code: string, remedy: string]> = {
  "unknown-authority": ["SELF_SIGNED_CERT_IN_CHAIN", "msn.servers[].ca"],
  "out-of-date": ["CERT_HAS_EXPIRED", "renew"],
  "wrong-host": ["ERR_TLS_CERT_ALTNAME_INVALID", "nexusUrl"],
};

// A sentence ends as one, and says what to do.
const WHOLE = /^[A-Z].*(?:[Tt]ry again|[Ll]og in|[Ss]end|[Rr]eact|Ask).*\.$/u;

function codes(table: Record<MsnErrorCode, string>): Array<[error: MsnError, words: string]> {
  return Object.entries(table).map(([code, words]) => {
    const known = Object.keys(DELIVERY).find((one): one is MsnErrorCode => one === code);
    if (known === undefined) throw new Error(`no code: ${code}`);
    return [new MsnError(known, "what happened"), words];
  });
}

describe("bridge/words/delivery", () => {
  for (const [error, words] of codes(SIGN_IN)) {
    it(`says why signing in failed, and what to do: ${error.code}`, () => {
      expect(signInFailed(error, "Escargot")).to.include(words).and.match(WHOLE);
    });
  }

  for (const [problem, [code, remedy]] of Object.entries(CERTIFICATE)) {
    it(`says to the person and to the operator what can be done about a certificate: ${problem}`, () => {
      const cause = Object.assign(new Error("no"), { code });
      const error = new MsnError("connect-failed", "the certificate of x is not trusted: why", { cause });
      const words = "Escargot cannot be reached safely: the certificate of x is not trusted: why";
      expect(signInFailed(error, "Escargot")).to.include(words).and.include(remedy).and.match(WHOLE);
      const captured = captureLog();
      tellOperatorOfCertificate(captured.log, error, "Escargot");
      tellOperatorOfCertificate(captured.log, new MsnError("connect-failed", "x"), "Escargot");
      const warnings = captured.messages("warn");
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include(words).and.include(remedy).and.match(/\.$/u);
    });
  }

  for (const [error, words] of codes(DELIVERY)) {
    it(`says why a message was not delivered, and what to do: ${error.code}`, () => {
      const sentence = notDelivered({ state: "failed", error }, "Nils");
      expect(sentence)
        .to.match(/^Your message was not delivered: /u)
        .and.include(words)
        .and.match(WHOLE);
    });
  }

  it("does not claim to know what it cannot know", () => {
    const error = new MsnError("timeout", "what happened");
    const uncertain = notDelivered({ state: "uncertain", error }, "Nils");
    expect(uncertain).to.equal(maybeDelivered("Nils"));
    expect(uncertain).to.include("may not have been delivered").and.match(WHOLE);
    expect(partlyDelivered("Nils")).to.include("Only the beginning").and.match(WHOLE);
  });

  it("says why an account was signed out", () => {
    const elsewhere = signedOut(new MsnError("signed-in-elsewhere", "x"), "mia@example.com", "Escargot");
    expect(elsewhere).to.match(/^mia@example\.com signed in to Escargot somewhere else.*Say reconnect.*\.$/u);
    const refused = signedOut(new MsnError("bad-credentials", "x"), "mia@example.com", "Escargot");
    expect(refused).to.match(/^mia@example\.com was signed out\. Escargot refused .* log in again\.$/u);
  });
});
