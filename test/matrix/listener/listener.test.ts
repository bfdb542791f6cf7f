import { expect } from "chai";
import { askListener, LISTENER_TOKEN, ListenerBench } from "../../support/listener-bench.ts";

const TRANSACTION = "/_matrix/app/v1/transactions/1";

describe("matrix/listener/listener", () => {
  let bench: ListenerBench;

  beforeEach(() => {
    bench = new ListenerBench();
  });

  afterEach(async () => bench.close());

  it("hands over the events of one transaction after the other, then says 200", async () => {
    const listener = await bench.listen();
    for (const id of ["1", "2"]) {
      const answer = await askListener(listener, "PUT", `/_matrix/app/v1/transactions/${id}`, {
        events: [{ event_id: id }, id],
      });
      expect(answer).to.deep.include({ status: 200, body: {} });
    }
    expect(bench.accepted).to.deep.equal([
      [{ event_id: "1" }, "1"],
      [{ event_id: "2" }, "2"],
    ]);
  });

  it("accepts entries that make no sense, and stores nothing when there are none", async () => {
    const listener = await bench.listen();
    const odd = [null, 1, "x", [], {}, { type: 7 }];
    expect((await askListener(listener, "PUT", TRANSACTION, { events: odd })).status).to.equal(200);
    expect(bench.accepted).to.deep.equal([odd]);
    for (const body of [{ events: [] }, {}, { events: [], ephemeral: "odd" }]) {
      expect((await askListener(listener, "PUT", TRANSACTION, body)).status).to.equal(200);
    }
    expect(bench.accepted).to.have.length(1);
    expect(bench.ephemeral).to.deep.equal([]);
  });

  it("says 500 without details when the events could not be stored", async () => {
    const listener = await bench.listen({
      receiver: {
        accept() {
          throw new Error("disk full at /var/lib/secret");
        },
        hear: (events) => bench.hear(events),
      },
    });
    const answer = await askListener(listener, "PUT", TRANSACTION, { events: [{}], ephemeral: [{}] });
    expect(answer).to.deep.include({ status: 500, body: { errcode: "M_UNKNOWN", error: "The bridge has trouble." } });
    expect(bench.captured.lines.join("")).to.contain("disk full");
    expect(bench.ephemeral, "comes again with the events").to.deep.equal([]);
  });

  it("reads ephemeral events under either name, and under both only once", async () => {
    const listener = await bench.listen();
    const legacy = "de.sorunome.msc2409.ephemeral";
    await askListener(listener, "PUT", TRANSACTION, { events: [], ephemeral: [1] });
    await askListener(listener, "PUT", TRANSACTION, { events: [], [legacy]: [2] });
    await askListener(listener, "PUT", TRANSACTION, { events: [], ephemeral: [3], [legacy]: [3] });
    expect(bench.ephemeral).to.deep.equal([[1], [2], [3]]);
    expect(bench.accepted).to.deep.equal([]);
  });

  it("says 200 when ephemeral events could not be used", async () => {
    const listener = await bench.listen({
      receiver: {
        accept: async (events) => bench.accept(events),
        hear() {
          throw new Error("odd");
        },
      },
    });
    expect((await askListener(listener, "PUT", TRANSACTION, { events: [1], ephemeral: [1] })).status).to.equal(200);
    expect(bench.accepted).to.deep.equal([[1]]);
    expect(bench.captured.messages("error")).to.have.length(1);
  });

  it("asks for the token on every path that it has", async () => {
    const listener = await bench.listen();
    for (const [method, path] of [
      ["PUT", TRANSACTION],
      ["POST", "/_matrix/app/v1/ping"],
      ["GET", "/_matrix/app/v1/users/%40msn_a%2Bb%3Alocalhost"],
      ["GET", "/_matrix/app/v1/rooms/x"],
      ["GET", "/_matrix/app/v1/thirdparty/protocol/msn"],
    ] as const) {
      const body = method === "GET" ? undefined : { events: [1] };
      for (const [authorization, status, errcode] of [
        ["", 401, "M_UNAUTHORIZED"],
        ["Basic abc", 401, "M_UNAUTHORIZED"],
        ["Bearer ", 401, "M_UNAUTHORIZED"],
        ["Bearer wrong", 403, "M_FORBIDDEN"],
        [`Bearer ${LISTENER_TOKEN}x`, 403, "M_FORBIDDEN"],
      ] as const) {
        const answer = await askListener(listener, method, path, body, authorization);
        expect([answer.status, answer.body]).to.have.nested.property("[1].errcode", errcode);
        expect(answer.status).to.equal(status);
      }
      const inQuery = await askListener(listener, method, `${path}?access_token=${LISTENER_TOKEN}`, body, "");
      expect(inQuery.status).to.equal(401);
    }
    expect(bench.accepted).to.deep.equal([]);
    expect(
      (await askListener(listener, "PUT", TRANSACTION, { events: [1] }, `bearer ${LISTENER_TOKEN}`)).status,
    ).to.equal(200);
  });

  it("refuses bodies that are no JSON object", async () => {
    const listener = await bench.listen();
    for (const [body, errcode] of [
      ['{"events":[', "M_NOT_JSON"],
      ["", "M_NOT_JSON"],
      ["\u0000\u0001", "M_NOT_JSON"],
      ["null", "M_BAD_JSON"],
      ["[]", "M_BAD_JSON"],
      ['"x"', "M_BAD_JSON"],
      ['{"events":{}}', "M_BAD_JSON"],
      ['{"events":"x"}', "M_BAD_JSON"],
    ] as const) {
      const answer = await askListener(listener, "PUT", TRANSACTION, body);
      expect(answer.status).to.equal(400);
      expect(answer.body).to.have.property("errcode", errcode);
    }
    expect((await askListener(listener, "POST", "/_matrix/app/v1/ping", "x")).status).to.equal(400);
    expect(bench.captured.lines.join("")).not.to.contain("Error");
  });

  it("answers odd paths with 404, wrong methods with 405, what cannot be decoded with 400", async () => {
    const listener = await bench.listen();
    for (const path of [
      "/",
      "/health",
      "/transactions/1",
      "/users/x",
      "/_matrix/app/v1/transactions/",
      "/_matrix/app/v1/transactions/1/2",
      "/_matrix/app/v1/users",
      "/_matrix/app/v2/ping",
      "/_matrix/app/v1/thirdparty/nothing/here",
      "/_matrix/app/v1/thirdparty/%2e%2e",
      `/${"x".repeat(5000)}`,
    ]) {
      const answer = await askListener(listener, path.includes("transactions") ? "PUT" : "GET", path, undefined);
      expect([answer.status, answer.body]).to.have.nested.property("[1].errcode", "M_UNRECOGNIZED");
      expect(answer.status).to.equal(404);
    }
    for (const [method, path, allow] of [
      ["GET", TRANSACTION, "PUT"],
      ["GET", "/_matrix/app/v1/ping", "POST"],
      ["DELETE", "/_matrix/app/v1/users/x", "GET"],
      ["POST", "/_matrix/app/v1/thirdparty/protocol/msn", "GET"],
    ] as const) {
      const answer = await askListener(listener, method, path);
      expect([answer.status, answer.headers.get("allow")]).to.deep.equal([405, allow]);
      expect(answer.body).to.have.property("errcode", "M_UNRECOGNIZED");
    }
    for (const path of ["users/%zz", "rooms/%ff", "thirdparty/%", "transactions/%e0%a4"]) {
      const method = path.startsWith("transactions") ? "PUT" : "GET";
      expect((await askListener(listener, method, `/_matrix/app/v1/${path}`)).status).to.equal(400);
    }
  });

  it("tells which users there are, and that there are no rooms", async () => {
    const listener = await bench.listen();
    expect(await askListener(listener, "GET", "/_matrix/app/v1/users/%40msn_a%2Bb%3Alocalhost")).to.deep.include({
      status: 200,
      body: {},
    });
    const missing = await askListener(listener, "GET", "/_matrix/app/v1/users/%40msn_c%3Alocalhost");
    expect([missing.status, missing.body]).to.have.nested.property("[1].errcode", "M_NOT_FOUND");
    expect((await askListener(listener, "GET", "/_matrix/app/v1/rooms/%23x%3Alocalhost")).status).to.equal(404);
  });

  it("answers a ping and tells whoever waits for it", async () => {
    const listener = await bench.listen();
    const ping = listener.expectPing("abc");
    let arrived = false;
    void ping.arrived.then(() => (arrived = true));
    for (const body of [{}, { transaction_id: "other" }, { transaction_id: 7 }]) {
      expect((await askListener(listener, "POST", "/_matrix/app/v1/ping", body)).status).to.equal(200);
    }
    expect(arrived).to.equal(false);
    await askListener(listener, "POST", "/_matrix/app/v1/ping", { transaction_id: "abc" });
    await ping.arrived;
    ping.forget();
    expect((await askListener(listener, "POST", "/_matrix/app/v1/ping", { transaction_id: "abc" })).status).to.equal(
      200,
    );
  });
});
