import { expect } from "chai";
import { BOT, ghostOf, MIA, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const [EVE, OTTO] = ["eve@example.com", "otto@example.com"];

describe("commands/strangers", () => {
  let bridge: TestBridge;
  let management: string;
  beforeEach(async () => {
    bridge = await TestBridge.started({ keys: { contacts: { strangers: "ask" } } });
    management = await bridge.login();
  });
  afterEach(() => bridge.close());

  /** Somebody unknown says some things. @returns the notice about all who did */
  async function waits(...passports: string[]): Promise<string> {
    for (const passport of passports) {
      const contact = bridge.sandbox.contact(passport, passport);
      for (const words of ["one", "two", "three"]) await contact.say(MIA.passport, words);
    }
    const { eventId } = await bridge.reads(bridge.alice, management, "you don't know");
    return eventId;
  }

  const words = (room: string): string[] =>
    bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === BOT ? [] : [body]));

  it("opens a room with all that was said, in order, with a click", async () => {
    const notice = await waits(EVE);
    expect(bridge.fake.rooms()).to.have.length(1);
    const relation = { rel_type: "m.annotation", event_id: notice, key: "✅" };
    bridge.alice.send(management, "m.reaction", { "m.relates_to": relation });
    const room = await bridge.joinRoomOf(EVE);
    await until("all is there", () => words(room).length === 3);
    expect(words(room)).to.deep.equal(["one", "two", "three"]);
    expect(bridge.fake.room(room).membership(ghostOf(EVE))).to.equal("join");
    await bridge.reads(bridge.alice, management, "Nobody you don't know waits");
    bridge.alice.say(room, "hello Eve");
    await until("Eve has it", () => bridge.sandbox.contact(EVE).received.some(({ text }) => text === "hello Eve"));
  });

  it("lists, opens and ignores one by one", async () => {
    await waits(EVE, OTTO);
    await bridge.asksUntil(management, "strangers", "2 chats wait");
    await bridge.ask(management, `strangers ignore ${OTTO}`, `Ignored from now on: ${OTTO}`);
    await bridge.ask(management, `strangers open ${OTTO}`, "does not wait");
    await bridge.ask(management, "strangers", EVE);
    await bridge.ask(management, "strangers eat all", "Say strangers open");
    await bridge.ask(management, "strangers open", "Say strangers open <e-mail>");
    await bridge.ask(management, "strangers open all", `You get a room with what was said: ${EVE}`);
    await bridge.joinRoomOf(EVE);
    await bridge.ask(management, "strangers ignore all", "Nobody you don't know waits for you.");
    await bridge.sandbox.contact(OTTO).say(MIA.passport, "four");
    await bridge.asksUntil(management, "status", "1 message of people you don't know ignored");
    expect(bridge.alice.invites()).to.deep.equal([]);
  });

  it("are of no use for whom the owner adds, or starts a chat with: that opens it", async () => {
    await waits(EVE, OTTO);
    await bridge.ask(management, `add ${EVE}`, "is one of your contacts");
    const [eve] = [await bridge.joinRoomOf(EVE)];
    await until("all of Eve's is there", () => words(eve).length === 3);
    await bridge.ask(management, `start-chat ${OTTO}`, "");
    const otto = await bridge.joinRoomOf(OTTO);
    await until("all of Otto's is there", () => words(otto).length === 3);
  });

  it("stay held back over a restart, and are not told again", async () => {
    await waits(EVE);
    await bridge.stopBridge();
    await bridge.start();
    await bridge.asksUntil(management, "strangers", "1 chat waits");
    const notices = bridge.alice.messages(management).filter(({ body }) => body.includes("you don't know has written"));
    expect([notices.length, bridge.alice.invites()]).to.deep.equal([1, []]);
  });
});
