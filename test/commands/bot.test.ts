import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";

describe("a question of the bot", () => {
  let bridge: TestBridge;
  let room: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    bridge.sandbox.contact(NILS, "Nils");
  });
  afterEach(() => bridge.close());

  it("is not answered by a click on another notice, and still open after it", async () => {
    bridge.sandbox.befriend(NILS, MIA.passport);
    room = await bridge.login();
    const { eventId } = await bridge.reads(bridge.alice, room, "waits for your answer");
    await bridge.ask(room, "password", "What is the password");
    const relation = { rel_type: "m.annotation", event_id: eventId, key: "✅" };
    bridge.alice.send(room, "m.reaction", { "m.relates_to": relation });
    await bridge.reads(bridge.alice, room, "is one of your contacts now");
    await bridge.ask(room, MIA.password, "You are signed in to Sandbox");
  });

  it("is not forgotten for a command that is said in another room", async () => {
    room = await bridge.login();
    bridge.alice.say(room, `start-chat ${NILS}`);
    const portal = await bridge.joinRoomOf(NILS);
    await bridge.ask(room, "password", "What is the password");
    bridge.alice.say(portal, "!msn status");
    await bridge.reads(bridge.alice, portal, "signed in since");
    bridge.alice.say(portal, "!msn nonsense");
    await bridge.reads(bridge.alice, portal, "I do not know that command");
    await bridge.ask(room, MIA.password, "You are signed in to Sandbox");
  });
});
