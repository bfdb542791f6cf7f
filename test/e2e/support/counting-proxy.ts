import { request } from "node:http";
import { WebServer } from "../../support/web-server.ts";

/**
 * Stands before a homeserver and writes down what it is asked.
 * @param port where the homeserver listens
 * @returns method and path of every request, without the query
 */
export async function countingProxy(port: number): Promise<{ server: WebServer; requests: readonly string[] }> {
  const requests: string[] = [];
  const server = await WebServer.start((incoming, outgoing) => {
    const { method, url = "/", headers } = incoming;
    requests.push(`${method} ${url.replace(/\?.*/u, "")}`);
    const passedOn = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passedOn.on("error", () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  return { server, requests };
}
