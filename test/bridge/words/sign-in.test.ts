import { expect } from "chai";
import { signedOut, signInFailed, takenOver, warnOfCertificate } from "../../../src/bridge/words/sign-in.ts";
import { MsnError, type CertificateProblem, type MsnErrorCode } from "../../../src/msn/index.ts";
import { captureLog } from "../../support/captured-log.ts";
import { errorsOf, WHOLE_SENTENCE } from "../../support/sentences.ts";

// Words that tell which of the sentences it is; `Record` makes the compiler ask for every code.
const SIGN_IN: Record<MsnErrorCode, string> = {
  "bad-credentials": "Escargot refused the e-mail address or the password",
  "connect-failed": "Escargot cannot be reached",
  timeout: "Escargot does not answer",
  "server-busy": "Escargot is too busy",
  "connection-closed": "Escargot did not let us sign in: what happened",
  protocol: "Escargot did not let us sign in: what happened",
  rejected: "Escargot did not let us sign in: what happened",
  "address-refused": "Escargot did not let us sign in: what happened",
  limited: "Escargot did not let us sign in: what happened",
  "contact-offline": "Escargot did not let us sign in: what happened",
  "signed-in-elsewhere": "Escargot did not let us sign in: what happened",
};

const CERTIFICATE: Record<CertificateProblem, [code: string, remedy: string]> = {
  "unknown-authority": ["SELF_SIGNED_CERT_IN_CHAIN", "msn.servers[].ca"],
  "out-of-date": ["CERT_HAS_EXPIRED", "renew"],
  "wrong-host": ["ERR_TLS_CERT_ALTNAME_INVALID", "nexusUrl"],
};

describe("bridge/words/sign-in", () => {
  for (const [error, words] of errorsOf(SIGN_IN)) {
    it(`says why signing in failed, and what to do: ${error.code}`, () => {
      expect(signInFailed(error, "Escargot")).to.include(words).and.match(WHOLE_SENTENCE);
    });
  }

  for (const [problem, [code, remedy]] of Object.entries(CERTIFICATE)) {
    it(`says to the user and to the admin what can be done about a certificate: ${problem}`, () => {
      const cause = Object.assign(new Error("no"), { code });
      const error = new MsnError("connect-failed", "the certificate of x is not trusted: why", { cause });
      const words = "Escargot cannot be reached safely: the certificate of x is not trusted: why";
      expect(signInFailed(error, "Escargot")).to.include(words).and.include(remedy).and.match(WHOLE_SENTENCE);
      const captured = captureLog();
      warnOfCertificate(captured.log, error, "Escargot");
      warnOfCertificate(captured.log, new MsnError("connect-failed", "x"), "Escargot");
      const warnings = captured.messages("warn");
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include(words).and.include(remedy).and.match(/\.$/u);
    });
  }

  it("says why an account was signed out", () => {
    const elsewhere = signedOut(new MsnError("signed-in-elsewhere", "x"), "mia@example.com", "Escargot");
    expect(elsewhere).to.match(/^mia@example\.com signed in to Escargot somewhere else.*Say reconnect.*\.$/u);
    const refused = signedOut(new MsnError("bad-credentials", "x"), "mia@example.com", "Escargot");
    expect(refused).to.match(/^mia@example\.com was signed out\. Escargot refused .* log in again\.$/u);
  });

  it("says that another user has taken an account over, and not who", () => {
    expect(takenOver("mia@example.com", "Escargot"))
      .to.include("another user of this bridge signed in")
      .and.match(/change the password of the account, then say login\.$/u);
  });
});
