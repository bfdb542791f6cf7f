import { expect } from "chai";
import { withHomeserver } from "../../../src/bridge/actions/homeserver.ts";
import { MatrixError, type MatrixErrorCode } from "../../../src/matrix/client/errors.ts";
import { rejection } from "../../support/rejection.ts";

describe("bridge/actions/homeserver", () => {
  const failing = async (code: MatrixErrorCode): Promise<unknown> =>
    withHomeserver(() => Promise.reject(new MatrixError(code, "no")));

  it("tells a homeserver that is away from one that refuses", async () => {
    expect(await withHomeserver(() => Promise.resolve("done"))).to.equal("done");
    for (const code of ["unreachable", "timeout", "rate-limited", "bad-answer"] as const)
      expect(await failing(code), code).to.deep.equal({ type: "homeserver-away" });
    for (const code of ["forbidden", "not-found", "too-large", "rejected"] as const)
      expect(await failing(code), code).to.have.nested.property("error.code", code);
  });

  it("throws what is no fault of the homeserver's", async () => {
    expect(await rejection(failing("unexpected"))).to.include({ code: "unexpected" });
    expect(await rejection(withHomeserver(() => Promise.reject(new TypeError("x"))))).to.be.an.instanceOf(TypeError);
  });
});
