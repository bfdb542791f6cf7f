import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("in the middle of trouble", function () {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  const strange: Array<[what: string, fault: { status: number; body: object | string }]> = [
    ["404 of a proxy", { status: 404, body: "404 page not found\n" }],
    ["a page about maintenance", { status: 200, body: "<html>back soon</html>" }],
    ["401 for our token", { status: 401, body: { errcode: "M_UNKNOWN_TOKEN", error: "?" } }],
    ["403 of a proxy", { status: 403, body: "<html>" }],
  ];
  for (const [what, fault] of strange) {
    it(`keeps every message and the room while the homeserver's answer is ${what}`, async () => {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      await nils.say(MIA.passport, "one");
      const room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "one");
      const asked = (): number => bridge.fake.requests.filter(({ user }) => user === ghostOf(NILS)).length;
      const before = asked();
      bridge.fake.fail({ path: /^\/_matrix\/client\/v3\//u, times: Number.POSITIVE_INFINITY, ...fault });
      for (const text of ["two", "three"]) await nils.say(MIA.passport, text);
      await until("it was tried twice", () => asked() > before + 1);
      bridge.fake.calm();
      await nils.say(MIA.passport, "four");
      const shown = (): string[] =>
        bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
      await until("all", () => shown().includes("four"));
      expect(shown()).to.deep.equal(["one", "two", "three", "four"]);
      expect(bridge.fake.rooms()).to.have.length(2);
    });
  }

  it("answers a command however long the homeserver fails, once", async () => {
    const room = await bridge.manage();
    bridge.fake.fail({ method: "PUT", path: /\/send\/m\.room\.message\//u, status: 502, body: "<html>", times: 3 });
    bridge.alice.say(room, "help");
    await until("the answer", () => bridge.alice.messages(room).some(({ body }) => body.includes("start-chat <")));
    bridge.alice.say(room, "status");
    await bridge.reads(bridge.alice, room, "You are not logged in");
    expect(bridge.alice.messages(room).filter(({ body }) => body.includes("start-chat <"))).to.have.length(1);
  });

  it("opens a readable chat even if making it fails at first, and no second one", async () => {
    bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, resetAfterDeed: true, times: 1 });
    const encrypted = bridge.alice.createDirectRoom(BOT, { encrypted: true });
    await until("the notice", () => bridge.alice.messages(encrypted).some(({ body }) => body.includes("cannot read")));
    await until("the invitation", () => bridge.alice.invites().length === 1);
    expect(bridge.fake.rooms()).to.have.length(2);
  });

  it("makes a room to tell somebody something who has left hers", async () => {
    const room = await bridge.login();
    bridge.alice.leave(room);
    await until("left", () => bridge.fake.room(room).membership(BOT) === "leave");
    bridge.sandbox.contact(MIA.passport);
    const next = await until("an invitation by the bot", () => bridge.alice.invites()[0]);
    bridge.alice.join(next);
    await bridge.reads(bridge.alice, next, "somewhere else");
    bridge.alice.say(next, "status");
    await bridge.reads(bridge.alice, next, "Say reconnect");
  });

  it("stops making rooms for somebody who declines them, tells her, and keeps what was said until she opens one", async () => {
    const management = await bridge.login(NILS);
    const left = new Set<string>();
    const decline = (): void => {
      for (const room of bridge.alice.invites()) {
        left.add(room);
        bridge.alice.leave(room);
      }
    };
    const path = /rooms\/[^/]*\/send\//u;
    bridge.fake.fail({ method: "PUT", path, times: 2, slow: { when: "before", ms: 300 } });
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    await until("she is told", () => {
      decline();
      return bridge.alice.messages(management).some(({ body }) => body.includes("Nils wrote to you, but you left"));
    });
    expect(left.size).to.equal(2);
    // What was said meanwhile waits for her, and costs no further rooms.
    await bridge.sandbox.contact(NILS).say(MIA.passport, "hello again");
    bridge.alice.say(management, `start-chat ${NILS}`);
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello again");
    expect(bridge.alice.messages(room).map(({ body }) => body)).to.deep.equal(["hello", "hello again"]);
    expect(bridge.fake.rooms()).to.have.length(4);
  });

  it("leaves a room in which others would read passwords", async () => {
    const room = await bridge.manage();
    bridge.alice.invite(room, "@bob:localhost");
    bridge.fake.user("bob").join(room);
    await until("left", () => bridge.fake.room(room).membership(BOT) === "leave");
    await bridge.reads(bridge.alice, room, "one person at a time");
  });

  it("removes passwords from mistyped, edited and incomplete logins", async () => {
    const room = await bridge.manage();
    const texts = (): string =>
      bridge.alice
        .messages(room)
        .map(({ body }) => body)
        .join("\n");
    for (const text of [
      `login ${MIA.passport} planted-one`,
      `lgin ${MIA.passport} planted-one`,
      `login sandbox ${MIA.passport} planted-one`,
    ]) {
      bridge.alice.say(room, text);
      await until(`removed: ${text}`, () => !texts().includes("planted-one"));
    }
    const original = bridge.alice.say(room, `${MIA.passport} planted-two`);
    bridge.alice.send(room, "m.room.message", {
      msgtype: "m.text",
      body: "* login",
      "m.new_content": { msgtype: "m.text", body: `login sandbox ${MIA.passport} planted-two` },
      "m.relates_to": { rel_type: "m.replace", event_id: original },
    });
    await until("both removed", () => !texts().includes("planted-two"));
  });

  it("says what cannot be sent again any more", async () => {
    const management = await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    nils.signOut();
    bridge.alice.say(management, `start-chat ${NILS}`);
    const room = await bridge.joinRoomOf(NILS);
    bridge.alice.say(room, "one");
    await bridge.reads(bridge.alice, room, "was not delivered");
    bridge.alice.leave(room);
    await until("left", () => bridge.fake.room(room).membership(ghostOf(NILS)) === "leave");
    nils.signIn();
    await nils.say(MIA.passport, "hello");
    const next = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, next, "hello");
    bridge.alice.say(next, "!msn retry");
    await bridge.reads(bridge.alice, next, "nothing here that could be sent again");
  });

  describe("cancel", () => {
    it("counts also while the password is being removed", async () => {
      const room = await bridge.manage();
      bridge.fake.fail({ method: "PUT", path: /\/redact\//u, times: 1, slow: { when: "before", ms: 60_000 } });
      bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
      await until("the redaction is asked for", () =>
        bridge.fake.requests.some(({ path }) => path.includes("/redact/")),
      );
      bridge.alice.say(room, "cancel");
      await bridge.reads(bridge.alice, room, "Cancelled.");
      bridge.fake.calm();
      await until("it was removed", () => bridge.alice.messages(room).every(({ body }) => !body.startsWith("login")));
      bridge.alice.say(room, "status");
      await bridge.reads(bridge.alice, room, "You are not logged in");
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
    });

    it("counts for what waits, and for other commands", async () => {
      const room = await bridge.login();
      bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, times: 1, slow: { when: "before", ms: 60_000 } });
      bridge.alice.say(room, `start-chat ${NILS}`);
      bridge.alice.say(room, "logout");
      await until("it is being made", () => bridge.fake.requests.some(({ path }) => path.endsWith("/createRoom")));
      bridge.alice.say(room, "cancel");
      await bridge.reads(bridge.alice, room, "Cancelled.");
      bridge.alice.say(room, "status");
      await bridge.reads(bridge.alice, room, "signed in since");
      bridge.fake.calm();
      await until("the room", () => bridge.fake.rooms().length === 2);
      expect(bridge.alice.messages(room).some(({ body }) => body.includes("I invited you"))).to.equal(false);
    });
  });
});
