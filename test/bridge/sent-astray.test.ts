import { expect } from "chai";
import { BOT, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { WebServer } from "../support/web-server.ts";

// The sandbox is on this machine, so that it may send the bridge to other addresses inside, but not to where clouds tell
// secrets.
const CLOUD = { address: "169.254.169.254:1863", words: "169.254.169.254 port 1863", what: "allow_private_addresses" };
const SSH = { address: "127.0.0.1:22", words: "127.0.0.1 port 22", what: "allow_low_ports" };

describe("a network that sends the bridge astray", function () {
  let bridge: TestBridge;
  let nexus: WebServer | undefined;

  afterEach(async () => {
    await bridge.close();
    await nexus?.stop();
    nexus = undefined;
  });

  for (const { address, words, what } of [CLOUD, SSH])
    it(`is not followed to ${address} when a user writes, who is told why and what allows it`, async () => {
      bridge = await TestBridge.started();
      const management = await bridge.login();
      bridge.sandbox.contact(NILS, "Nils");
      bridge.sandbox.moveSwitchboards(address);
      bridge.alice.say(management, `start-chat ${NILS}`);
      const room = await bridge.joinRoomOf(NILS);
      bridge.alice.say(room, "hello");
      const { body } = await bridge.reads(bridge.alice, room, "was not delivered");
      expect(body).to.include(words).and.include(`msn.servers[].${what}`);
    });

  it("is not followed when contacts call, and the user is told once", async () => {
    bridge = await TestBridge.started();
    const management = await bridge.login();
    bridge.sandbox.moveSwitchboards(CLOUD.address);
    const told = (): string[] =>
      bridge.alice.messages(management).flatMap(({ sender, body }) => (sender === BOT ? [body] : []));
    const lines = (): string[] => [...bridge.captured.messages("warn"), ...bridge.captured.messages("debug")];
    const followed = (): number => lines().filter((line) => line === "a call could not be followed").length;
    for (let time = 1; time <= 3; time += 1) {
      void bridge.sandbox.contact(`nils${time}@example.com`, `Nils ${time}`).say(MIA.passport, "hello");
      await until(`call ${time}`, () => followed() === time);
    }
    await bridge.ask(management, "status", "Sandbox");
    const sentences = told().filter((body) => body.includes(CLOUD.words));
    expect(sentences).to.have.length(1);
    expect(sentences[0]).to.include("nils1@example.com").and.include(`msn.servers[].${CLOUD.what}`);
  });

  it("does not sign anybody in through a page that is there, and says so to the user and the admin", async () => {
    let asked = 0;
    nexus = await WebServer.start((_, response) => {
      asked += 1;
      response.setHeader("PassportURLs", "DALogin=http://169.254.169.254:1863/login");
      response.end();
    });
    const nexusUrl = nexus.url;
    bridge = await TestBridge.started({
      keys: ({ host, port }) => ({
        msn: { servers: [{ id: "sandbox", name: "Sandbox", host, port, nexusUrl, throttles: false }] },
      }),
    });
    const room = await bridge.manage();
    const { body } = await bridge.ask(room, `login sandbox ${MIA.passport} ${MIA.password}`, CLOUD.words);
    expect(body).to.include(`msn.servers[].${CLOUD.what}`);
    const warned = bridge.captured.messages("warn").filter((line) => line.includes(CLOUD.words));
    expect(warned).to.have.length(1);
    expect(asked).to.equal(1);
  });
});
