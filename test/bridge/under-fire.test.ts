import { expect } from "chai";
import { ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("portals under fire", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  it("makes one room for many first messages and a start-chat at the same moment", async () => {
    const management = await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const wanted = Array.from({ length: 50 }, (_, index) => `first ${index}`);
    bridge.alice.say(management, `start-chat ${NILS}`);
    const said = Promise.all(wanted.map((text) => nils.say(MIA.passport, text)));
    bridge.alice.say(management, `start-chat ${NILS}`);
    await said;
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "first 49");
    const shown = bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
    expect(shown).to.deep.equal(wanted);
    expect(bridge.fake.rooms()).to.have.length(2);
    expect(bridge.fake.requests.filter(({ path }) => path.endsWith("/createRoom"))).to.have.length(1);
  });

  it("gives two logins with the same contact a room each, with the same ghost", async () => {
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const bob = bridge.fake.user("bob");
    bridge.sandbox.addAccount({ passport: "bob@example.com", password: "x" });
    const management = await bridge.manage(bob);
    bob.say(management, "login sandbox bob@example.com x");
    await bridge.reads(bob, management, "You are signed in");
    await nils.say(MIA.passport, "to mia");
    await nils.say("bob@example.com", "to bob");
    const hers = await bridge.joinRoomOf(NILS);
    const his = await bridge.joinRoomOf(NILS, bob);
    expect(hers).not.to.equal(his);
    await bridge.reads(bridge.alice, hers, "to mia");
    await bridge.reads(bob, his, "to bob");
    bridge.alice.say(hers, "from mia");
    bob.say(his, "from bob");
    await until("both", () => nils.received.length === 2);
    expect(nils.received.map(({ from, text }) => `${from}: ${text}`)).to.have.members([
      "mia@example.com: from mia",
      "bob@example.com: from bob",
    ]);
    expect(bridge.fake.requests.filter(({ path }) => path.endsWith("/register"))).to.have.length(2);
  });

  it("works with a homeserver that knows the stable form of ephemeral events only, and no admin API", async () => {
    const conduit = await TestBridge.open({ mood: "conduit" });
    try {
      await conduit.start();
      await conduit.login();
      const nils = conduit.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello");
      const room = await conduit.joinRoomOf(NILS);
      // Until the bridge knows the room of its answer, it is nobody's.
      await conduit.reads(conduit.alice, room, "hello");
      conduit.alice.typing(room, true);
      await until("an ephemeral event", () => nils.typing.length === 1);
      conduit.alice.say(room, "hello Nils");
      await until("hello Nils", () => nils.received.length === 1);
      expect(conduit.fake.transactions.some(({ body }) => "de.sorunome.msc2409.ephemeral" in body)).to.equal(false);
      expect(conduit.fake.requests.some(({ path }) => path.startsWith("/_synapse/"))).to.equal(false);
    } finally {
      await conduit.close();
    }
  });
});
