import { expect } from "chai";
import { MsnError, type MsnErrorCode } from "../../../src/msn/base/errors.ts";
import { fetchWithCa } from "../../../src/msn/net/fetch.ts";
import { passportLogin, PassportNexus } from "../../../src/msn/session/passport.ts";
import { certificate, serverTls } from "../../support/certificates.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { LOGIN, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";
import { WebServer } from "../../support/web-server.ts";

const POLICY = "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1";
const CREDENTIALS = { account: "mia@example.com", password: "pass word+1,=%'", policy: POLICY };

function answer(status: number, headers: Record<string, string>): () => Response {
  return () => new Response(null, { status, headers });
}

async function expectCode(work: Promise<unknown>, code: MsnErrorCode): Promise<Error> {
  const error = await rejection(work);
  expect(error).to.be.instanceOf(MsnError).with.property("code", code);
  return error;
}

describe("msn/session/passport", () => {
  it("finds the login URL with and without a scheme, whatever stands beside it", async () => {
    const cases = {
      "DALogin=https://a.example/login": "https://a.example/login",
      "DARealm=Passport.Net, dalogin=login.passport.com/login2.srf,DAReg=https://x":
        "https://login.passport.com/login2.srf",
    };
    for (const [header, url] of Object.entries(cases)) {
      const { fetch } = passportFetch({ [NEXUS]: answer(200, { Passporturls: header }) });
      expect(await new PassportNexus(fetch, NEXUS).loginUrl()).to.equal(url);
    }
  });

  it("does not go from a nexus with https to a login without", async () => {
    const plain = { PassportURLs: "DALogin=http://msn.example.net/login" };
    const { fetch } = passportFetch({ [NEXUS]: answer(200, plain), "http://127.0.0.1/nexus": answer(200, plain) });
    await expectCode(new PassportNexus(fetch, NEXUS).loginUrl(), "protocol");
    expect(await new PassportNexus(fetch, "http://127.0.0.1/nexus").loginUrl()).to.equal(
      "http://msn.example.net/login",
    );
  });

  it("follows redirects of the nexus by the rules of the login page", async () => {
    const other = "https://other.example/nexus";
    const good = answer(200, { PassportURLs: `DALogin=${LOGIN}` });
    const ask = (url: string, answers: Record<string, () => Response>): Promise<string> =>
      new PassportNexus(passportFetch(answers).fetch, url).loginUrl();
    expect(await ask(NEXUS, { [NEXUS]: answer(302, { location: other }), [other]: good })).to.equal(LOGIN);
    expect(
      await ask(NEXUS, { [NEXUS]: answer(301, { location: "/n2" }), "https://msn.example.net/n2": good }),
    ).to.equal(LOGIN);
    const plain = "http://127.0.0.1/nexus";
    expect(await ask(plain, { [plain]: answer(308, { location: other }), [other]: good })).to.equal(LOGIN);
    const named = { location: other, PassportURLs: `DALogin=${LOGIN}` };
    expect(await ask(NEXUS, { [NEXUS]: answer(302, named) })).to.equal(LOGIN);
    const loop = passportFetch({ [NEXUS]: answer(302, { location: NEXUS }) });
    await expectCode(new PassportNexus(loop.fetch, NEXUS).loginUrl(), "protocol");
    expect(loop.requests).to.have.length(6);
    for (const location of [
      "http://other.example/",
      "ftp://other.example/",
      "https://me:secret@other.example/",
      "https://[",
    ]) {
      const moved = passportFetch({ [NEXUS]: answer(302, { location }) });
      await expectCode(new PassportNexus(moved.fetch, NEXUS).loginUrl(), "protocol");
      expect(moved.requests).to.have.length(1);
    }
    await expectCode(ask(NEXUS, { [NEXUS]: answer(302, {}) }), "protocol");
    const httpLogin = answer(200, { PassportURLs: "DALogin=http://msn.example.net/login" });
    await expectCode(ask(plain, { [plain]: answer(302, { location: other }), [other]: httpLogin }), "protocol");
  });

  it("asks the nexus once, and again after it was told to forget", async () => {
    const { fetch, requests } = passportFetch({ [NEXUS]: answer(200, { PassportURLs: `DALogin=${LOGIN}` }) });
    const nexus = new PassportNexus(fetch, NEXUS);
    await nexus.loginUrl();
    await nexus.loginUrl();
    expect(requests).to.have.length(1);
    nexus.forget();
    await nexus.loginUrl();
    expect(requests).to.have.length(2);
  });

  it("says so when the nexus names no login", async () => {
    const { fetch } = passportFetch({ [NEXUS]: answer(404, {}) });
    await expectCode(new PassportNexus(fetch, NEXUS).loginUrl(), "protocol");
    await expectCode(new PassportNexus(passportFetch({}).fetch, NEXUS).loginUrl(), "connect-failed");
  });

  it("says so when an address is none, wherever it comes from", async () => {
    const bad = ["http://login example:99999/x", "http://[::1/x", "ftp://x.example/", "https://me:secret@x.example/"];
    for (const url of bad) {
      const { fetch, requests } = passportFetch({ [NEXUS]: answer(200, { PassportURLs: `DALogin=${url}` }) });
      await expectCode(new PassportNexus(fetch, NEXUS).loginUrl(), "protocol");
      await expectCode(new PassportNexus(fetch, url).loginUrl(), "protocol");
      await expectCode(passportLogin(fetch, url, CREDENTIALS), "protocol");
      const moved = passportFetch({ [LOGIN]: answer(302, { location: url }) });
      await expectCode(passportLogin(moved.fetch, LOGIN, CREDENTIALS), "protocol");
      expect(requests).to.have.length(1);
    }
  });

  it("does not pass on a policy that cannot stand in a header, nor shows the password because of it", async () => {
    for (const policy of ["ct=1,x=\u{2603}", "ct=1\0", "a\r\nb", "é"]) {
      const { fetch, requests } = passportFetch({});
      const error = await expectCode(passportLogin(fetch, LOGIN, { ...CREDENTIALS, policy }), "protocol");
      expect(error.message).to.equal("the server asked for a ticket in a way that is unknown");
      expect(error.cause).to.equal(undefined);
      expect(requests).to.have.length(0);
    }
  });

  it("takes a ticket whose page breaks off", async () => {
    const broken = new ReadableStream({ start: (body) => body.error(new TypeError("terminated")) });
    const headers = { "authentication-info": "Passport1.4 da-status=success,from-PP='x'" };
    const { fetch } = passportFetch({ [LOGIN]: () => new Response(broken, { headers }) });
    expect(await passportLogin(fetch, LOGIN, CREDENTIALS)).to.equal("x");
  });

  it("encodes account and password wholly and passes the policy on as it came", async () => {
    const ticket = "t=a&p=b*!$,c";
    const info = `Passport1.4 da-status=success,tname=MSPAuth,from-PP='${ticket}',ru=http://x`;
    const { fetch, requests } = passportFetch({ [LOGIN]: answer(200, { "authentication-info": info }) });
    expect(await passportLogin(fetch, LOGIN, CREDENTIALS)).to.equal(ticket);
    expect(requests[0]?.authorization).to.equal(
      "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=mia%40example.com," +
        `pwd=pass%20word%2B1%2C%3D%25%27,${POLICY}`,
    );
  });

  it("follows redirects with the same header, up to a limit, and never from https to http", async () => {
    const other = "https://other.example/login2";
    const good = answer(200, { "authentication-info": "Passport1.4 da-status=success,from-PP='x'" });
    const moved = passportFetch({ [LOGIN]: answer(302, { location: other }), [other]: good });
    expect(await passportLogin(moved.fetch, LOGIN, CREDENTIALS)).to.equal("x");
    expect(moved.requests[1]?.authorization).to.equal(moved.requests[0]?.authorization);
    const loop = passportFetch({ [LOGIN]: answer(302, { location: LOGIN }) });
    await expectCode(passportLogin(loop.fetch, LOGIN, CREDENTIALS), "protocol");
    expect(loop.requests).to.have.length(6);
    const downgrade = passportFetch({ [LOGIN]: answer(302, { location: "http://other.example/" }) });
    await expectCode(passportLogin(downgrade.fetch, LOGIN, CREDENTIALS), "protocol");
    expect(downgrade.requests).to.have.length(1);
  });

  it("tells a wrong password from a service in trouble", async () => {
    const failed = "Passport1.4 da-status=failed";
    const login = (status: number, headers: Record<string, string>): Promise<string> =>
      passportLogin(passportFetch({ [LOGIN]: answer(status, headers) }).fetch, LOGIN, CREDENTIALS);
    const plain = await expectCode(login(401, { "www-authenticate": failed }), "bad-credentials");
    expect(plain.message).to.equal("the account or the password is wrong");
    const reason = await expectCode(
      login(401, { "www-authenticate": `${failed},cbtxt=Wrong%20pass%21,x=1` }),
      "bad-credentials",
    );
    expect(reason.message).to.equal("Wrong pass!");
    await expectCode(login(200, { "authentication-info": failed }), "bad-credentials");
    await expectCode(login(500, {}), "server-busy");
    await expectCode(login(200, {}), "protocol");
    await expectCode(passportLogin(passportFetch({}).fetch, LOGIN, CREDENTIALS), "connect-failed");
  });

  it("says whose certificate is not trusted, and why", async () => {
    const ours = fetchWithCa(certificate("ca"));
    for (const [name, fetch, reason] of [
      ["leaf", globalThis.fetch, "no authority that is known here has signed it"],
      ["leaf", fetchWithCa(certificate("other-ca")), "no authority that is known here has signed it"],
      ["expired", ours, "it has expired or is not valid yet"],
      ["wrong-host", ours, "it is for another host"],
    ] as const) {
      const server = await WebServer.start((_, response) => response.end(), serverTls(name));
      const { host } = new URL(server.url);
      for (const ask of [
        () => new PassportNexus(fetch, server.url).loginUrl(),
        () => passportLogin(fetch, server.url, CREDENTIALS),
      ]) {
        const error = await expectCode(ask(), "connect-failed");
        expect(error.message).to.equal(`the certificate of ${host} is not trusted: ${reason}`);
        expect(error.cause).to.be.instanceOf(Error);
        expect(JSON.stringify(error) + String(error.cause)).not.to.contain("word");
      }
      await server.stop();
    }
  });

  it("gives up waiting for a service with an authority of its own", async () => {
    const server = await WebServer.start(() => undefined, serverTls());
    const clock = new FakeClock();
    const login = expectCode(passportLogin(fetchWithCa(certificate("ca")), server.url, CREDENTIALS, clock), "timeout");
    await until("the request", async () => (await server.connections()) === 1);
    await clock.advance(20_000);
    await login;
    await server.stop();
  });

  it("never shows the password", async () => {
    const error = await rejection(passportLogin(passportFetch({}).fetch, LOGIN, CREDENTIALS));
    expect(JSON.stringify(error) + String(error) + String(error.cause)).not.to.contain("word");
  });
});
