import { expect } from "chai";
import { COMMANDS } from "../../src/commands/index.ts";
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
    for (const text of ["help", "!msn help", "!MSN HELP", "  Help  ", "!help", "/help", "?"]) {
      const before = bridge.alice.messages(room).length;
      bridge.alice.say(room, text);
      const answer = await until("an answer", () => bridge.alice.messages(room)[before + 1]);
      expect(answer.body).to.include("start-chat <e-mail>").and.include("logout");
    }
  });

  it("answers every command whatever follows it, and breaks over none of it", async () => {
    const room = await bridge.login();
    const garbage = ` \u202e'"\u0000 <b>🙂 __proto__ ${NILS} constructor ${"x@".repeat(500)}`;
    for (const { name } of COMMANDS) await bridge.ask(room, `${name}${garbage}`, "");
    expect(bridge.captured.messages("error")).to.deep.equal([]);
  });

  it("answers every mistake with a sentence that says what to do", async () => {
    const room = await bridge.manage();
    const cases: Array<[text: string, answer: string]> = [
      ["lgin", "Did you mean login?"],
      ["xyzzyxyzzy", "I do not know that command. Say help"],
      ["help xyzzyxyzzy", "I do not know that command. Say help"],
      ["cancel", "There is nothing to cancel"],
      ["status", "You are not logged in. Say login"],
      ["contacts", "You are not logged in. Say login"],
      ["help login", "signs you in"],
      ["ping", "You are not logged in. Say login"],
      ["logout", "You are not logged in. Say login"],
      ["start-chat a@b.c", "You are not logged in. Say login"],
      ["login a@b.c x", "There are: sandbox, nowhere"],
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
          .slice(before)
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
    await bridge.reads(bob, room, "already in use on this bridge, by another user");
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

  it("refuses people without permission and chats of many, with a reason", async () => {
    const eve = bridge.fake.user("eve");
    const hers = eve.createDirectRoom(BOT);
    await until("declined", () => bridge.fake.room(hers).membership(BOT) === "leave");
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

  describe("that asks", () => {
    async function ask(room: string, text: string, answer: string): Promise<void> {
      const before = bridge.alice.messages(room).length;
      bridge.alice.say(room, text);
      await until(`"${answer}" after "${text}"`, () =>
        bridge.alice
          .messages(room)
          .slice(before)
          .some(({ sender, body }) => sender === BOT && body.includes(answer)),
      );
    }

    it("asks for server, address and password, one at a time, and removes the password", async () => {
      const room = await bridge.manage();
      await ask(room, "login", "Which server is your account on? There are: sandbox, nowhere.");
      await ask(room, "somewhere", "There is no such server");
      await ask(room, "Sandbox", "Which e-mail address is your account on Sandbox?");
      await ask(room, "mia", "is not an e-mail address");
      await ask(room, MIA.passport, `What is the password of ${MIA.passport}?`);
      await ask(room, MIA.password, "You are signed in to Sandbox");
      expect(bridge.alice.messages(room).some(({ body }) => body.includes(MIA.password))).to.equal(false);
      await ask(room, "help", "start-chat");
    });

    it("takes what follows a failed login as a command, not as another password", async () => {
      const room = await bridge.manage();
      await ask(room, `login sandbox ${MIA.passport}`, "What is the password");
      await ask(room, "wrong", "refused the e-mail address or the password");
      await ask(room, "help", "start-chat");
    });

    it("never repeats a word that may be a password", async () => {
      const room = await bridge.manage();
      await ask(room, `login sandbox ${MIA.passport}`, "What is the password");
      await ask(room, "cancel", "Cancelled.");
      await ask(room, "my-very-secret-word", "I do not know that command");
      const said = bridge.alice.messages(room).filter(({ sender }) => sender === BOT);
      expect(said.some(({ body }) => body.includes("very-secret"))).to.equal(false);
    });

    it("cancels at once, also while the network is slow, and undoes what was begun", async () => {
      const room = await bridge.manage();
      bridge.sandbox.stall("logins", true);
      bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      await until("the redaction", () => bridge.alice.messages(room).every(({ body }) => !body.startsWith("login")));
      const start = Date.now();
      await ask(room, "!msn CANCEL", "Cancelled.");
      expect(Date.now() - start, "the client's own patience, 30 s, had nothing to do with it").to.be.lessThan(25_000);
      bridge.sandbox.stall("logins", false);
      await ask(room, "status", "You are not logged in");
      await ask(room, `login sandbox ${MIA.passport} ${MIA.password}`, "You are signed in");
    });

    it("knows that something waits when it is told to cancel, and removes the password in it", async () => {
      const room = await bridge.login();
      bridge.fake.holdTransactions(true);
      bridge.alice.say(room, "logout");
      bridge.alice.say(room, `login sandbox ${MIA.passport} planted`);
      bridge.alice.say(room, "cancel");
      bridge.fake.holdTransactions(false);
      await bridge.reads(bridge.alice, room, "Cancelled.");
      await until("removed", () => bridge.alice.messages(room).every(({ body }) => !body.includes("planted")));
      expect(bridge.alice.messages(room).some(({ body }) => body.includes("nothing to cancel"))).to.equal(false);
    });

    it("signs in anew with another password, and again with the one it keeps", async () => {
      const room = await bridge.login();
      await ask(room, "relogin", `What is the password of ${MIA.passport}?`);
      await ask(room, MIA.password, "You are signed in");
      bridge.sandbox.contact(MIA.passport);
      await bridge.reads(bridge.alice, room, "Say reconnect to take over");
      await ask(room, "status", "Say reconnect or login");
      await ask(room, "reconnect", "I sign you in");
      await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
      await until("connected", () => {
        bridge.alice.say(room, "status");
        return bridge.alice.messages(room).some(({ body }) => /last heard \d+ s ago/u.test(body));
      });
      await ask(room, "logout", "signed out of Sandbox");
      await ask(room, "reconnect", "You have logged out. Say login");
    });

    it("lists contacts with their states", async () => {
      bridge.sandbox.contact(NILS, "Nils").setStatus("BSY");
      bridge.sandbox.contact("olga@example.com", "Olga P").signOut();
      for (const contact of [NILS, "olga@example.com"]) bridge.sandbox.befriend(MIA.passport, contact, true);
      const room = await bridge.login();
      bridge.alice.say(room, "contacts");
      const list = await bridge.reads(bridge.alice, room, "2 contacts");
      expect(list.body.split("\n").slice(1)).to.deep.equal([
        `Nils (${NILS}): busy`,
        "Olga P (olga@example.com): offline",
      ]);
      await ask(room, "contacts olga", "1 of 2 contacts");
      await ask(room, "contacts BUSY", "1 of 2 contacts");
      await ask(room, "status", "1 of 2 contacts are online");
    });
  });
});
