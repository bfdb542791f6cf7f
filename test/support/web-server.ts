import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";

/** A web server on this machine that answers everything in the same way. */
export class WebServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** @param tls speaks https with it, else http */
  static async start(answer: RequestListener, tls?: { key: string; cert: string }): Promise<WebServer> {
    const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    return new WebServer(server, `${tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}/`);
  }

  /** How many connections are open. */
  async connections(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    return promise;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
