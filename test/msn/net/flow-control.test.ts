import { expect } from "chai";
import { MsnClient } from "../../../src/msn/index.ts";
import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { until } from "../../support/until.ts";

const MIA = { passport: "mia@example.com", password: "x", name: "Mia" };
const NILS = "nils@example.com";
const OLGA = "olga@example.com";

describe("msn/net/flow-control", () => {
  let sandbox: TestSandbox;
  let client: MsnClient;
  let texts: string[];
  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts: [MIA] });
    const { host, port, nexusUrl } = sandbox;
    client = new MsnClient({ server: { host, port, nexusUrl }, account: MIA.passport, password: "x" });
    texts = [];
    client.on("event", (event) => {
      if (event.type === "content" && event.content.type === "text") texts.push(event.content.text);
    });
    for (const contact of [NILS, OLGA]) sandbox.contact(contact);
    await client.connect();
    await sandbox.contact(NILS).say(MIA.passport, "hello");
    await until("hello", () => texts.length === 1);
  });
  afterEach(async () => {
    await client.disconnect();
    await sandbox.stop();
  });

  /** Nils says something, and a server has had time to hand it over: an answer to a contact comes after it. */
  async function say(...words: string[]): Promise<void> {
    for (const text of words) await sandbox.contact(NILS).say(MIA.passport, text);
    const probe = new MsnClient({
      server: { host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl },
      account: "probe@example.com",
      password: "x",
    });
    await probe.connect().catch(() => undefined);
    await probe.disconnect();
  }

  it("leaves what is said in the buffers until it is resumed, in order, on old boards and new ones", async () => {
    client.flow.pause();
    await say("one", "two");
    // A call is not answered either, so that whoever calls is told.
    const called = sandbox.contact(OLGA).say(MIA.passport, "from olga");
    called.catch(() => undefined);
    await say("three");
    expect(texts).to.deep.equal(["hello"]);
    client.flow.resume();
    await called;
    await until("all", () => texts.length === 5);
    expect(texts.filter((text) => text !== "from olga")).to.deep.equal(["hello", "one", "two", "three"]);
  });

  it("hears what is in the buffers when it signs out", async () => {
    client.flow.pause();
    await say("one", "two");
    await client.disconnect();
    expect(texts).to.deep.equal(["hello", "one", "two"]);
  });

  it("holds one conversation only, on old boards and new ones, until it goes on", async () => {
    const nils = client.conversation(NILS);
    nils.hold();
    await say("one", "two");
    await sandbox.contact(OLGA).say(MIA.passport, "from olga");
    await until("olga", () => texts.includes("from olga"));
    expect(texts).to.deep.equal(["hello", "from olga"]);
    // Of what he is told nothing is known until he is read again.
    const sent = nils.send({ type: "text", text: "still there?" });
    nils.goOn();
    nils.goOn();
    await until("the rest", () => texts.length === 4);
    expect(texts.slice(2)).to.deep.equal(["one", "two"]);
    expect(await sent).to.deep.equal({ state: "delivered" });
  });

  it("holds what a contact says on another board, too", async () => {
    client.conversation(OLGA).hold();
    // Whose a board is turns out with the first words on it.
    await sandbox.contact(OLGA).say(MIA.passport, "one");
    await sandbox.contact(OLGA).say(MIA.passport, "two");
    await say("from nils");
    await until("nils", () => texts.includes("from nils"));
    expect(texts).not.to.include("two");
    client.conversation(OLGA).goOn();
    await until("olga", () => texts.includes("two"));
  });

  it("hears a conversation that is held when it is left", async () => {
    client.conversation(NILS).hold();
    await say("one", "two");
    await client.disconnect();
    expect(texts).to.deep.equal(["hello", "one", "two"]);
  });

  it("reads in the next session", async () => {
    client.flow.pause();
    await client.disconnect();
    await client.connect();
    await sandbox.contact(NILS).say(MIA.passport, "again");
    await until("again", () => texts.includes("again"));
  });
});
