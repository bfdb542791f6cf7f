import { expect } from "chai";
import { startBridge } from "../../src/start.ts";
import { openStore } from "../../src/store/store.ts";
import { systemClock } from "../../src/util/clock.ts";
import type { FakePerson } from "../support/fake-homeserver/person.ts";
import { MIA, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { timesOf } from "../support/calendars.ts";

const ADMIN_ROOM = "!room1:localhost";

describe("those who look after the bridge", () => {
  let bridge: TestBridge;
  let ada: FakePerson;
  let hers: string;
  let room: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    ada = bridge.fake.user("ada");
    hers = await bridge.manage(ada);
    room = await bridge.login();
  });
  afterEach(() => bridge.close());

  const ask = (text: string, answer: string): Promise<{ body: string }> => bridge.ask(hers, text, answer, ada);

  it("are the only ones who may, and who read of it in the help", async () => {
    await bridge.ask(room, "admin users", "That is only for those who look after the bridge");
    const help = await bridge.ask(room, "help", "Accounts:");
    expect(help.body).to.include("Contacts:").and.include("Chats:").and.not.include("Admin:");
    await bridge.ask(room, "help admin", "I do not know that command");
    await ask("help", "Admin:");
    await ask("help admin", "Example: admin stats");
    await ask("admin", "Say admin users | logins");
  });

  it("see who uses the bridge and how it is", async () => {
    const users = await ask("admin users", "@alice:localhost (user): sandbox/mia@example.com");
    expect(users.body).to.include("@ada:localhost (admin): no logins");
    await ask("admin logins", "@alice:localhost: mia@example.com on Sandbox: signed in since");
    const stats = await ask("admin stats", "Running since");
    expect(stats.body).to.match(
      /Logins: 1 connected\nChats: 0, of which 0 have a room\nMessages on their way: \d+ to MSN/u,
    );
  });

  it("sign somebody out, who is told", async () => {
    await ask("admin kick @nobody:localhost", "@nobody:localhost is not signed in");
    await ask("admin kick @alice:localhost", "@alice:localhost is signed out of sandbox/mia@example.com");
    await bridge.reads(bridge.alice, room, "has signed you out of MSN: sandbox/mia@example.com");
    await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    await bridge.ask(room, "reconnect", "You have logged out");
  });

  it("sign somebody out who is signing in anew, who is told nothing of a wrong password", async () => {
    bridge.sandbox.stall("logins", true);
    bridge.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await until("the redaction", () => bridge.alice.messages(room).every(({ body }) => !body.startsWith("login")));
    await ask("admin kick @alice:localhost", "@alice:localhost is signed out of sandbox/mia@example.com");
    await bridge.reads(bridge.alice, room, "the account was signed out meanwhile");
    await bridge.ask(room, "reconnect", "You have logged out");
  });

  it("leave those alone who may not use the bridge any more", async () => {
    await bridge.crash();
    const { config, registration, captured } = bridge;
    const permissions = { "@ada:localhost": "admin", "*": "block" } as const;
    const running = await startBridge({
      config: { ...config, bridge: { ...config.bridge, permissions } },
      registration,
      log: captured.log,
    });
    try {
      await running.ready;
      await ask(`admin reconnect ${MIA.passport}`, "@alice:localhost may not use this bridge any more");
      await ask("admin broadcast hello", "Nobody is signed in");
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(0);
      expect(bridge.alice.messages(room).filter(({ body }) => body.includes("was away"))).to.deep.equal([]);
    } finally {
      await running.stop();
    }
  });

  it("disconnect a login and connect it again", async () => {
    await ask("admin disconnect nobody@example.com", "There is no login nobody@example.com");
    await ask(`admin disconnect ${MIA.passport}`, "of @alice:localhost is disconnected");
    await bridge.reads(bridge.alice, room, "has disconnected mia@example.com from MSN");
    await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    await ask(`admin reconnect sandbox/${MIA.passport}`, "is being signed in");
    await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
  });

  it("tell everybody something, after having been asked", async () => {
    await ask("admin broadcast", "Say admin broadcast <text>");
    await ask("admin broadcast The server moves tonight.", "1 person will read from me: “The server moves tonight.”");
    await ask("hm", "Nothing was done");
    await ask("admin broadcast The server moves tonight.", "Say yes to go on");
    await ask("yes", "I tell it to 1 person");
    await bridge.reads(bridge.alice, room, "From those who look after this bridge: The server moves tonight.");
  });
});

describe("the room of those who run the bridge", () => {
  let bridge: TestBridge;
  let ada: FakePerson;
  beforeEach(async () => {
    bridge = await TestBridge.started({ keys: { bridge: { admin_room: ADMIN_ROOM } } });
    ada = bridge.fake.user("ada");
  });
  afterEach(() => bridge.close());

  function openRoom(encrypted = false): void {
    const encryption = { type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    const room = ada.createRoom({ preset: "private_chat", initial_state: encrypted ? [encryption] : [] });
    expect(room).to.equal(ADMIN_ROOM);
    ada.invite(room, "@bob:localhost");
    bridge.fake.user("bob").join(room);
    ada.invite(room, "@msnbot:localhost");
  }

  async function cause(): Promise<void> {
    await until("the bot", () => bridge.fake.room(ADMIN_ROOM).membership("@msnbot:localhost") === "join");
    bridge.fake.world.forceEncryption = true;
    for (const name of ["carl", "dora"]) {
      const person = bridge.fake.user(name);
      const encrypted = person.createDirectRoom("@msnbot:localhost", { encrypted: true });
      await bridge.reads(person, encrypted, "This homeserver encrypts every room");
    }
  }

  it("is told once what should be done", async () => {
    openRoom();
    await cause();
    await bridge.reads(ada, ADMIN_ROOM, "encryption_enabled_by_default_for_room_type");
    expect(ada.messages(ADMIN_ROOM).filter(({ body }) => body.includes("encryption_enabled"))).to.have.length(1);
    expect(bridge.captured.messages("error").filter((line) => line.includes("encryption_enabled"))).to.have.length(2);
  });

  it("is told nothing if it is encrypted, because the log must do", async () => {
    openRoom(true);
    await cause();
    await until("the log", () =>
      bridge.captured.messages("warn").some((line) => line.includes("admins' room is encr")),
    );
    expect(ada.messages(ADMIN_ROOM)).to.deep.equal([]);
  });

  it("is told again what it could not be told before the bot was in it", async () => {
    expect(ada.createRoom({ preset: "private_chat" })).to.equal(ADMIN_ROOM);
    bridge.fake.world.forceEncryption = true;
    const cry = async (name: string): Promise<void> => {
      const person = bridge.fake.user(name);
      const encrypted = person.createDirectRoom("@msnbot:localhost", { encrypted: true });
      await bridge.reads(person, encrypted, "This homeserver encrypts every room");
    };
    await cry("carl");
    await until("it was refused", () =>
      bridge.captured.messages("error").some((line) => line.includes("a user could not be told something")),
    );
    ada.invite(ADMIN_ROOM, "@msnbot:localhost");
    await until("the bot", () => bridge.fake.room(ADMIN_ROOM).membership("@msnbot:localhost") === "join");
    await cry("dora");
    await bridge.reads(ada, ADMIN_ROOM, "encryption_enabled_by_default_for_room_type");
  });

  it("is no admin's own chat with the bot any more, if it was one", async () => {
    await bridge.stopBridge();
    const { uri: path, key_file: keyFile } = bridge.config.database;
    const store = openStore({ path, keyFile, ...timesOf(systemClock) });
    store.managementRooms.save({ roomId: ADMIN_ROOM, owner: ada.userId });
    store.said.once(ADMIN_ROOM, "alert token");
    store.close();
    openRoom();
    bridge.fake.world.setMembership(ADMIN_ROOM, ada.userId, "@msnbot:localhost", "leave");
    bridge.fake.world.invite(ada.userId, ADMIN_ROOM, "@msnbot:localhost");
    bridge.fake.world.join("@msnbot:localhost", ADMIN_ROOM);
    await bridge.start();
    await bridge.reads(ada, ADMIN_ROOM, "The homeserver accepts this bridge's token again");
    ada.invite(ADMIN_ROOM, "@dora:localhost");
    bridge.fake.user("dora").join(ADMIN_ROOM);
    ada.say(ADMIN_ROOM, "help");
    await bridge.manage(bridge.fake.user("emil"));
    expect(bridge.fake.room(ADMIN_ROOM).membership("@msnbot:localhost")).to.equal("join");
    expect(ada.messages(ADMIN_ROOM).filter(({ sender }) => sender !== ada.userId)).to.have.length(1);
  });

  it("is entered only when an admin asks", async () => {
    const bob = bridge.fake.user("bob");
    const room = bob.createRoom({ preset: "private_chat" });
    bridge.fake.user("carl");
    bob.invite(room, "@carl:localhost");
    bridge.fake.user("carl").join(room);
    bob.invite(room, "@msnbot:localhost");
    await until("the bot has left", () => bridge.fake.room(room).membership("@msnbot:localhost") === "leave");
  });
});
