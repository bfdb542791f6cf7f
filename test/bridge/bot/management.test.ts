import { expect } from "chai";
import { secretMark } from "../../../src/bridge/bot/secret-mark.ts";
import { BotBench } from "../../support/bot-bench.ts";

describe("bridge/bot/management", () => {
  let bench: BotBench;
  beforeEach(async () => void (bench = await BotBench.open()));
  afterEach(() => bench.close());

  const membership = (roomId: string): string | undefined => bench.fake.room(roomId).membership(bench.bot);
  const invite = async (roomId: string): Promise<void> => bench.management.invited(roomId, bench.alice.userId);

  it("enters the direct chat of a user, and greets there once", async () => {
    const roomId = bench.alice.createDirectRoom(bench.bot);
    await invite(roomId);
    await invite(roomId);
    await bench.quiet();
    expect(membership(roomId)).to.equal("join");
    expect(bench.management.ownerOf(roomId)).to.equal(bench.alice.userId);
    expect(bench.said(roomId)).to.have.length(1);
    expect(bench.said(roomId)[0]).to.include("Say help");
  });

  it("leaves the invitation of one who may not use the bridge, without a word of the bridge", async () => {
    bench.levels.set(bench.alice.userId, "block");
    const roomId = bench.alice.createDirectRoom(bench.bot);
    await invite(roomId);
    expect(membership(roomId)).to.equal("leave");
    expect(bench.management.ownerOf(roomId)).to.equal(undefined);
    expect(bench.said(roomId)).to.deep.equal([]);
  });

  it("leaves a room with others, those who are only invited included", async () => {
    const roomId = bench.alice.createDirectRoom(bench.bot);
    bench.alice.invite(roomId, "@bob:localhost");
    await invite(roomId);
    expect(membership(roomId)).to.equal("leave");
    expect(bench.said(roomId)).to.deep.equal(["I talk to one person at a time: invite me to a direct chat."]);
  });

  it("takes back what may be a password before it leaves a room into which somebody else has come", async () => {
    const roomId = bench.alice.createDirectRoom(bench.bot, { preset: "trusted_private_chat" });
    await invite(roomId);
    await bench.quiet();
    secretMark(bench.store.said, roomId).set(true);
    bench.notices.say(bench.alice.userId, roomId, "Which password?");
    await bench.quiet();
    bench.alice.say(roomId, "hunter2");
    bench.alice.invite(roomId, "@bob:localhost");
    expect(bench.management.callOff(roomId)).to.equal(true);
    expect(bench.management.callOff(roomId)).to.equal(false);
    await bench.management.crowded(roomId);
    expect(membership(roomId)).to.equal("leave");
    expect(bench.alice.messages(roomId).some(({ body }) => body === "hunter2")).to.equal(false);
    expect(bench.said(roomId).at(-1)).to.include("Do not type your password");
    expect(secretMark(bench.store.said, roomId).isSet).to.equal(false);
  });

  it("invites from an encrypted chat to one that it can read, once, and leaves the first when the user has come", async () => {
    const encrypted = bench.alice.createDirectRoom(bench.bot, { encrypted: true });
    await invite(encrypted);
    await bench.management.unreadable(encrypted, bench.alice.userId);
    await bench.quiet();
    const [readable, ...others] = bench.alice.invites();
    expect(others).to.deep.equal([]);
    if (readable === undefined) throw new Error("there is no other room");
    expect(bench.said(encrypted).join("\n")).to.include("I cannot read encrypted messages");
    expect(bench.management.ownerOf(readable)).to.equal(bench.alice.userId);
    bench.alice.join(readable);
    expect(bench.management.isReplacement(readable)).to.equal(true);
    await bench.management.came(readable);
    expect([membership(encrypted), membership(readable)]).to.deep.equal(["leave", "join"]);
    expect(bench.management.ownerOf(encrypted)).to.equal(undefined);
  });

  it("follows an upgrade only into a room that says itself what it replaces", async () => {
    const { alice, management } = bench;
    const from = alice.createDirectRoom(bench.bot);
    await invite(from);
    const stranger = alice.createDirectRoom(bench.bot);
    await management.follow(from, stranger, alice.userId);
    expect(management.ownerOf(from)).to.equal(alice.userId);
    const predecessor = { room_id: from, event_id: "$x" };
    const to = alice.createRoom({ invite: [bench.bot], creation_content: { predecessor } });
    await management.follow(from, to, alice.userId);
    expect([management.ownerOf(from), management.ownerOf(to)]).to.deep.equal([undefined, alice.userId]);
  });

  it("leaves a room that its owner has left", async () => {
    const roomId = bench.alice.createDirectRoom(bench.bot);
    await invite(roomId);
    bench.alice.leave(roomId);
    await bench.management.lost(roomId);
    expect(membership(roomId)).to.equal("leave");
    expect(bench.management.ownerOf(roomId)).to.equal(undefined);
  });

  it("enters the room of the admins when one of them asks, and takes it for nobody's own", async () => {
    const { alice, levels } = bench;
    const roomId = alice.createRoom({ preset: "private_chat", invite: [bench.bot, "@bob:localhost"] });
    bench.rooms.save(roomId, alice.userId);
    bench.restart(roomId);
    expect(bench.management.ownerOf(roomId)).to.equal(undefined);
    levels.set(alice.userId, "admin");
    await invite(roomId);
    expect(membership(roomId)).to.equal("join");
  });
});
