import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { ListenError } from "../../src/matrix/listener/listener.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { askListener, LISTENER_TOKEN, ListenerBench } from "../support/listener-bench.ts";
import { until } from "../support/until.ts";

const TRANSACTION = "/_matrix/app/v1/transactions/1";

describe("matrix/listener/listener, at its limits", () => {
  let bench: ListenerBench;

  beforeEach(() => {
    bench = new ListenerBench();
  });

  afterEach(async () => bench.close());

  it("refuses a body over the limit, with and without a length in the header", async () => {
    const listener = await bench.listen({ maxBodyBytes: 1000 });
    const long = JSON.stringify({ events: ["x".repeat(100_000)] });
    for (const headers of [{ "content-length": long.length }, { "transfer-encoding": "chunked" }]) {
      const sending = httpRequest({
        port: listener.port,
        method: "PUT",
        path: TRANSACTION,
        headers: { authorization: `Bearer ${LISTENER_TOKEN}`, ...headers },
      });
      sending.end(long);
      const response = await new Promise<IncomingMessage>((resolve) => sending.once("response", resolve));
      expect(response.statusCode).to.equal(413);
      response.resume();
    }
    expect(bench.accepted).to.deep.equal([]);
    expect((await askListener(listener, "PUT", TRANSACTION, { events: [1] })).status).to.equal(200);
  });

  it("lets go of clients that are slow or speak no HTTP", async () => {
    const listener = await bench.listen({ headerTimeoutMs: 50, requestTimeoutMs: 150 });
    const length = "content-length: 100";
    for (const start of [
      "PUT /_matrix/app/v1/tr",
      `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${LISTENER_TOKEN}\r\n${length}\r\n\r\n{"eve`,
      `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\n${length}\r\n\r\n{"eve`,
      "VER 1 MSNP8 CVR0\r\n",
    ]) {
      const socket = connect(listener.port, "127.0.0.1");
      let heard = "";
      socket.on("data", (chunk) => (heard += chunk.toString()));
      socket.write(start);
      await gone(socket);
      expect(heard).not.to.contain(" 200 ");
      expect(heard).not.to.contain("at ");
    }
    expect(bench.accepted).to.deep.equal([]);
    expect((await askListener(listener, "PUT", TRANSACTION, { events: [1] })).status).to.equal(200);
  });

  it("says in a sentence that the port is taken", async () => {
    const first = await bench.listen();
    const second = bench.make();
    const error = await second.listen(first.port, "127.0.0.1", 10).catch((one: unknown) => one);
    expect(error).to.be.instanceOf(ListenError).with.property("code", "port-in-use");
    expect(String(error)).to.contain(`Port ${first.port} on 127.0.0.1 is in use`);
    await second.close();
    const nowhere = await second.listen(0, "192.0.2.1", 10).catch((one: unknown) => one);
    expect(nowhere).to.be.instanceOf(ListenError).with.property("code", "cannot-listen");
  });

  it("lets a request under way finish when it is closed, and takes no more", async () => {
    const gate = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    const listener = await bench.listen({
      users: {
        provision: async () => {
          asked.resolve();
          return gate.promise;
        },
      },
    });
    const { port } = listener;
    const slow = askListener(listener, "GET", "/_matrix/app/v1/users/x");
    await asked.promise;
    let closed = false;
    const closing = listener.close().then(() => (closed = true));
    await until("it refuses connections", async () => {
      const socket = connect(port, "127.0.0.1");
      const refused = await Promise.race([
        once(socket, "connect").then(() => false),
        once(socket, "error").then(() => true),
      ]).catch(() => true);
      socket.destroy();
      return refused;
    });
    expect(closed).to.equal(false);
    gate.resolve(true);
    expect((await slow).status).to.equal(200);
    await closing;
  });

  it("does not wait for a request under way for ever", async () => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<boolean>();
    const listener = await bench.listen({
      clock,
      users: {
        provision: async () => {
          asked.resolve();
          return never.promise;
        },
      },
    });
    const cut = askListener(listener, "GET", "/_matrix/app/v1/users/x").catch((error: unknown) => error);
    await asked.promise;
    const closing = listener.close();
    await until("it waits", () => clock.waiting === 1);
    await clock.advance(5_000);
    await closing;
    expect(await cut).to.be.instanceOf(TypeError);
    never.resolve(true);
  });

  it("does not wait for connections on which nothing is asked", async () => {
    const clock = new FakeClock();
    const listener = await bench.listen({ clock });
    const socket = connect(listener.port, "127.0.0.1");
    await once(socket, "connect");
    const begun = connect(listener.port, "127.0.0.1");
    begun.write("PUT /_mat");
    await once(begun, "connect");
    await Promise.all([listener.close(), gone(socket), gone(begun)]);
    expect(clock.waiting).to.equal(0);
  });
});

// However it ends: a reset is an end, too.
async function gone(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => void socket.once("close", resolve));
}
