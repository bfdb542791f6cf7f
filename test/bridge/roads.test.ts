import { expect } from "chai";
import { BOT, ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

for (const [msn, words] of NETWORKS) {
  describe(`the two roads, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    beforeEach(async () => void (bridge = await TestBridge.started({ msn })));
    afterEach(() => bridge.close());

    it("carries the first words of a contact into a room of the two", async () => {
      await bridge.login();
      await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "Hey Mia, grüß dich 🙂\nhow are you?");
      const room = await bridge.joinRoomOf(NILS);
      const message = await bridge.reads(bridge.alice, room, "Hey Mia");
      expect(message).to.deep.include({ sender: ghostOf(NILS), body: "Hey Mia, grüß dich 🙂\nhow are you?" });
      expect(message.content).to.include({ msgtype: "m.text" });
      expect(bridge.fake.room(room).members("join")).to.have.members([ghostOf(NILS), bridge.alice.userId]);
      expect(bridge.fake.world.displayNames.get(ghostOf(NILS))).to.equal("Nils");
      const creation = bridge.fake.requests.find(({ path }) => path.endsWith("/createRoom"));
      expect(creation?.user).to.equal(ghostOf(NILS));
      expect(creation?.body).to.deep.include({
        is_direct: true,
        preset: "private_chat",
        invite: [bridge.alice.userId],
      });
      expect(creation?.body["creation_content"]).to.include({ "m.federate": true });
      expect(creation?.body["power_level_content_override"])
        .to.include({ invite: 100 })
        .and.not.to.have.property("users");
    });

    it("carries an answer back, and says with a receipt that it arrived", async () => {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      const eventId = bridge.alice.say(room, "hello Nils 🦊\nü");
      await until("the answer", () => nils.received.find(({ text }) => text === "hello Nils 🦊\nü"));
      await until("a receipt of the ghost", () =>
        bridge.fake.requests.some(
          ({ user, path }) =>
            user === ghostOf(NILS) && path.includes("/receipt/m.read/") && path.endsWith(encodeURIComponent(eventId)),
        ),
      );
      expect(bridge.alice.messages(room)).to.have.length(2);
    });

    it("carries what is written into a room before the bridge knows that it was made", async () => {
      await bridge.login();
      bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, resetAfterDeed: true, times: 1 });
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      for (const text of ["one", "two"]) bridge.alice.say(room, text);
      await bridge.reads(bridge.alice, room, "hello");
      bridge.alice.say(room, "three");
      await until("all three", () => nils.received.length === 3);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["one", "two", "three"]);
    });

    it("opens a chat when asked, once", async () => {
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.alice.say(management, `start-chat ${NILS.toUpperCase()}`);
      await bridge.reads(bridge.alice, management, "I invited you");
      const room = await bridge.joinRoomOf(NILS);
      bridge.alice.say(management, `!MSN start-chat <${NILS}>`);
      expect((await bridge.reads(bridge.alice, management, "already have")).body).to.include(encodeURIComponent(room));
      bridge.alice.say(room, "hi");
      await until("hi", () => nils.received.length === 1);
      await nils.say(MIA.passport, "back to you");
      await bridge.reads(bridge.alice, room, "back to you");
      expect(bridge.fake.rooms()).to.have.length(2);
    });

    it("splits a long message and loses nothing of it", async () => {
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.alice.say(management, `start-chat ${NILS}`);
      const room = await bridge.joinRoomOf(NILS);
      const text = "grüß dich, 🦊 ".repeat(800);
      bridge.alice.say(room, text);
      await until("all parts", () => nils.received.map((part) => part.text).join("") === text);
      expect(nils.received.length).to.be.greaterThan(5);
    });

    it("tells what could not be delivered, in reply to it", async () => {
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      nils.signOut();
      bridge.alice.say(management, `start-chat ${NILS}`);
      const room = await bridge.joinRoomOf(NILS);
      const eventId = bridge.alice.say(room, "are you there?");
      const notice = await bridge.reads(bridge.alice, room, "was not delivered");
      expect(notice.sender).to.equal(ghostOf(NILS));
      expect(notice.body).to.match(/offline.*React to it with 🔁/u);
      expect(notice.content).to.deep.include({
        msgtype: "m.notice",
        "m.relates_to": { "m.in_reply_to": { event_id: eventId } },
      });
      nils.signIn();
      bridge.alice.say(room, "again");
      await until("again", () => nils.received.some(({ text }) => text === "again"));
    });

    it("tells what cannot cross yet, and stays silent on what nobody expects to", async () => {
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.alice.say(management, `start-chat ${NILS}`);
      const room = await bridge.joinRoomOf(NILS);
      bridge.alice.send(room, "m.room.message", { msgtype: "m.notice", body: "beep" });
      bridge.alice.send(room, "m.reaction", {
        "m.relates_to": { rel_type: "m.annotation", event_id: "$x", key: "👍" },
      });
      bridge.alice.send(room, "m.room.message", { msgtype: "x.hologram", body: { cat: 1 } });
      await bridge.reads(bridge.alice, room, "carries only text and files");
      bridge.alice.send(room, "m.room.encrypted", { algorithm: "m.megolm.v1.aes-sha2", ciphertext: "x" });
      await bridge.reads(bridge.alice, room, "cannot read encrypted");
      bridge.alice.send(room, "m.room.encrypted", { algorithm: "m.megolm.v1.aes-sha2", ciphertext: "y" });
      bridge.alice.say(room, "!msn help");
      await bridge.reads(bridge.alice, room, "start-chat <e-mail>");
      bridge.alice.say(room, "text");
      await until("the text", () => nils.received.length > 0);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["text"]);
      expect(bridge.alice.messages(room).filter(({ sender }) => sender === ghostOf(NILS))).to.have.length(3);
    });

    it("takes a command that is said as an answer for a command", async () => {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      const hello = await bridge.reads(bridge.alice, room, "hello");
      bridge.alice.send(room, "m.room.message", {
        msgtype: "m.text",
        body: `> <${hello.sender}> hello\n\n!msn help cancel`,
        "m.relates_to": { "m.in_reply_to": { event_id: hello.eventId } },
      });
      await bridge.reads(bridge.alice, room, "cancel");
      bridge.alice.say(room, "the end");
      await until("the end", () => nils.received.some(({ text }) => text === "the end"));
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["the end"]);
    });

    it("carries only what the owner says", async () => {
      const management = await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.alice.say(management, `start-chat ${NILS}`);
      const room = await bridge.joinRoomOf(NILS);
      const content = { msgtype: "m.text", body: "let me in" };
      const event = { event_id: "$bob", room_id: room, sender: "@bob:localhost", type: "m.room.message", content };
      expect(await bridge.fake.push({ events: [event] })).to.equal(200);
      bridge.alice.say(room, "from the owner");
      await until("the owner's words", () => nils.received.length > 0);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(["from the owner"]);
    });

    it("tells a ghost's new name to Matrix", async () => {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.sandbox.befriend(MIA.passport, NILS, true);
      await nils.say(MIA.passport, "hello");
      await bridge.joinRoomOf(NILS);
      await bridge.stopBridge();
      nils.rename("Nils\r\n(away)");
      await bridge.start();
      await until("the name", () => bridge.fake.world.displayNames.get(ghostOf(NILS)) === "Nils (away)");
    });

    it("lets two people of the bridge talk to each other through MSN, without an echo", async () => {
      await bridge.login();
      const bob = bridge.fake.user("bob");
      bridge.sandbox.addAccount({ passport: "bob@example.com", password: "x", name: "Bob" });
      const room = await bridge.manage(bob);
      bob.say(room, "login sandbox bob@example.com x");
      await bridge.reads(bob, room, "You are signed in");
      bob.say(room, `start-chat ${MIA.passport}`);
      const [theirs, count] = [await bridge.joinRoomOf(MIA.passport, bob), 5];
      for (let turn = 0; turn < count; turn += 1) bob.say(theirs, `ping ${turn}`);
      const hers = await bridge.joinRoomOf("bob@example.com");
      await bridge.reads(bridge.alice, hers, `ping ${count - 1}`);
      bridge.alice.say(hers, "pong");
      await bridge.reads(bob, theirs, "pong");
      expect(bob.messages(theirs)).to.have.length(count + 1);
      expect(bridge.alice.messages(hers)).to.have.length(count + 1);
      expect(bridge.fake.rooms().filter((one) => one.membership(BOT) === undefined)).to.have.length(2);
    });
  });
}

describe("the two roads, when the server closes idle boards", () => {
  it("goes on with a new board, whoever speaks first", async () => {
    const bridge = await TestBridge.started({ msn: "official", idleBoardMs: 500 });
    try {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      for (const turn of [1, 2]) {
        await until("no board", () => bridge.sandbox.boards() === 0);
        bridge.alice.say(room, `from matrix ${turn}`);
        await until("her words", () => nils.received.length === turn);
        await until("no board", () => bridge.sandbox.boards() === 0);
        await nils.say(MIA.passport, `from msn ${turn}`);
        await bridge.reads(bridge.alice, room, `from msn ${turn}`);
      }
      expect(bridge.alice.messages(room).filter(({ body }) => body.includes("delivered"))).to.deep.equal([]);
    } finally {
      await bridge.close();
    }
  });
});
