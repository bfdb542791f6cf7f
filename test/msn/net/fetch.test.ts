import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect } from "chai";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { fetchHead, fetchWithCa, type FetchInit } from "../../../src/msn/net/fetch.ts";
import { certificate, serverTls } from "../../support/certificates.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";
import { WebServer } from "../../support/web-server.ts";

const INIT: FetchInit = { headers: {}, redirect: "manual", signal: new AbortController().signal };

/** Its headers, without those that tell of the connection. */
function headersOf({ headers }: Response): Array<[string, string]> {
  return [...headers].filter(([name]) => !["date", "connection", "keep-alive"].includes(name));
}

describe("msn/net/fetch", () => {
  const fetch = fetchWithCa(certificate("ca"));
  const servers: WebServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  async function serve(
    answer: RequestListener,
    tls: { key: string; cert: string } | null = serverTls(),
  ): Promise<WebServer> {
    const server = await WebServer.start(answer, tls ?? undefined);
    servers.push(server);
    return server;
  }

  async function codeOf(work: Promise<unknown>): Promise<unknown> {
    const error = await rejection(work);
    return "code" in error ? error.code : error.message;
  }

  it("trusts the authority it is given, by address and by name", async () => {
    const { url } = await serve((_, response) => response.end("hello"));
    for (const where of [url, url.replace("127.0.0.1", "localhost")]) {
      const response = await fetch(where, INIT);
      expect(response.status).to.equal(200);
      expect(await response.text()).to.equal("hello");
    }
  });

  it("goes on trusting those that Node trusts", async () => {
    const { url } = await serve((_, response) => response.end());
    const usual = getCACertificates("default");
    setDefaultCACertificates([certificate("ca")]);
    try {
      expect(await fetchWithCa(certificate("other-ca"))(url, INIT)).to.have.property("status", 200);
    } finally {
      setDefaultCACertificates(usual);
    }
  });

  it("trusts each of several authorities", async () => {
    const { url } = await serve((_, response) => response.end());
    const both = fetchWithCa(`${certificate("other-ca")}\n${certificate("ca")}`);
    expect(await both(url, INIT)).to.have.property("status", 200);
  });

  it("refuses other authorities, expired certificates and those of other hosts", async () => {
    let requests = 0;
    const count: RequestListener = (_, response) => {
      requests += 1;
      response.end();
    };
    const [good, expired, elsewhere] = [
      await serve(count),
      await serve(count, serverTls("expired")),
      await serve(count, serverTls("wrong-host")),
    ];
    const other = fetchWithCa(certificate("other-ca"));
    const secret: FetchInit = { ...INIT, headers: { authorization: "secret" } };
    expect(await codeOf(other(good.url, secret))).to.equal("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    expect(await codeOf(fetch(expired.url, secret))).to.equal("CERT_HAS_EXPIRED");
    expect(await codeOf(fetch(elsewhere.url, secret))).to.equal("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(requests).to.equal(0);
  });

  it("trusts the authority for nobody else", async () => {
    const { url } = await serve((_, response) => response.end());
    await fetch(url, INIT);
    expect(await rejection(globalThis.fetch(url))).to.have.nested.property(
      "cause.code",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    );
  });

  it("verifies even where the environment says not to", async () => {
    const { url } = await serve((_, response) => response.end());
    const name = "NODE_TLS_REJECT_UNAUTHORIZED";
    const { [name]: before } = process.env;
    const emitWarning = process.emitWarning.bind(process);
    // Node would warn of it, and so alarm whoever runs the tests.
    process.emitWarning = () => undefined;
    process.env[name] = "0";
    try {
      expect(await codeOf(fetchWithCa(certificate("other-ca"))(url, INIT))).to.equal("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    } finally {
      process.emitWarning = emitWarning;
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });

  it("takes no text without a certificate", () => {
    expect(() => fetchWithCa("nonsense"))
      .to.throw(MsnError, "holds no certificate")
      .with.property("code", "rejected");
    expect(() => fetchWithCa(certificate("ca").slice(0, 200))).to.throw(MsnError, "cannot be read");
  });

  for (const tls of [serverTls(), null]) {
    describe(tls === null ? "over http" : "over https", () => {
      it("asks as the web's fetch does, and answers as it does", async () => {
        const { url } = await serve((request, response) => {
          response.setHeader("Set-Cookie", ["a=1", "b=2"]);
          response.writeHead(302, { Location: "/else", "WWW-Authenticate": ["Passport1.4 x", "Basic"] });
          const { authorization, accept, "user-agent": agent } = request.headers;
          response.end([request.method, request.url, authorization, accept, agent].join(" "));
        }, tls);
        const init = { ...INIT, headers: { authorization: "me" } };
        const response = await fetch(`${url}login?x=1`, init);
        expect(response.status).to.equal(302);
        expect(response.headers.get("location")).to.equal("/else");
        expect(response.headers.get("www-authenticate")).to.equal("Passport1.4 x, Basic");
        expect(await response.text()).to.equal("GET /login?x=1 me */* node");
        // The web's own can be asked only where it trusts everything.
        if (tls !== null) return;
        const web = await globalThis.fetch(`${url}login?x=1`, init);
        expect(headersOf(response)).to.deep.equal(headersOf(web));
        expect(await web.text()).to.equal("GET /login?x=1 me */* node");
      });

      it("ends the connection with a body that nobody wants", async () => {
        const server = await serve((_, response) => void response.write("x".repeat(100_000)), tls);
        const response = await fetch(server.url, INIT);
        expect(await server.connections()).to.equal(1);
        await response.body?.cancel();
        await until("the connection to end", async () => (await server.connections()) === 0);
      });

      it("keeps no connection after an answer that can have no body", async () => {
        const server = await serve((_, response) => void response.writeHead(205).write("x"), tls);
        const response = await fetch(server.url, INIT);
        expect(response).to.include({ status: 205, body: null });
        await until("the connection to end", async () => (await server.connections()) === 0);
      });

      it("gives up when it is told to, before and during", async () => {
        const server = await serve(() => undefined, tls);
        const stopped = AbortSignal.abort();
        expect(await rejection(fetch(server.url, { ...INIT, signal: stopped }))).to.have.property("name", "AbortError");
        const stopping = new AbortController();
        const waiting = rejection(fetch(server.url, { ...INIT, signal: stopping.signal }));
        await until("the connection", async () => (await server.connections()) === 1);
        stopping.abort();
        expect(await waiting).to.have.property("name", "AbortError");
        await until("the connection to end", async () => (await server.connections()) === 0);
      });

      it("rejects what cannot be asked for", async () => {
        await rejection(fetch("nonsense", INIT));
        await rejection(fetch("ftp://localhost/", INIT));
        const { url } = await serve((_, response) => response.end(), tls);
        await rejection(fetch(url, { ...INIT, headers: { authorization: "\u{2603}" } }));
      });
    });
  }

  describe("with a server that answers badly", () => {
    let server: Server;
    afterEach(() => server.close());

    /** The address of a server that says `text` to everybody and hangs up. */
    async function says(text: string): Promise<string> {
      server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(text));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}/`;
    }

    for (const [what, text] of [
      ["nothing", ""],
      ["no HTTP", "HELLO 1\r\n\r\n"],
      ["a status that is none", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"],
      ["another protocol", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
      ["half a head", "HTTP/1.1 200 OK\r\nContent-"],
    ] as const) {
      it(`rejects: ${what}`, async () => {
        await rejection(fetch(await says(text), INIT));
      });
    }

    it("gives the head of an answer whose body breaks off", async () => {
      const url = await says("HTTP/1.1 200 OK\r\nX-Y: z\r\nContent-Length: 100\r\n\r\nhalf");
      const response = await fetch(url, INIT);
      expect(response.headers.get("x-y")).to.equal("z");
      await rejection(response.text());
    });
  });

  describe("of the head only", () => {
    it("gives the status and the headers, several of one name in one, and none of the body", async () => {
      const server = await serve((_, response) => {
        response.writeHead(302, { location: "/there", "www-authenticate": ["one", "two"] });
        response.write("something without end");
      }, null);
      const { status, headers, body } = await fetchHead(server.url, INIT);
      expect([status, headers.get("location"), headers.get("www-authenticate")]).to.deep.equal([
        302,
        "/there",
        "one, two",
      ]);
      expect([headers.get("nothing"), body]).to.deep.equal([null, undefined]);
    });

    it("sends the headers that it is given", async () => {
      let heard: string | undefined;
      const server = await serve((request, response) => {
        heard = request.headers.authorization;
        response.end();
      }, null);
      await fetchHead(server.url, { ...INIT, headers: { authorization: "Passport1.4 x" } });
      expect(heard).to.equal("Passport1.4 x");
    });

    it("trusts nobody whom Node does not trust, and ends with the signal and with the connection", async () => {
      const trusted = await serve((_, response) => response.end());
      expect(await codeOf(fetchHead(trusted.url, INIT))).to.equal("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
      const silent = await serve(() => undefined, null);
      const ended = new AbortController();
      const asked = rejection(fetchHead(silent.url, { ...INIT, signal: ended.signal }));
      ended.abort();
      expect((await asked).name).to.equal("AbortError");
      const rude = await serve((request) => request.socket.destroy(), null);
      expect(await codeOf(fetchHead(rude.url, INIT))).to.equal("ECONNRESET");
    });
  });
});
