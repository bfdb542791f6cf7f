import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const forms = (secret: string): string[] => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];

describe("secrets", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  /** The places in which something can be read: files of the data folder, log lines, and what the bridge said. */
  function placesWith(secret: string): string[] {
    const files = readdirSync(bridge.folder.path)
      .filter((name) => readFileSync(join(bridge.folder.path, name)).includes(secret))
      .map((name) => `file ${name}`);
    const lines = bridge.captured.lines.filter((line) => line.includes(secret)).map((line) => `log ${line}`);
    const said = bridge.fake
      .rooms()
      .flatMap(({ timeline }) => timeline.filter(({ sender }) => sender !== bridge.alice.userId))
      .filter(({ content }) => JSON.stringify(content).includes(secret))
      .map(({ content }) => `said ${JSON.stringify(content)}`);
    return [...files, ...lines, ...said];
  }

  it("are in no file, log line or answer: the password, in any of its forms", async () => {
    const right = MIA.password;
    const wrong = "another-planted-secret";
    const management = await bridge.manage();
    bridge.alice.say(management, `login sandbox ${MIA.passport} ${wrong}`);
    await bridge.reads(bridge.alice, management, "refused the e-mail address or the password");
    bridge.alice.say(management, `login sandbox ${MIA.passport} ${right}`);
    await bridge.reads(bridge.alice, management, "You are signed in");
    bridge.alice.say(management, `lgoin ${MIA.passport} ${right}`);
    await bridge.reads(bridge.alice, management, "Did you mean login?");
    const found = (): string[] => [...forms(right), ...forms(wrong)].flatMap(placesWith);
    expect(found(), "while running").to.deep.equal([]);
    expect(
      placesWith(bridge.registration.as_token).filter((place) => place !== "file registration.yaml"),
    ).to.deep.equal([]);
    await bridge.stopBridge();
    expect(found(), "after the stop").to.deep.equal([]);
    // The check itself would notice: the account stands in the database in clear.
    expect(placesWith(MIA.passport)).to.include("file msn.db");
  });

  it("are removed from the room where the bot may, and the person is told where it may not", async () => {
    const trusted = await bridge.login();
    expect(bridge.alice.messages(trusted).some(({ body }) => body.includes(MIA.password))).to.equal(false);
    expect(bridge.alice.messages(trusted).at(-1)?.body).to.include("I removed your message");
    const own = bridge.alice.createDirectRoom("@msnbot:localhost", { preset: "private_chat" });
    await bridge.reads(bridge.alice, own, "help");
    bridge.alice.say(own, `login sandbox ${MIA.passport} wrong`);
    await bridge.reads(bridge.alice, own, "please delete it yourself");
    expect(bridge.alice.messages(own).some(({ body }) => body.includes("wrong"))).to.equal(true);
  });

  it("are sealed while they wait: words that MSN has not got yet", async () => {
    const management = await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    nils.answersCalls = false;
    bridge.alice.say(management, `start-chat ${NILS}`);
    const room = await bridge.joinRoomOf(NILS);
    bridge.alice.say(room, "unspeakable words");
    await until("the call", () => bridge.sandbox.boards() > 0);
    expect(placesWith("unspeakable")).to.deep.equal([]);
  });
});
