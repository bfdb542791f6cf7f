import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { PUBLIC_MEDIA_PATH } from "../../../src/matrix/media/public-media.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { askListener, LISTENER_TOKEN, ListenerBench } from "../../support/listener-bench.ts";
import { until } from "../../support/until.ts";

const TRANSACTION = "/_matrix/app/v1/transactions/1";
const MB = 1024 * 1024;

describe("matrix/listener/connection-gate", () => {
  let bench: ListenerBench;
  const open = new Set<Socket>();

  beforeEach(() => {
    bench = new ListenerBench();
  });

  afterEach(async () => {
    for (const socket of open) socket.destroy();
    open.clear();
    await bench.close();
  });

  /** Somebody who connects, says so much, and then nothing. */
  async function stranger(port: number, said: string, localAddress = "127.0.0.1"): Promise<Socket> {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    socket.on("error", () => undefined);
    socket.resume();
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    await once(socket, "connect");
    socket.write(said);
    return socket;
  }

  const STARTS = [
    "",
    "PUT /_matrix/app/v1/tr",
    `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\nx-drip: `,
    `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\ncontent-length: 100000\r\n\r\n{"eve`,
    `GET ${PUBLIC_MEDIA_PATH}x/y HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n`,
  ];

  for (const [kind, address] of [
    ["one address, the homeserver's own", () => "127.0.0.1"],
    ["one other address", () => "127.0.0.9"],
    ["many addresses", (at: number) => `127.0.1.${1 + (at % 200)}`],
  ] as const) {
    it(`takes every transaction beside hundreds of connections that say little, from ${kind}`, async () => {
      const listener = bench.make({ connectionClock: new FakeClock() });
      await listener.listen(0, "127.0.0.1", 511);
      for (let round = 0; round < 6; round += 1) {
        const crowd = Array.from({ length: 60 }, async (_, at) =>
          stranger(listener.port, STARTS[at % STARTS.length] ?? "", address(round * 60 + at)),
        );
        const asked = askListener(listener, "PUT", TRANSACTION, { events: [round] });
        expect((await asked).status).to.equal(200);
        await Promise.all(crowd);
      }
      expect(bench.accepted).to.deep.equal([[0], [1], [2], [3], [4], [5]]);
      await until("so many are still there as may be", () => open.size <= 192);
    });
  }

  it("gives whoever shows no token three seconds, and whoever has shown it more", async () => {
    const clock = new FakeClock();
    const listener = await bench.listen({ connectionClock: clock });
    const homeserver = await stranger(
      listener.port,
      `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${LISTENER_TOKEN}\r\ncontent-length: 13\r\n\r\n{"events`,
    );
    await until("its token is known", () => clock.waiting === 0);
    const idle = await stranger(listener.port, STARTS[1] ?? "");
    await until("the other is there", () => clock.waiting === 1);
    await clock.advance(3_000);
    await until("the other has gone", () => !open.has(idle));
    homeserver.write('":[]}');
    let heard = "";
    homeserver.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    await until("it is answered", () => heard.includes("HTTP/1.1 200"));
  });

  it("reads little of what it does not want, and says so before it hangs up", async () => {
    const listener = await bench.listen({ maxBodyBytes: 1000 });
    for (const [path, token, status] of [
      [TRANSACTION, "wrong", 403],
      [TRANSACTION, LISTENER_TOKEN, 413],
      ["/nowhere", "wrong", 404],
    ] as const) {
      const sending = httpRequest({
        port: listener.port,
        method: "PUT",
        path,
        agent: false,
        headers: { authorization: `Bearer ${token}`, "transfer-encoding": "chunked" },
      });
      const answered = new Promise<IncomingMessage>((resolve) => void sending.once("response", resolve));
      const closed = new Promise<void>((resolve) => void sending.once("close", resolve));
      sending.on("error", () => undefined);
      const pour = (): void => {
        while (!sending.destroyed && sending.write(Buffer.alloc(64 * 1024))) continue;
        if (!sending.destroyed) sending.once("drain", pour);
      };
      pour();
      const response = await answered;
      expect(response.statusCode).to.equal(status);
      response.on("error", () => undefined).resume();
      await closed;
      // What the kernel holds on both sides comes on top of what was read.
      expect(sending.socket?.bytesWritten).to.be.below(16 * MB);
    }
    expect((await askListener(listener, "PUT", TRANSACTION, { events: [1] })).status).to.equal(200);
  });

  it("looks at one of the requests that a stranger sends at once, and at all of the homeserver's", async () => {
    const asked: string[] = [];
    const listener = await bench.listen({
      links: {
        serve: async (path, _, response) => {
          asked.push(path);
          response.end();
          return Promise.resolve();
        },
      },
    });
    const hurried = await stranger(
      listener.port,
      Array.from({ length: 1000 }, (_, at) => `GET ${PUBLIC_MEDIA_PATH}${at}/y HTTP/1.1\r\nhost: x\r\n\r\n`).join(""),
    );
    await once(hurried, "close");
    expect(asked).to.deep.equal(["0/y"]);
    const homeserver = await stranger(
      listener.port,
      Array.from(
        { length: 3 },
        (_, at) =>
          `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${LISTENER_TOKEN}\r\ncontent-length: 14\r\n\r\n` +
          `{"events":[${at}]}`,
      ).join(""),
    );
    await until("all are there", () => bench.accepted.length === 3);
    homeserver.destroy();
  });

  it("hangs up on a stranger who expects what it does not know", async () => {
    const listener = await bench.listen({ connectionClock: new FakeClock() });
    const odd = await stranger(listener.port, `PUT ${TRANSACTION} HTTP/1.1\r\nhost: x\r\nexpect: more\r\n\r\n`);
    let heard = "";
    odd.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    await once(odd, "close");
    expect(heard).to.include("401");
  });
});
