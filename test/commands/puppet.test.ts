import { expect } from "chai";
import { ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("login-matrix, logout-matrix and ping-matrix", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  const chatWith = async (passport: string): Promise<string> =>
    until(`a room with ${passport}`, () =>
      bridge.fake.rooms().find(({ id }) => bridge.fake.room(id).membership(ghostOf(passport)) === "join"),
    ).then(({ id }) => id);

  it("a token that is given is removed, kept sealed, and used from then on, also for the rooms that are there", async () => {
    const room = await bridge.login(NILS);
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "hello");
    const chat = await chatWith(NILS);
    await bridge.ask(room, "ping-matrix", "I cannot accept invitations for you. Say login-matrix");
    await bridge.ask(room, "login-matrix", "What is it?");
    const token = bridge.alice.newToken();
    const answer = await bridge.ask(room, token, "Your access token works");
    expect(answer.body).to.include("I removed your message with the access token.");
    await until("Alice is in the room", () => bridge.alice.joinedRooms().includes(chat));
    await until("it is direct", () => bridge.alice.directChats[ghostOf(NILS)] !== undefined);
    await bridge.ask(room, "ping-matrix", "Your access token works");
    const said = bridge.alice.messages(room).map(({ body }) => body);
    expect([...said, ...bridge.captured.lines].join("\n")).to.not.include(token);
  });

  it("is forgotten on request", async () => {
    const room = await bridge.login(NILS);
    await bridge.ask(room, "logout-matrix", "I have no access token of yours.");
    await bridge.ask(room, `login-matrix ${bridge.alice.newToken()}`, "Your access token works");
    await bridge.ask(room, "logout-matrix", "From now on you accept the invitations to your chats yourself.");
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    const chat = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, chat, "hello");
  });

  it("says what is wrong with a token, and removes it even where it is no use", async () => {
    const room = await bridge.manage();
    const wrong = "syt_YWxpY2U_nonsensenonsense_123456";
    const cases: Array<[text: string, answer: string]> = [
      [`login-matrix ${wrong}`, "The homeserver does not take that access token."],
      ["login-matrix two words", "That is not an access token."],
      [`login-matrix ${bridge.fake.user("bob").newToken()}`, "That is the access token of @bob:localhost, not yours."],
      [`login-matirx ${wrong}`, "Did you mean login-matrix? Say help to see all I understand. I removed your message"],
    ];
    for (const [text, answer] of cases) {
      await bridge.ask(room, text, answer);
      const kept = bridge.fake.room(room).timeline.filter(({ content }) => JSON.stringify(content).includes(text));
      expect(kept, text).to.deep.equal([]);
    }
    bridge.fake.fail({ path: /whoami$/u, times: 100, status: 500, body: { errcode: "M_UNKNOWN" } });
    await bridge.ask(room, `login-matrix ${bridge.alice.newToken()}`, "The homeserver does not answer right now.");
  });

  it("is not taken in a chat with a contact, where it is removed all the same", async () => {
    await bridge.login(NILS);
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    const chat = await bridge.joinRoomOf(NILS);
    const eventId = bridge.alice.say(chat, `!msn login-matrix ${bridge.alice.newToken()}`);
    await bridge.reads(bridge.alice, chat, "Say that in your chat with me");
    expect(bridge.alice.messages(chat).map((message) => message.eventId)).to.not.include(eventId);
  });

  it("tells once when a token is revoked, and works again with a new one", async () => {
    const room = await bridge.login(NILS);
    const token = bridge.alice.newToken();
    await bridge.ask(room, `login-matrix ${token}`, "Your access token works");
    bridge.fake.world.tokens.delete(token);
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    await bridge.reads(bridge.alice, room, "say login-matrix to give me a new one");
    const chat = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, chat, "hello");
    await bridge.ask(room, "ping-matrix", "The homeserver does not let me act for you any more.");
    await bridge.ask(room, `login-matrix ${bridge.alice.newToken()}`, "Your access token works");
    await until("it is direct", () => bridge.alice.directChats[ghostOf(NILS)] !== undefined);
  });
});
