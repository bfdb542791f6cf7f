import { expect } from "chai";
import { MatrixError, toMatrixError, unlessRefused } from "../../../src/matrix/client/errors.ts";

describe("matrix/client/errors", () => {
  const cases: [status: number, errcode: string | undefined, code: string, retryable: boolean][] = [
    [401, "M_UNKNOWN_TOKEN", "token-refused", true],
    [401, "M_MISSING_TOKEN", "token-refused", true],
    [401, undefined, "bad-answer", true],
    [403, "M_UNKNOWN_TOKEN", "token-refused", true],
    [403, undefined, "bad-answer", true],
    [403, "M_FORBIDDEN", "forbidden", false],
    [404, "M_NOT_FOUND", "not-found", false],
    [404, "M_UNRECOGNIZED", "not-found", false],
    [404, undefined, "bad-answer", true],
    [413, "M_TOO_LARGE", "too-large", false],
    [400, "M_TOO_LARGE", "too-large", false],
    [413, undefined, "too-large", false],
    [429, "M_LIMIT_EXCEEDED", "rate-limited", true],
    [429, undefined, "rate-limited", true],
    [400, "M_BAD_JSON", "rejected", false],
    [400, undefined, "bad-answer", true],
    [409, "M_ROOM_IN_USE", "rejected", false],
    [409, undefined, "bad-answer", true],
    [408, undefined, "timeout", true],
    [500, "M_UNKNOWN", "unreachable", true],
    [502, undefined, "unreachable", true],
    [301, undefined, "bad-answer", true],
    [200, undefined, "bad-answer", true],
  ];

  for (const [status, errcode, code, retryable] of cases) {
    it(`makes ${code} of ${status} ${errcode ?? "without an errcode"}`, () => {
      const error = toMatrixError({ statusCode: status, body: errcode === undefined ? "<html>" : { errcode } });
      expect(error).to.be.instanceOf(MatrixError);
      expect([error.code, error.status, error.errcode, error.retryable]).to.deep.equal([
        code,
        status,
        errcode,
        retryable,
      ]);
    });
  }

  it("says what was done, what the homeserver said, and how long to wait", () => {
    const body = { errcode: "M_LIMIT_EXCEEDED", error: "Too\nmany", retry_after_ms: 1500 };
    const error = toMatrixError({ statusCode: 429, body }, "joining a room");
    expect(error.message).to.equal("joining a room: the homeserver asks to slow down (429 M_LIMIT_EXCEEDED: Too many)");
    expect([error.reason, error.retryAfterMs]).to.deep.equal(["Too many", 1500]);
  });

  it("shortens what the homeserver said", () => {
    const error = toMatrixError({ statusCode: 400, body: { errcode: "M_UNKNOWN", error: "x".repeat(5000) } });
    expect(error.message.length).to.be.lessThan(500);
  });

  it("lets an error of its own through", () => {
    const error = new MatrixError("forbidden", "no");
    expect(toMatrixError(error)).to.equal(error);
  });

  it("knows failed connections from other errors", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const wrapped = new TypeError("fetch failed", { cause: new AggregateError([refused]) });
    for (const error of [refused, wrapped]) {
      expect(toMatrixError(error).code).to.equal("unreachable");
      expect(toMatrixError(error).message).to.contain("ECONNREFUSED");
    }
    const certificate = Object.assign(new Error("expired"), { code: "CERT_HAS_EXPIRED" });
    expect(toMatrixError(new TypeError("fetch failed", { cause: certificate })).message).to.contain("CERT_HAS_EXPIRED");
    expect(toMatrixError(new TypeError("fetch failed")).code).to.equal("unreachable");
    const ours = toMatrixError(new TypeError("x is not a function"));
    expect([ours.code, ours.retryable]).to.deep.equal(["unexpected", false]);
    expect(toMatrixError("a string").code).to.equal("unexpected");
    expect(toMatrixError(undefined).code).to.equal("unexpected");
  });

  it("takes a refusal for nothing, and whatever else it is for an error", () => {
    expect(unlessRefused(new MatrixError("forbidden", "no"))).to.equal(undefined);
    expect(unlessRefused(new MatrixError("not-found", "no"))).to.equal(undefined);
    for (const error of [new MatrixError("unreachable", "away"), new Error("no error of Matrix")])
      expect(() => unlessRefused(error)).to.throw(error.message);
  });
});
