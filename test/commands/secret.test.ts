import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const BOB = "@bob:localhost";

describe("commands/secret", () => {
  let bridge: TestBridge;
  let room: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    room = await bridge.manage();
  });
  afterEach(() => bridge.close());

  /** What can still be read in a room, edits included. */
  const readable = (id = room): string => JSON.stringify(bridge.fake.room(id).timeline);

  describe("where it is asked for", () => {
    for (const [command, kind] of [
      ["login", "password"],
      ["login sandbox", "password"],
      [`login sandbox ${MIA.passport}`, "password"],
      ["login-matrix", "access token"],
    ] as const) {
      it(`is not a room into which somebody else is invited: ${command}`, async () => {
        bridge.alice.invite(room, BOB);
        bridge.alice.say(room, command);
        const other = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
        bridge.alice.join(other);
        const answer = await bridge.reads(bridge.alice, other, "Somebody else is in this room or invited to it");
        expect(answer.body).to.include(kind);
        expect(answer.content).to.not.have.property("m.relates_to");
        expect(bridge.fake.room(other).members("join")).to.have.members([BOT, bridge.alice.userId]);
      });
    }

    it("is asked of the homeserver at that moment: whoever has declined does not count any more", async () => {
      bridge.alice.invite(room, BOB);
      bridge.fake.user("bob").leave(room);
      await bridge.ask(room, "login", "Which server");
    });

    for (const [how, texts] of [
      ["the server", ["login"]],
      ["the address", ["login sandbox"]],
      ["the password", [`login sandbox ${MIA.passport}`]],
      ["the password once more", [`login sandbox ${MIA.passport} planted-wrong`]],
      ["a token", ["login-matrix"]],
    ] as const) {
      it(`ends with a warning when somebody is invited: ${how}`, async () => {
        for (const text of texts) await bridge.ask(room, text, "?");
        bridge.alice.invite(room, BOB);
        await bridge.reads(bridge.alice, room, "Do not type your password or token in this room");
        bridge.alice.say(room, `${MIA.passport} planted-late`);
        await until("removed", () => !readable().includes("planted-late"));
        expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
      });
    }

    it("ends with a warning when somebody joins, and what was said meanwhile is removed before the bot leaves", async () => {
      await bridge.ask(room, `login sandbox ${MIA.passport}`, "What is the password");
      bridge.fake.holdTransactions(true);
      bridge.alice.invite(room, BOB);
      bridge.fake.user("bob").join(room);
      bridge.alice.say(room, MIA.password);
      bridge.fake.holdTransactions(false);
      await until("left", () => bridge.fake.room(room).membership(BOT) === "leave");
      await bridge.reads(bridge.alice, room, "Do not type your password or token in this room");
      expect(readable()).to.not.include(MIA.password);
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
    });

    it("says no notice in a room that is not private any more", async () => {
      bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      await bridge.reads(bridge.alice, room, "You are signed in");
      bridge.alice.invite(room, BOB);
      const before = bridge.alice.messages(room).length;
      bridge.sandbox.contact(MIA.passport);
      const other = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
      bridge.alice.join(other);
      await bridge.reads(bridge.alice, other, "somewhere else");
      expect(bridge.alice.messages(room).slice(before)).to.deep.equal([]);
    });
  });

  describe("where it is said", () => {
    it("in a room with others is removed and not used, and the person is told to change it", async () => {
      bridge.alice.invite(room, BOB);
      bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      const other = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
      bridge.alice.join(other);
      await bridge.reads(bridge.alice, other, "They may have read your password: change it.");
      expect(readable()).to.not.include(MIA.password);
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
      await bridge.ask(other, `login sandbox ${MIA.passport} ${MIA.password}`, "You are signed in");
    });

    it("in a chat with a contact, or another room with the bot, it is removed and not used", async () => {
      await bridge.ask(room, `login sandbox ${MIA.passport} ${MIA.password}`, "You are signed in");
      await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
      const chat = await bridge.joinRoomOf(NILS);
      for (const said of ["login sandbox eva@example.com planted", "login-matrix planted", "password planted"]) {
        bridge.alice.say(chat, `!msn ${said}`);
        await until(`removed: ${said}`, () => !readable(chat).includes("planted"));
      }
      await bridge.reads(bridge.alice, chat, "Say that in your chat with me");
      await bridge.ask(room, "password", "What is the password");
      const other = await bridge.manage();
      for (const [place, said] of [
        [other, "planted"],
        [chat, "!msn planted"],
      ] as const) {
        bridge.alice.say(place, said);
        await bridge.reads(bridge.alice, place, "that I asked for in another room, say it there");
        expect(readable(place)).to.not.include("planted");
      }
      await bridge.ask(room, MIA.password, "You are signed in");
      expect(bridge.fake.room(chat).membership(ghostOf(NILS))).to.equal("join");
    });
  });

  describe("what is taken for it", () => {
    for (const said of [
      `${MIA.passport} ${MIA.password}`,
      `  ${MIA.passport}\n${MIA.password}  `,
      `mailto:${MIA.passport}, ${MIA.password}`,
      `${MIA.passport}:${MIA.password}`,
      `${MIA.passport}=${MIA.password}`,
      `<${MIA.passport}> ${MIA.password}`,
      `"${MIA.passport}": ${MIA.password}`,
      `${MIA.passport}>${MIA.password}`,
      `login ${MIA.passport} ${MIA.password}`,
      `sandbox ${MIA.passport} ${MIA.password}`,
      `login sandbox ${MIA.passport} ${MIA.password}`,
    ]) {
      it(`address and password where the address is asked: ${JSON.stringify(said)}`, async () => {
        await bridge.ask(room, "login sandbox", "Which e-mail address");
        await bridge.ask(room, said, "You are signed in to Sandbox");
        expect(readable()).to.not.include(JSON.stringify(MIA.password).slice(1, -1));
      });
    }

    it("a password with an @ in it right behind the address", async () => {
      await bridge.ask(
        room,
        `login sandbox ${MIA.passport}:p@ss hunter2`,
        "refused the e-mail address or the password",
      );
      expect(readable()).to.not.include("hunter2");
    });

    for (const said of ["hunter2", "my hunter2", "mia hunter2", "nowhere hunter2"]) {
      it(`where the address is asked, also what is none is removed: ${said}`, async () => {
        await bridge.ask(room, "login sandbox", "Which e-mail address");
        await bridge.ask(room, said, "That is not an e-mail address");
        expect(readable()).to.not.include("hunter2");
        await bridge.ask(room, MIA.passport, "What is the password");
      });
    }

    for (const said of [
      `${MIA.passport} hunter2`,
      `${MIA.passport}:hunter2`,
      `lgoin ${MIA.passport}/hunter2`,
      `lgoin ${MIA.passport}=hunter2`,
      `sandbox ${MIA.passport}|hunter2`,
      "login mia hunter2",
      "login sandbox hunter2",
      "login hunter2",
    ]) {
      it(`without a question: ${said}`, async () => {
        await bridge.ask(room, said, "");
        await until("removed", () => !readable().includes("hunter2"));
      });
    }

    for (const [how, content] of [
      ["an emote", { msgtype: "m.emote", body: MIA.password }],
      ["an effect", { msgtype: "nic.custom.confetti", body: MIA.password }],
      ["a mention of the bot", { msgtype: "m.text", body: `MSN bridge bot: ${MIA.password}` }],
    ] as const) {
      it(`what is said as ${how}`, async () => {
        await bridge.ask(room, `login sandbox ${MIA.passport}`, "What is the password");
        bridge.alice.send(room, "m.room.message", content);
        await bridge.reads(bridge.alice, room, "You are signed in");
        expect(readable()).to.not.include(MIA.password);
      });
    }

    it("what is said while the bot is too busy to do it", async () => {
      bridge.sandbox.stall("logins", true);
      bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      await until("the sign-in", () => bridge.sandbox.stalledLogins === 1);
      for (let index = 0; index < 20; index += 1) bridge.alice.say(room, "status");
      for (const said of [
        `login ${MIA.passport} hunter2`,
        `${MIA.passport}:hunter2`,
        `login-matrix hunter2${"x".repeat(30)}`,
      ]) {
        await bridge.ask(room, said, "I am still busy");
        await until(`removed: ${said}`, () => !readable().includes("hunter2"));
      }
    });

    it("what is edited into an older message", async () => {
      const original = bridge.alice.say(room, "help");
      await bridge.ask(room, `login sandbox ${MIA.passport}`, "What is the password");
      bridge.alice.send(room, "m.room.message", {
        msgtype: "m.text",
        body: `* ${MIA.password}`,
        "m.new_content": { msgtype: "m.text", body: MIA.password },
        "m.relates_to": { rel_type: "m.replace", event_id: original },
      });
      await bridge.reads(bridge.alice, room, "You are signed in");
      expect(readable()).to.not.include(MIA.password);
    });

    it("after a wrong one only the password is asked again, and commands are commands", async () => {
      await bridge.ask(room, `login sandbox ${MIA.passport}`, "What is the password");
      for (const wrong of ["planted-one", "planted two words", `${MIA.passport} planted-three`]) {
        const answer = await bridge.ask(room, wrong, "refused the e-mail address or the password");
        expect(answer.body).to.include(`What is the password of ${MIA.passport}?`);
      }
      await bridge.ask(room, MIA.password, `You are signed in to Sandbox as ${MIA.passport}`);
      expect(readable()).to.not.include("planted");
      for (const [command, answer] of [
        ["status", "signed in since"],
        ["help login", "signs you in"],
        [`login sandbox ${MIA.passport} ${MIA.password}`, "You are signed in"],
      ] as const) {
        await bridge.ask(room, "password planted", "refused the e-mail address or the password");
        await bridge.ask(room, command, answer);
        await bridge.ask(room, "xyzzyxyzzy", "I do not know that command");
      }
      expect(readable()).to.not.include("planted");
      await bridge.ask(room, `password ${MIA.passport} ${MIA.password}`, "You are signed in");
    });
  });
});
