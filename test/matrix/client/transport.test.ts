import { expect } from "chai";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { HttpAnswer } from "../../../src/matrix/client/http.ts";
import {
  queryOf,
  Transport,
  type TransportOptions,
  type TransportRequest,
} from "../../../src/matrix/client/transport.ts";
import { EagerClock } from "../../support/eager-clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FakeHomeserver } from "../../support/fake-homeserver.ts";
import { AS_TOKEN, testRegistration } from "../../support/homeservers.ts";
import { until } from "../../support/until.ts";

describe("matrix/client/transport", () => {
  let fake: FakeHomeserver;
  const clock = { eager: new EagerClock() };
  const headers = { Authorization: `Bearer ${AS_TOKEN}` };

  beforeEach(async () => {
    fake = await FakeHomeserver.start({ registration: testRegistration() });
    clock.eager = new EagerClock();
  });

  afterEach(async () => fake.stop());

  const make = (options: TransportOptions = {}): Transport =>
    new Transport(fake.url, { clock: clock.eager, random: () => 0.999_999, ...options });
  const ask = async (transport: Transport, request: Partial<TransportRequest> = {}): Promise<HttpAnswer> =>
    transport.request({ target: "/_matrix/client/versions", method: "GET", headers, ...request });
  const WHOAMI = "/_matrix/client/v3/account/whoami";

  it("hands over status, headers and body", async () => {
    const answer = await ask(make());
    expect(answer.statusCode).to.equal(200);
    expect(answer.headers["content-type"]).to.equal("application/json");
    expect(answer.body.toString()).to.contain("v1.11");
  });

  it("sends query, repeated fields, headers and bodies", async () => {
    const query = queryOf({ a: "x y&z", b: ["1", "2"], none: undefined, nil: null, n: 3 });
    await ask(make(), { target: `/x${query}`, method: "PUT", body: '{"hello":"wörld"}' });
    expect(fake.requests[0]).to.deep.include({ query: { a: "x y&z", b: "2", n: "3" }, body: { hello: "wörld" } });
    await ask(make(), { target: "/x", method: "POST", body: Buffer.from('{"bytes":true}') });
    expect(fake.requests[1]?.body).to.deep.equal({ bytes: true });
  });

  it("returns a refusal as an answer, at once", async () => {
    const answer = await ask(make(), { target: WHOAMI, headers: {} });
    expect(answer.statusCode).to.equal(401);
    expect(fake.requests).to.have.length(1);
  });

  for (const fault of [{ status: 502 }, { status: 503 }, { status: 504 }, { status: 500, body: "<html>" }, {}]) {
    const name = JSON.stringify(fault);
    it(`tries GET, PUT and DELETE again after ${name}, with growing waits`, async () => {
      for (const method of ["GET", "PUT", "DELETE"]) {
        fake.requests.length = 0;
        clock.eager.waits.length = 0;
        fake.fail({ ...fault, times: 3 });
        const answer = await ask(make(), { method });
        expect(answer.statusCode).to.equal(method === "GET" ? 200 : 404);
        expect(fake.requests).to.have.length(4);
        expect(clock.eager.waits).to.deep.equal([500, 1000, 2000]);
      }
    });

    it(`never repeats POST after ${name}`, async () => {
      fake.fail({ ...fault, times: 1 });
      const outcome = await ask(make(), { method: "POST", target: "/_matrix/client/v3/createRoom" }).catch(
        (error: unknown) => error,
      );
      if ("status" in fault) expect(outcome).to.have.property("statusCode", fault.status);
      else expect(outcome).to.be.instanceOf(MatrixError).with.property("code", "unreachable");
      expect(fake.requests).to.have.length(1);
    });
  }

  it("gives up after the last try, with what happened then", async () => {
    fake.fail({ status: 502, times: 9 });
    expect((await ask(make())).statusCode).to.equal(502);
    expect(fake.requests).to.have.length(4);
    const url = fake.url;
    await fake.stop();
    const gone = new Transport(url, { clock: clock.eager, tries: 2 });
    const error = await refusal(ask(gone));
    expect([error.code, error.retryable]).to.deep.equal(["unreachable", true]);
    expect(error.message).to.equal(`the homeserver at ${url} could not be reached (ECONNREFUSED)`);
    fake = await FakeHomeserver.start({ registration: testRegistration() });
  });

  it("does not try a failure with an errcode again", async () => {
    fake.fail({ status: 500, body: { errcode: "M_UNKNOWN" }, times: 1 });
    expect((await ask(make())).statusCode).to.equal(500);
  });

  it("waits as long as it is told after 429, for POST too, and does not count these tries", async () => {
    fake.fail({ status: 429, body: { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 7000 }, times: 2 });
    fake.fail({ status: 429, headers: { "retry-after": "9" }, times: 2 });
    fake.fail({ status: 429, times: 1 });
    const answer = await ask(make({ tries: 1 }), { method: "POST", target: "/nothing" });
    expect(answer.statusCode).to.equal(404);
    // Never shorter than the own backoff, which has come to 8 s by the last one.
    expect(clock.eager.waits).to.deep.equal([7000, 7000, 9000, 9000, 8000]);
  });

  it("goes by the homeserver's own time where Retry-After is a date, and waits no longer than a minute", async () => {
    clock.eager = new EagerClock(90_000);
    const later = "Sat, 01 Apr 2006 12:00:07 GMT";
    const date = "Sat, 01 Apr 2006 12:00:00 GMT";
    fake.fail({ status: 429, headers: { "retry-after": later, date }, times: 1 });
    fake.fail({ status: 429, headers: { "retry-after": "Sat, 01 Apr 2006 13:00:00 GMT", date }, times: 1 });
    await ask(make({ tryTimeoutMs: 90_000, deadlineMs: 300_000 }));
    expect(clock.eager.waits).to.deep.equal([7000, 60_000]);
  });

  it("gives 429 back when the wait would pass the deadline", async () => {
    clock.eager = new EagerClock(10_000);
    fake.fail({ status: 429, body: { retry_after_ms: 30_000 }, times: 9 });
    expect((await ask(make({ deadlineMs: 20_000 }))).statusCode).to.equal(429);
    expect(fake.requests).to.have.length(1);
  });

  it("ends a try that is not answered", async () => {
    const fakeClock = new FakeClock();
    fake.fail({ stall: true, times: 1 });
    const asked = refusal(ask(make({ clock: fakeClock, tries: 1 }), { timeoutMs: 5_000 }));
    await until("the request is there", () => fake.requests.length === 1);
    await fakeClock.advance(5_000);
    const error = await asked;
    expect([error.code, error.retryable]).to.deep.equal(["timeout", true]);
    expect(error.message).to.equal(`the homeserver at ${fake.url} did not answer within 5000 ms`);
    expect(fakeClock.waiting).to.equal(0);
  });

  it("tries a PUT again after a time-out, under the same URL", async () => {
    const fakeClock = new FakeClock();
    const target = "/_matrix/client/v3/rooms/!r:localhost/state/m.room.name/";
    fake.fail({ stall: true, times: 1 });
    const asked = ask(make({ clock: fakeClock }), { target, method: "PUT", body: "{}" });
    await until("the request is there", () => fake.requests.length === 1);
    await fakeClock.advance(60_000);
    await fakeClock.advance(600);
    await asked;
    expect(fake.requests.map(({ path }) => path)).to.deep.equal(Array(2).fill(target));
  });

  it("does not make an event again by itself, unless it was told to wait", async () => {
    for (const what of ["send/m.room.message/txn", "redact/$event/txn"]) {
      const before = fake.requests.length;
      const target = `/_matrix/client/v3/rooms/!r:localhost/${what}`;
      fake.fail({ status: 429, body: { retry_after_ms: 1 }, times: 1 });
      fake.fail({ status: 502, body: "<html>", times: 1 });
      const { statusCode } = await ask(make({ clock: new EagerClock() }), { target, method: "PUT", body: "{}" });
      expect(statusCode).to.equal(502);
      expect(fake.requests.length - before).to.equal(2);
    }
  });

  it("reads no more than the limit", async () => {
    fake.fail({ status: 200, body: { long: "x".repeat(2000) }, times: 2 });
    const error = await refusal(ask(make({ maxAnswerBytes: 1000 })));
    expect([error.code, error.retryable]).to.deep.equal(["too-large", false]);
    expect(fake.requests).to.have.length(1);
    expect((await ask(make({ maxAnswerBytes: 3000 }))).statusCode).to.equal(200);
  });

  it("does not follow redirects", async () => {
    fake.fail({ status: 301, headers: { location: "/elsewhere" }, times: 1 });
    expect((await ask(make())).statusCode).to.equal(301);
    expect(fake.requests).to.have.length(1);
  });

  it("has only so many requests under way, and lets the others wait in order", async () => {
    fake.fail({ path: /stall/, stall: true, times: 2 });
    const stop = new AbortController();
    const transport = make({ maxAtOnce: 2, maxWaiting: 2, signal: stop.signal });
    const stalled = ["/stall1", "/stall2"].map(async (target) => refusal(ask(transport, { target })));
    await until("both are there", () => fake.requests.length === 2);
    const waiting = ["/a", "/b"].map(async (target) => refusal(ask(transport, { target })));
    const one = await refusal(ask(transport));
    expect([one.code, one.retryable]).to.deep.equal(["rate-limited", true]);
    expect(fake.requests).to.have.length(2);
    stop.abort();
    const errors = await Promise.all([...stalled, ...waiting]);
    expect(errors.map(({ code, message }) => `${code} ${message}`)).to.deep.equal(
      Array(4).fill("unreachable the bridge is stopping"),
    );
  });

  it("ends a wait when it is stopped", async () => {
    const fakeClock = new FakeClock();
    const stop = new AbortController();
    fake.fail({ status: 429, body: { retry_after_ms: 30_000 }, times: 1 });
    const asked = refusal(ask(make({ clock: fakeClock, signal: stop.signal })));
    await until("it waits", () => fake.requests.length === 1 && fakeClock.waiting === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    expect((await asked).message).to.equal("the bridge is stopping");
    expect(fakeClock.waiting).to.equal(0);
  });
});

async function refusal(work: Promise<unknown>): Promise<MatrixError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MatrixError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
