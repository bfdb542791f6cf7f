import { expect } from "chai";
import { certificatePath, serverTls } from "../support/certificates.ts";
import { MIA, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("a network whose Passport service has an authority of its own", function () {
  let bridge: TestBridge;
  afterEach(async () => bridge.close());

  it("can be logged in to when msn.servers[].ca names it", async () => {
    bridge = await TestBridge.started({ tls: serverTls(), ca: certificatePath("ca") });
    expect(bridge.sandbox.nexusUrl).to.match(/^https:/u);
    await bridge.login();
    expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
    expect(bridge.captured.messages("warn").filter((line) => line.includes("certificate"))).to.deep.equal([]);
  });

  it("is signed in to again after a restart", async () => {
    bridge = await TestBridge.started({ tls: serverTls(), ca: certificatePath("ca") });
    await bridge.login();
    await bridge.stopBridge();
    await until("Mia to be signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    await bridge.start();
    await until("Mia to be signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
  });

  const refusals = [
    ["without that", {}, "no authority that is known here has signed it", "msn.servers[].ca"],
    ["with another one", { ca: certificatePath("other-ca") }, "no authority that is known", "msn.servers[].ca"],
    ["when its certificate has expired", { ca: certificatePath("ca"), tls: serverTls("expired") }, "expired", "renew"],
    [
      "when its certificate is another's",
      { ca: certificatePath("ca"), tls: serverTls("wrong-host") },
      "for another host",
      "nexusUrl",
    ],
  ] as const;
  for (const [when, kinds, reason, remedy] of refusals) {
    it(`is refused ${when}; both the person and the operator read why`, async () => {
      bridge = await TestBridge.started({ tls: serverTls(), ...kinds });
      const room = await bridge.manage();
      bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      const { body } = await bridge.reads(bridge.alice, room, "Sandbox cannot be reached safely");
      const host = new URL(bridge.sandbox.nexusUrl).host;
      expect(body).to.include(`the certificate of ${host} is not trusted: `).and.include(reason).and.include(remedy);
      const warnings = bridge.captured.messages("warn").filter((line) => line.includes(host));
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include(reason).and.include(remedy);
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
    });
  }
});
