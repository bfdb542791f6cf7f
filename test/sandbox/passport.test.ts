import { expect } from "chai";

import { fetchWithCa } from "../../src/msn/net/fetch.ts";
import { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import { certificate, serverTls } from "../support/certificates.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { authorization, getTicket, play, RawClient } from "./raw-client.ts";

const accounts = [{ passport: "Mia@example.com", password: "pass word+1,=%" }];

describe("sandbox passport", () => {
  let sandbox: TestSandbox;
  const clock = new FakeClock();

  before(async () => {
    sandbox = await TestSandbox.start({ accounts, clock });
  });
  after(async () => sandbox.stop());

  async function login(header?: string): Promise<Response> {
    const response = await fetch(sandbox.loginUrl, { headers: header === undefined ? {} : { authorization: header } });
    await response.arrayBuffer();
    return response;
  }

  for (const path of ["/nexus-mock", "/rdr/pprdr.asp"]) {
    it(`names the login page at ${path}`, async () => {
      const response = await fetch(new URL(path, sandbox.nexusUrl));
      await response.arrayBuffer();
      expect(response.status).to.equal(200);
      expect(response.headers.get("passporturls")).to.equal(`DALogin=${sandbox.loginUrl}`);
    });
  }

  it("gives a ticket for the right password", async () => {
    const response = await login(authorization("Mia@example.com", "pass word+1,=%"));
    expect(response.status).to.equal(200);
    const pattern = /^Passport1\.4 da-status=success,from-PP='[0-9a-f]{20}'$/u;
    expect(response.headers.get("authentication-info")).to.match(pattern);
  });

  for (const [what, passport, password] of [
    ["a wrong password", "Mia@example.com", "pass"],
    ["another spelling of the account", "mia@example.com", "pass word+1,=%"],
    ["an unknown account", "nobody@example.com", "x"],
  ] as const) {
    it(`answers 401 to ${what}`, async () => {
      const response = await login(authorization(passport, password));
      expect(response.status).to.equal(401);
      expect(response.headers.get("www-authenticate")).to.equal("Passport1.4 da-status=failed");
    });
  }

  it("answers 500 without an Authorization header, or with one it cannot read", async () => {
    expect((await login()).status).to.equal(500);
    expect((await login("Basic bWlh")).status).to.equal(500);
    expect((await login("Passport1.4 sign-in=mia@example.com")).status).to.equal(500);
  });

  it("answers 404 and 405 to what is not part of it", async () => {
    expect((await fetch(new URL("/other", sandbox.nexusUrl))).status).to.equal(404);
    expect((await fetch(sandbox.loginUrl, { method: "POST" })).status).to.equal(405);
  });

  it("speaks https where it is given a certificate", async () => {
    const secure = await TestSandbox.start({ accounts, tls: serverTls() });
    try {
      const ask = fetchWithCa(certificate("ca"));
      const { signal } = new AbortController();
      const nexus = await ask(secure.nexusUrl, { headers: {}, redirect: "manual", signal });
      expect(secure.loginUrl).to.match(/^https:/u);
      expect(nexus.headers.get("passporturls")).to.equal(`DALogin=${secure.loginUrl}`);
      await nexus.text();
    } finally {
      await secure.stop();
    }
  });

  it("lets a ticket be used more than once, for 30 seconds", async () => {
    const ticket = await getTicket(sandbox, "Mia@example.com", "pass word+1,=%");
    const start = `
      C: VER 1 MSNP8 CVR0
      S: VER 1 MSNP8
      C: USR 3 TWN I Mia@example.com
      S: USR 3 TWN S ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1\n`;
    for (const credential of [ticket, `t=${ticket}&p=x`]) {
      const client = await RawClient.connect(sandbox.port);
      await play(client, `${start}C: USR 4 TWN S ${credential}\nS: USR 4 OK Mia@example.com Mia@example.com 1 0`);
      client.close();
    }
    await clock.advance(30_000);
    const late = await RawClient.connect(sandbox.port);
    await play(late, `${start}C: USR 4 TWN S ${ticket}\nS: 911 4\nS: END`);
  });
});
