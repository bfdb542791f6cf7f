import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { KeepAliveHttp, type HttpAnswer, type HttpRequest } from "../../../src/matrix/client/http.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";
import { WebServer } from "../../support/web-server.ts";

const LIMIT = 100_000;
const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/** A server on TCP that does with each request on each connection what it is told to. */
class RawServer {
  readonly requests: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  readonly #act: (socket: Socket, count: number) => void;

  private constructor(act: (socket: Socket, count: number) => void) {
    this.#act = act;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** @param act told how many requests have come before on all connections */
  static async start(act: (socket: Socket, count: number) => void): Promise<RawServer> {
    const server = new RawServer(act);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      this.requests.push(bytes.toString("latin1"));
      this.#act(socket, this.requests.length - 1);
    });
  }
}

describe("matrix/client/http", () => {
  let server: RawServer;
  let http: KeepAliveHttp;
  const open = async (act: (socket: Socket, count: number) => void, clock = systemClock): Promise<void> => {
    server = await RawServer.start(act);
    http = new KeepAliveHttp(server.address, { clock, maxSockets: 5, maxAnswerBytes: LIMIT });
  };
  const ask = async (request: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
    http.exchange({ method: "GET", target: "/x", headers: {}, timeoutMs: 30_000, isRepeatable: true, ...request });
  const refused = async (request: Partial<HttpRequest> = {}): Promise<string> => {
    const error = await rejection(ask(request));
    expect(error).to.be.instanceOf(MatrixError);
    return error.message.replace(server.address, "S");
  };

  afterEach(async () => {
    http.close();
    await server.stop();
  });

  it("asks one thing after the other on one connection, and as many at once as it may", async () => {
    await open((socket) => void socket.write(ANSWER));
    for (let count = 0; count < 3; count += 1) expect((await ask()).statusCode).to.equal(200);
    expect(server.sockets).to.have.length(1);
    const answers = await Promise.all(Array.from({ length: 100 }, async () => ask({ method: "PUT", body: "{}" })));
    expect(answers.every(({ body }) => body.toString() === "{}")).to.equal(true);
    expect(server.sockets.length).to.be.at.most(5);
    expect(server.requests).to.have.length(103);
    expect(server.requests[0]).to.match(/^GET \/x HTTP\/1\.1\r\n/u);
    expect(server.requests[0]).not.to.match(/accept-encoding/iu);
  });

  it("asks below the path of the address", async () => {
    await open((socket) => void socket.write(ANSWER));
    const below = new KeepAliveHttp(`${server.address}/matrix/`, {
      clock: systemClock,
      maxSockets: 1,
      maxAnswerBytes: LIMIT,
    });
    await below.exchange({ method: "GET", target: "/y?z=1", headers: {}, timeoutMs: 30_000, isRepeatable: true });
    below.close();
    expect(server.requests[0]).to.match(/^GET \/matrix\/y\?z=1 /u);
  });

  it("waits for a slow answer in pieces", async () => {
    await open((socket) => {
      const pieces = ANSWER.split("");
      const next = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) return;
        socket.write(piece);
        setImmediate(next);
      };
      next();
    });
    expect((await ask()).body.toString()).to.equal("{}");
  });

  it("repeats at once, on a new connection, what a kept one was closed under", async () => {
    await open((socket, count) => (count === 1 ? socket.resetAndDestroy() : socket.write(ANSWER)));
    await ask();
    expect((await ask({ method: "PUT", body: "{}" })).statusCode).to.equal(200);
    expect(server.requests).to.have.length(3);
    expect(server.requests[2]).to.contain("{}");
    expect(server.sockets).to.have.length(2);
  });

  it("repeats nothing that must not be done twice, and nothing on a connection that was new", async () => {
    await open((socket, count) => (count === 1 ? socket.resetAndDestroy() : socket.write(ANSWER)));
    await ask();
    expect(await refused({ method: "POST", body: "{}", isRepeatable: false })).to.equal(
      "the homeserver at S could not be reached (ECONNRESET)",
    );
    expect(server.requests).to.have.length(2);
    await server.stop();
    await open((socket) => socket.resetAndDestroy());
    expect(await refused()).to.contain("ECONNRESET");
    expect(server.requests).to.have.length(1);
  });

  it("repeats it once only, and nothing of which an answer has begun", async () => {
    await open((socket, count) => (count === 0 ? socket.write(ANSWER) : socket.resetAndDestroy()));
    await ask();
    expect(await refused()).to.contain("ECONNRESET");
    expect(server.requests).to.have.length(3);
    await server.stop();
    await open((socket, count) => {
      if (count === 0) socket.write(ANSWER);
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", () => socket.resetAndDestroy());
    });
    await ask();
    expect(await refused()).to.match(/could not be reached/u);
    expect(server.requests).to.have.length(2);
  });

  it("takes a connection that was closed while nothing was asked for no connection", async () => {
    await open((socket) => void socket.write(ANSWER));
    await ask({ isRepeatable: false });
    const [first] = server.sockets;
    first?.end();
    await until("it is closed", () => first?.closed === true);
    expect((await ask({ method: "POST", isRepeatable: false })).statusCode).to.equal(200);
    expect(server.sockets).to.have.length(2);
  });

  for (const [what, bytes] of [
    ["garbage", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["half a header", "HTTP/1.1 200 OK\r\ncontent-le"],
    ["half a body", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"],
    ["half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}"],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"],
    ["nothing", ""],
  ] as const) {
    it(`takes ${what} for no answer`, async () => {
      await open((socket) => void socket.end(bytes));
      expect(await refused()).to.match(/^the homeserver at S could not be reached \(.+\)$/u);
    });
  }

  it("ends an answer that does not come, or drips", async () => {
    for (const bytes of ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"]) {
      const clock = new FakeClock();
      await open((socket) => void socket.write(bytes), clock);
      const asked = refused({ timeoutMs: 5_000 });
      await until("it is asked", () => server.requests.length === 1);
      await clock.advance(5_000);
      expect(await asked).to.equal("the homeserver at S did not answer within 5000 ms");
      expect(clock.waiting).to.equal(0);
      const [socket] = server.sockets;
      await until("the connection is closed", () => socket?.closed === true);
      if (bytes === "") await server.stop();
    }
  });

  it("reads no more than it may, whether its length is said or not", async () => {
    const long = "x".repeat(LIMIT + 1);
    for (const head of [`content-length: ${long.length}`, "connection: close"]) {
      await open((socket) => void socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${long}`));
      expect(await refused()).to.equal(`the homeserver's answer is larger than ${LIMIT} bytes`);
      if (head !== "connection: close") await server.stop();
    }
  });

  it("ends everything when it is closed, and asks nothing after that", async () => {
    const clock = new FakeClock();
    await open(() => undefined, clock);
    const asked = Promise.all([refused(), refused({ method: "POST", isRepeatable: false })]);
    await until("both are there", () => server.requests.length === 2);
    http.close();
    expect(await asked).to.deep.equal(["the bridge is stopping", "the bridge is stopping"]);
    expect(await refused()).to.equal("the bridge is stopping");
    expect(clock.waiting).to.equal(0);
    await until("nothing is kept", () => server.sockets.every(({ closed }) => closed));
  });

  it("says that there is no server, or none of that name", async () => {
    await open(() => undefined);
    const { address } = server;
    await server.stop();
    const error = await rejection(ask());
    expect(error.message).to.equal(`the homeserver at ${address} could not be reached (ECONNREFUSED)`);
    server = await RawServer.start(() => undefined);
  });

  it("rejects what cannot be written as HTTP", async () => {
    await open((socket) => void socket.write(ANSWER));
    expect(await rejection(ask({ headers: { x: "a\nb" } }))).to.have.property("code", "ERR_INVALID_CHAR");
    expect((await ask()).statusCode).to.equal(200);
  });

  it("sees no difference between a body that is bytes and one that is text", async () => {
    const web = await WebServer.start((request, response) => void request.pipe(response));
    const echo = new KeepAliveHttp(web.url, { clock: systemClock, maxSockets: 1, maxAnswerBytes: LIMIT });
    const asked = { method: "POST", target: "/", headers: {}, timeoutMs: 30_000, isRepeatable: false };
    for (const body of ["wörld", Buffer.from("wörld")])
      expect((await echo.exchange({ ...asked, body })).body.toString()).to.equal("wörld");
    echo.close();
    await web.stop();
    await open(() => undefined);
  });
});
