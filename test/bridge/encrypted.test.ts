import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const SECRET = { algorithm: "m.megolm.v1.aes-sha2", ciphertext: "x" };

describe("encrypted rooms", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  async function readable(): Promise<string> {
    const room = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
    bridge.alice.join(room);
    await bridge.reads(bridge.alice, room, "Say help");
    return room;
  }

  it("says in an encrypted chat why it cannot read it, and invites to one that it can", async () => {
    const encrypted = bridge.alice.createDirectRoom(BOT, { encrypted: true });
    await bridge.reads(bridge.alice, encrypted, "I cannot read encrypted messages");
    const room = await readable();
    expect(bridge.fake.room(room).members("join")).to.have.members([BOT, bridge.alice.userId]);
    bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await bridge.reads(bridge.alice, room, "You are signed in");
  });

  it("links to the readable chat, which has its own name, and leaves the other one once its owner is there", async () => {
    const encrypted = bridge.alice.createDirectRoom(BOT, { encrypted: true });
    const { body } = await bridge.reads(bridge.alice, encrypted, "I cannot read encrypted messages");
    const room = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
    expect(body).to.include(`https://matrix.to/#/${encodeURIComponent(room)}?via=localhost`);
    expect(bridge.fake.room(room).state("m.room.name")).to.deep.equal({ name: "MSN bridge, without encryption" });
    expect(bridge.fake.room(encrypted).membership(BOT)).to.equal("join");
    await bridge.stopBridge();
    bridge.alice.join(room);
    await bridge.start();
    await until("left", () => bridge.fake.room(encrypted).membership(BOT) === "leave");
    expect(bridge.fake.room(encrypted).state("m.room.member", BOT)?.["reason"]).to.include("leads nowhere any more");
    await bridge.ask(room, "help", "start-chat");
    // A room that is not encrypted is not left for one message that is.
    bridge.alice.send(room, "m.room.encrypted", SECRET);
    const other = await until("one more", () => bridge.alice.invites().find((id) => id !== encrypted));
    bridge.alice.join(other);
    await bridge.ask(other, "help", "start-chat");
    await bridge.ask(room, "help", "start-chat");
  });

  it("leaves the other one too when its owner is quicker than the bridge, which says its link first", async () => {
    // The homeserver is slow to say that the room is there, and everything else goes on.
    bridge.fake.fail({ method: "POST", path: /createRoom$/u, times: 1, slow: { when: "after", ms: 60_000 } });
    const encrypted = bridge.alice.createDirectRoom(BOT, { encrypted: true });
    const room = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
    bridge.alice.join(room);
    const event = { type: "m.room.message", event_id: "$last", room_id: room, sender: BOT, content: {} };
    expect(await bridge.fake.push({ events: [event] })).to.equal(200);
    bridge.fake.calm();
    await until("left", () => bridge.fake.room(encrypted).membership(BOT) === "leave");
    const link = bridge.alice.messages(encrypted).find(({ body }) => body.includes("I cannot read encrypted messages"));
    expect(link?.body).to.include(`https://matrix.to/#/${encodeURIComponent(room)}?via=localhost`);
    await bridge.ask(room, "help", "start-chat");
  });

  it("answers encrypted messages once in each room, never with silence", async () => {
    const management = await bridge.manage();
    bridge.alice.send(management, "m.room.encrypted", SECRET);
    await bridge.reads(bridge.alice, management, "I cannot read encrypted messages");
    await readable();
    bridge.alice.send(management, "m.room.encrypted", SECRET);
    bridge.alice.say(management, "help");
    await bridge.reads(bridge.alice, management, "start-chat");
    const said = bridge.alice.messages(management).filter(({ body }) => body.includes("cannot read encrypted"));
    expect(said).to.have.length(1);
    expect(bridge.fake.rooms()).to.have.length(2);
  });

  it("tells people and the operator what to change when the homeserver encrypts every room", async () => {
    const management = await bridge.login();
    bridge.fake.world.forceEncryption = true;
    bridge.alice.say(management, `start-chat ${NILS}`);
    await bridge.reads(bridge.alice, management, "encryption_enabled_by_default_for_room_type: off");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "This homeserver encrypts every room");
    expect(bridge.captured.messages("error").join()).to.include(
      "set encryption_enabled_by_default_for_room_type to off",
    );
    expect(bridge.alice.messages(management).some(({ body }) => body.includes("I invited you"))).to.equal(false);
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "you can still read me");
    expect((await bridge.reads(bridge.alice, room, "still read me")).sender).to.equal(ghostOf(NILS));
  });
});
