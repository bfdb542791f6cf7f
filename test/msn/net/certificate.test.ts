import { expect } from "chai";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { certificateProblem } from "../../../src/msn/net/certificate.ts";
import { fetchWithCa } from "../../../src/msn/net/fetch.ts";
import { certificate, serverTls } from "../../support/certificates.ts";
import { rejection } from "../../support/rejection.ts";
import { WebServer } from "../../support/web-server.ts";

describe("msn/net/certificate", () => {
  for (const [leaf, ca, problem] of [
    ["leaf", undefined, "unknown-authority"],
    ["leaf", "other-ca", "unknown-authority"],
    ["expired", "ca", "out-of-date"],
    ["wrong-host", "ca", "wrong-host"],
  ] as const) {
    it(`knows why ${leaf} is refused with ${ca ?? "the usual authorities"}`, async () => {
      const server = await WebServer.start((_, response) => response.end(), serverTls(leaf));
      try {
        const ask = ca === undefined ? fetch : fetchWithCa(certificate(ca));
        const { signal } = new AbortController();
        const error = await rejection(ask(server.url, { headers: {}, redirect: "manual", signal }));
        expect(certificateProblem(error)).to.equal(problem);
        expect(certificateProblem(new MsnError("connect-failed", "x", { cause: error }))).to.equal(problem);
      } finally {
        await server.stop();
      }
    });
  }

  it("sees none in other errors", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    for (const error of [
      undefined,
      "CERT_HAS_EXPIRED",
      new Error("x"),
      new TypeError("fetch failed", { cause: refused }),
    ]) {
      expect(certificateProblem(error)).to.equal(undefined);
    }
  });
});
