import { expect } from "chai";
import { BotBench } from "../../support/bot-bench.ts";
import { until } from "../../support/until.ts";

describe("bridge/bot/notices", () => {
  let bench: BotBench;
  beforeEach(async () => void (bench = await BotBench.open()));
  afterEach(() => bench.close());

  const room = async (): Promise<string> => {
    await bench.quiet();
    const [roomId] = bench.alice.invites();
    if (roomId === undefined) throw new Error("the bot has invited nobody");
    bench.alice.join(roomId);
    return roomId;
  };

  it("say everything in order, in a room that is made for it if there is none", async () => {
    const { notices, alice } = bench;
    const all = Array.from({ length: 10 }, (_, index) => `notice ${index}`);
    for (const text of all) notices.tell(alice.userId, text);
    expect(notices.isSpeaking(alice.userId)).to.equal(true);
    expect(bench.said(await room())).to.deep.equal(all);
    expect(bench.fake.rooms()).to.have.length(1);
  });

  it("edit what was said before about the same, and begin anew once that is over", async () => {
    const { notices, alice } = bench;
    notices.tell(alice.userId, "It is broken.", { about: "it" });
    const roomId = await room();
    expect(notices.hasTold("it")).to.equal(true);
    notices.tell(alice.userId, "It is mended.", { about: "it", isLast: true });
    await bench.quiet();
    expect(notices.hasTold("it")).to.equal(false);
    expect(bench.said(roomId)).to.deep.equal(["It is broken.", "* It is mended."]);
    notices.tell(alice.userId, "It is broken again.", { about: "it" });
    await bench.quiet();
    expect(bench.said(roomId).at(-1)).to.equal("It is broken again.");
  });

  it("offer reactions, which stand for commands of that user alone", async () => {
    const { notices, alice } = bench;
    notices.tell(alice.userId, "Yes?", { about: "question", answers: [["✅", "yes please"]] });
    const roomId = await room();
    const event = bench.fake.room(roomId).timeline.find(({ type }) => type === "m.room.message");
    const id = event?.event_id ?? "";
    expect(notices.commandOf(alice.userId, id, "✅")).to.equal("yes please");
    expect(notices.commandOf(alice.userId, id, "✅\uFE0F")).to.equal("yes please");
    expect(notices.commandOf(alice.userId, id, "❌")).to.equal(undefined);
    expect(notices.commandOf("@bob:localhost", id, "✅")).to.equal(undefined);
    expect(bench.fake.room(roomId).timeline.filter(({ type }) => type === "m.reaction")).to.have.length(1);
  });

  it("are said in another room where theirs is closed to the bot", async () => {
    const { notices, alice, management } = bench;
    const closed = alice.createDirectRoom(bench.bot, { preset: "private_chat" });
    await management.invited(closed, alice.userId);
    await bench.quiet();
    bench.fake.world.kick(alice.userId, closed, bench.bot);
    notices.say(alice.userId, closed, "Hello again");
    expect(bench.said(await room())).to.deep.equal(["Hello again"]);
    expect(management.ownerOf(closed)).to.equal(undefined);
  });

  it("wait for a homeserver that is away, and are said once", async () => {
    bench.fake.fail({ status: 502, times: 5, path: /createRoom|send/u });
    bench.notices.tell(bench.alice.userId, "Hello");
    expect(bench.said(await room())).to.deep.equal(["Hello"]);
    expect(bench.fake.rooms()).to.have.length(1);
  });

  it("that an earlier run may have said are looked for, and not said twice", async () => {
    const { alice } = bench;
    bench.notices.tell(alice.userId, "first");
    const roomId = await room();
    // It arrives, but the answer does not.
    const sent = /\/send\/m\.room\.message\//u;
    bench.fake.fail({ method: "PUT", path: sent, resetAfterDeed: true, times: 1000 });
    bench.notices.tell(alice.userId, "second");
    await until("it has arrived", () => bench.said(roomId).length === 2);
    bench.restart();
    bench.fake.calm();
    bench.fake.forgetTransactionIds();
    bench.notices.resume();
    await bench.quiet();
    expect(bench.said(roomId)).to.deep.equal(["first", "second"]);
  });
});
