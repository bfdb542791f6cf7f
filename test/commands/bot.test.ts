import { expect } from "chai";
import { Bot } from "../../src/commands/bot.ts";
import { ActionBench, ALICE, BOB } from "../support/action-bench.ts";
import { MemoryRoom } from "../support/command-bench.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";
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

describe("commands/bot", () => {
  let bench: ActionBench;
  let clock: FakeClock;
  let bot: Bot;
  let room: MemoryRoom;
  beforeEach(async () => {
    bench = await ActionBench.open();
    clock = new FakeClock();
    bot = new Bot({ ...bench.admin, bridge: { ...bench.scope, clock } });
    room = new MemoryRoom();
  });
  afterEach(() => bench.close());

  const says = async (text: string, where = room): Promise<string | undefined> => {
    await bot.run(where.request(text));
    return where.said.at(-1);
  };

  it("takes the next words for the answer, for ten minutes", async () => {
    expect(await says("login")).to.match(/^Which e-mail address/u);
    expect(await says("mia@example.com")).to.match(/^What is the password of mia@example\.com/u);
    expect(room.secretMark.isSet).to.equal(true);
    expect(await says("wrong")).to.match(/refused .* What is the password of mia@example\.com/u);
    expect(room.removed).to.equal(1);
    await clock.advance(10 * 60_000);
    expect(await says("secret")).to.include("I cannot use it any more");
    expect([room.removed, room.secretMark.isSet]).to.deep.equal([2, false]);
    expect(await says("secret")).to.include("I do not know that command");
  });

  it("answers no more than so many commands of one who floods, says so once, and hears them again after a rest", async () => {
    for (let count = 0; count < 1000; count += 1) await says("list-logins");
    const refusals = room.said.filter((text) => text.startsWith("You sent more than I can work on."));
    expect([refusals.length, room.said.at(-1)]).to.deep.equal([1, refusals[0]]);
    expect(room.said).to.have.length(61);
    const other = new MemoryRoom();
    await bot.run({ ...other.request("help"), sender: BOB });
    expect(other.said).to.not.deep.equal([]);
    await clock.advance(59_999);
    await says("nonsense");
    expect(room.said).to.have.length(61);
    await clock.advance(1);
    expect(await says("nonsense")).to.include("I do not know that command");
  });

  it("removes a password also from one whom it does not hear, and lets them cancel what runs", async () => {
    bench.sandbox.stall("logins", true);
    const login = bot.run(room.request("login mia@example.com secret"));
    await until("it is under way", () => bench.logins.of(ALICE).length > 0);
    const removed = room.removed;
    for (let count = 0; count < 100; count += 1) void says("help");
    await says("login mia@example.com secret");
    expect(room.removed).to.be.greaterThan(removed);
    await says("cancel");
    await login;
    expect(room.said).to.include("Cancelled.");
    bench.sandbox.stall("logins", false);
  });

  it("asks no secret where others read, and takes none for an answer that is said elsewhere", async () => {
    room.others = true;
    expect(await says("login")).to.include("Somebody else is in this room");
    expect(await says("mia@example.com")).to.include("I do not know that command");
    room.others = false;
    await says("login mia@example.com");
    const other = new MemoryRoom("!other:localhost");
    expect(await says("secret", other)).to.include("in another room, say it there");
    expect(other.removed).to.equal(1);
    expect(await says("secret")).to.include("You are signed in to One");
  });

  it("cancels what waits for a server, removes what was said after it, and does nothing of it", async () => {
    bench.sandbox.stall("logins", true);
    const signingIn = bot.run(room.request("login mia@example.com secret"));
    const [later, secret] = [bot.run(room.request("status")), bot.run(room.request("login eva@example.com other"))];
    await until("the password is removed", () => room.removed === 1);
    expect(await says("cancel")).to.equal("Cancelled.");
    await Promise.all([signingIn, later, secret]);
    expect(room.said).to.deep.equal(["Cancelled."]);
    expect(room.removed).to.equal(2);
    expect(await says("cancel")).to.equal("There is nothing to cancel.");
    bench.sandbox.stall("logins", false);
  });

  it("says that it is busy when more is said than it can remember", async () => {
    bench.sandbox.stall("logins", true);
    const running = bot.run(room.request("login mia@example.com secret"));
    const waiting = Array.from({ length: 19 }, () => bot.run(room.request("status")));
    expect(await says("login eva@example.com other")).to.match(/^I am still busy .* I removed your message/u);
    await says("cancel");
    await Promise.all([running, ...waiting]);
    bench.sandbox.stall("logins", false);
  });

  it("does not do again what was interrupted, and removes what may be a secret in it", async () => {
    await bot.run(room.request("status", { isInterrupted: true }));
    expect([room.said.length, room.removed]).to.deep.equal([1, 0]);
    await bot.run(room.request("relogin secret", { isInterrupted: true }));
    expect(room.said.at(-1)).to.match(/^This bridge was stopped while .* I removed your message/u);
    room.secretMark.set(true);
    await bot.run(room.request("secret", { isInterrupted: true }));
    expect([room.removed, room.secretMark.isSet]).to.deep.equal([2, false]);
  });
});
