import { expect } from "chai";
import { BOT, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("talking to the bot", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  it("greets in a direct chat and understands commands with and without the prefix, in any case", async () => {
    const room = await bridge.manage();
    const greeting = bridge.alice.messages(room)[0];
    expect(greeting?.body.split("\n")).to.have.length(3);
    expect(greeting?.content).to.include({ msgtype: "m.notice" });
    for (const text of ["help", "!msn help", "!MSN HELP", "  Help  "]) {
      const before = bridge.alice.messages(room).length;
      bridge.alice.say(room, text);
      const answer = await until("an answer", () => bridge.alice.messages(room)[before + 1]);
      expect(answer.body).to.include("start-chat <e-mail>").and.include("logout");
    }
  });

  it("answers every mistake with a sentence that says what to do", async () => {
    const room = await bridge.manage();
    const cases: Array<[text: string, answer: string]> = [
      ["lgin", "Did you mean login?"],
      ["xyzzy", 'I do not know the command "xyzzy"'],
      ["help xyzzy", 'I do not know the command "xyzzy"'],
      ["help login", "signs you in"],
      ["ping", "You are not logged in. Say login"],
      ["logout", "You are not logged in. Say login"],
      ["start-chat a@b.c", "You are not logged in. Say login"],
      ["login", "Say which server you mean"],
      ["login a@b.c x", "There are: sandbox, nowhere"],
      ["login sandbox", "Say login <e-mail> <password>"],
      ["login sandbox a@b.c", "Say login <e-mail> <password>"],
      ["login sandbox nonsense pass", "is not an e-mail address"],
      [`login sandbox ${MIA.passport} wrong`, "Sandbox refused the e-mail address or the password"],
      ["login sandbox MIA@example.com whatever", "capital letters included"],
      [`login nowhere ${MIA.passport} x`, "Nowhere cannot be reached right now"],
    ];
    for (const [text, answer] of cases) {
      const before = bridge.alice.messages(room).length;
      bridge.alice.say(room, text);
      await until(`an answer to ${text}`, () =>
        bridge.alice
          .messages(room)
          .slice(before - 1)
          .some(({ sender, body }) => sender === BOT && body.includes(answer)),
      );
    }
  });

  it("tells how a login is, and logs out for good but keeps the rooms", async () => {
    const room = await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    bridge.alice.say(room, "ping");
    expect((await bridge.reads(bridge.alice, room, "answered in")).body).to.match(
      /mia@example.com on Sandbox: signed in since 20.* \d+ ms\./u,
    );
    bridge.alice.say(room, `start-chat ${NILS}`);
    const portal = await bridge.joinRoomOf(NILS);
    bridge.alice.say(room, "logout");
    await bridge.reads(bridge.alice, room, "signed out of Sandbox");
    await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    bridge.alice.say(portal, "hello?");
    await bridge.reads(bridge.alice, portal, "you are signed out of MSN. Log in again");
    bridge.alice.say(room, "ping");
    await bridge.reads(bridge.alice, room, "logged out. Say login");
    await bridge.stopBridge();
    await bridge.start();
    bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
    bridge.alice.say(portal, "hello again");
    await until("the same room works", () => nils.received.some(({ text }) => text === "hello again"));
    expect(nils.received).to.have.length(1);
  });

  it("does not let a wrong password end a login that works", async () => {
    const room = await bridge.login();
    bridge.alice.say(room, `login sandbox ${MIA.passport} wrong`);
    await bridge.reads(bridge.alice, room, "refused the e-mail");
    await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
  });

  it("does not let two people be the same account", async () => {
    await bridge.login();
    const bob = bridge.fake.user("bob");
    const room = await bridge.manage(bob);
    bob.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await bridge.reads(bob, room, "signed in by somebody else on this bridge");
    expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
  });

  it("says once when the account signs in elsewhere, and does not fight for it", async () => {
    const room = await bridge.login();
    bridge.sandbox.contact(MIA.passport);
    await bridge.reads(bridge.alice, room, "signed in to Sandbox somewhere else");
    bridge.alice.say(room, "ping");
    await bridge.reads(bridge.alice, room, "signed out (the account signed in somewhere else)");
    expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
  });

  it("refuses people without permission, chats of many and encrypted rooms, with a reason", async () => {
    const eve = bridge.fake.user("eve");
    const hers = eve.createDirectRoom(BOT);
    await until("declined", () => bridge.fake.room(hers).membership(BOT) === "leave");
    const encrypted = bridge.alice.createDirectRoom(BOT, { encrypted: true });
    await bridge.reads(bridge.alice, encrypted, "cannot read encrypted rooms");
    await until("left", () => bridge.fake.room(encrypted).membership(BOT) === "leave");
    const crowd = bridge.alice.createRoom({ preset: "private_chat", invite: ["@bob:localhost"] });
    bridge.fake.user("bob").join(crowd);
    bridge.alice.invite(crowd, BOT);
    await bridge.reads(bridge.alice, crowd, "one person at a time");
    await until("left", () => bridge.fake.room(crowd).membership(BOT) === "leave");
    bridge.alice.invite(crowd, "@msn_sandbox_nils=40example.com:localhost");
    await until(
      "left",
      () => bridge.fake.room(crowd).membership("@msn_sandbox_nils=40example.com:localhost") === "leave",
    );
  });
});
