import { duplexPair, type Duplex } from "node:stream";
import { expect } from "chai";
import { MsnClient } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { rejection } from "../../support/rejection.ts";
import { playServer, transcript } from "../../support/transcript.ts";
import { until } from "../../support/until.ts";

const LOGIN = transcript("login");
const TO_USR = LOGIN.slice(0, LOGIN.indexOf("S: USR 3"));

function clientOf(dial: (host: string) => Promise<Duplex>): MsnClient {
  const { fetch } = passportFetch(GOOD_PASSPORT);
  const server = { host: "ns", port: 1863, nexusUrl: NEXUS };
  return new MsnClient({ server, account: "mia@example.com", password: "x", clock: new FakeClock(), fetch, dial });
}

/** Refers, and closes before the client has had the time to do anything about it. */
async function referAndClose(far: Duplex, near: Duplex): Promise<void> {
  await playServer(far, TO_USR);
  await new Promise((resolve) => setImmediate(resolve));
  process.nextTick(() => {
    near.push("XFR 3 NS other:1863\r\n");
    near.push(null);
  });
}

describe("msn/session/dispatch", () => {
  it("follows a referral whose server closes with the same packet", async () => {
    const played: Array<Promise<void>> = [];
    const client = clientOf((host) => {
      const [near, far] = duplexPair();
      played.push(host === "ns" ? referAndClose(far, near) : playServer(far, LOGIN));
      return Promise.resolve(near);
    });
    await client.connect();
    await Promise.all(played);
    expect(client.isConnected).to.equal(true);
    await client.disconnect();
  });

  it("leaves a server that is reached when signing in was given up, and says nothing there", async () => {
    const late = Promise.withResolvers<Duplex>();
    const hosts: string[] = [];
    const client = clientOf((host) => {
      hosts.push(host);
      if (host !== "ns") return late.promise;
      const [near, far] = duplexPair();
      playServer(far, `${TO_USR}S: XFR 3 NS other:1863\n`).catch(() => far.destroy());
      return Promise.resolve(near);
    });
    const failed = rejection(client.connect());
    await until("the referral", () => hosts.length === 2);
    await client.disconnect();
    const [near, far] = duplexPair();
    let said = "";
    far.on("data", (bytes: Buffer) => (said += bytes.toString()));
    late.resolve(near);
    expect(await failed).to.include({ code: "connection-closed" });
    await until("the end of the connection", () => far.readableEnded);
    expect(said).to.equal("");
  });
});
