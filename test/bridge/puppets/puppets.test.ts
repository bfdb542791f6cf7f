import Sqlite from "better-sqlite3";
import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const SECRET = "secret-of-the-puppets";
const OLGA = "olga@example.com";
const keys = { double_puppet: { secrets: { localhost: `as_token:${SECRET}` } } };

describe("double puppets", () => {
  let bridge: TestBridge;
  afterEach(() => bridge.close());

  /** A bridge that may act for everybody of the homeserver, and Alice's room with the bot. */
  const start = async (): Promise<string> => {
    bridge = await TestBridge.open({ keys });
    bridge.fake.world.tokens.set(SECRET, /^@.*:localhost$/u);
    await bridge.start();
    return bridge.login(NILS, OLGA);
  };

  const roomOf = async (passport: string): Promise<string> =>
    until(`Alice in a room with ${passport}`, () =>
      bridge.alice.joinedRooms().find((id) => bridge.fake.room(id).membership(ghostOf(passport)) === "join"),
    );
  const directWith = (passport: string): unknown => bridge.alice.directChats[ghostOf(passport)];

  it("of a registration: she is in her chats by herself, and finds them among her direct ones", async () => {
    await start();
    bridge.alice.directChats = { "@bob:localhost": ["!bob"], [BOT]: ["!bot"] };
    const [nils, olga] = [bridge.sandbox.contact(NILS, "Nils"), bridge.sandbox.contact(OLGA, "Olga")];
    await Promise.all([nils.say(MIA.passport, "hello"), olga.say(MIA.passport, "hi")]);
    const [one, other] = [await roomOf(NILS), await roomOf(OLGA)];
    await until("both are direct", () => directWith(NILS) !== undefined && directWith(OLGA) !== undefined);
    expect(bridge.alice.directChats).to.deep.equal({
      "@bob:localhost": ["!bob"],
      [BOT]: ["!bot"],
      [ghostOf(NILS)]: [one],
      [ghostOf(OLGA)]: [other],
    });
    // Her joining by our hand is no message of hers.
    bridge.alice.say(one, "hello Nils");
    await until("hello Nils", () => nils.received.length === 1);
  });

  it("puts a new room in the place of one that she has left, and leaves her own entries alone", async () => {
    await start();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "hello");
    const first = await roomOf(NILS);
    await until("it is direct", () => directWith(NILS) !== undefined);
    bridge.alice.directChats = { ...bridge.alice.directChats, [ghostOf(NILS)]: [first, "!of-her-own"] };
    bridge.alice.leave(first);
    await until("the old one is gone", () => JSON.stringify(directWith(NILS)) === '["!of-her-own"]');
    await nils.say(MIA.passport, "where are you?");
    const second = await roomOf(NILS);
    await until("the new one is there", () => JSON.stringify(bridge.alice.directChats).includes(second));
    expect(directWith(NILS)).to.deep.equal(["!of-her-own", second]);
  });

  it("asks nothing after a restart when all is done, and does what is left undone", async () => {
    const bot = await start();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "hello");
    const room = await roomOf(NILS);
    await until("it is direct", () => directWith(NILS) !== undefined);
    // The bridge knows of it only once it has read the answer, which comes before this one.
    await bridge.ask(bot, "ping", "signed in");
    await bridge.stopBridge();
    bridge.fake.requests.length = 0;
    await bridge.start();
    await until("Mia can be reached", async () =>
      nils.say(MIA.passport, "again").then(
        () => true,
        () => false,
      ),
    );
    await bridge.reads(bridge.alice, room, "again");
    expect(bridge.fake.requests.filter(({ user }) => user === bridge.alice.userId)).to.deep.equal([]);

    bridge.fake.fail({ path: /account_data/u, times: 100, status: 503 });
    const olga = bridge.sandbox.contact(OLGA, "Olga");
    await olga.say(MIA.passport, "hi");
    const other = await roomOf(OLGA);
    await bridge.reads(bridge.alice, other, "hi");
    await bridge.stopBridge();
    bridge.fake.calm();
    await bridge.start();
    await until("it is direct too", () => JSON.stringify(directWith(OLGA)) === JSON.stringify([other]));
  });

  it("that is refused: she is told once, and invited as before", async () => {
    const room = await start();
    bridge.fake.world.tokens.delete(SECRET);
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "hello");
    const chat = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, chat, "hello");
    await bridge.reads(bridge.alice, room, "The homeserver does not let me act for you any more");
    const olga = bridge.sandbox.contact(OLGA, "Olga");
    await olga.say(MIA.passport, "hi");
    await bridge.reads(bridge.alice, await bridge.joinRoomOf(OLGA), "hi");
    await bridge.stopBridge();
    await bridge.start();
    await bridge.ask(room, "ping-matrix", "The homeserver does not let me act for you any more. Say login-matrix");
    const told = bridge.alice.messages(room).filter(({ body }) => body.includes("from now on you accept"));
    expect(told).to.have.length(1);
    expect(bridge.captured.messages("warn").join()).to.include("double_puppet.secrets");
    expect(JSON.stringify(bridge.captured.lines)).to.not.include(SECRET);
  });

  it("whose token was changed on the disk: she is told once, and her chats go on", async () => {
    bridge = await TestBridge.open({});
    await bridge.start();
    const room = await bridge.login();
    await bridge.ask(room, `login-matrix ${bridge.alice.newToken()}`, "Your access token works");
    await bridge.stopBridge();
    const database = new Sqlite(bridge.config.database.uri);
    database.exec("UPDATE puppet SET token = x'0203'");
    database.close();
    await bridge.start();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await until("Mia can be reached", async () =>
      nils.say(MIA.passport, "hello").then(
        () => true,
        () => false,
      ),
    );
    await bridge.reads(bridge.alice, await bridge.joinRoomOf(NILS), "hello");
    await bridge.reads(bridge.alice, room, "say login-matrix to give me a new one");
    expect(bridge.alice.messages(room).filter(({ body }) => body.includes("to give me a new one"))).to.have.length(1);
    expect(bridge.captured.messages("error").join()).to.include("the token of a user does not open");
  });

  it("leaves her to herself where the homeserver does not let her in, and goes on with the next room", async () => {
    await start();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    bridge.fake.fail({ path: /\/join$/u, method: "POST", status: 403, body: { errcode: "M_FORBIDDEN" }, times: 1 });
    await nils.say(MIA.passport, "hello");
    const chat = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, chat, "hello");
    const olga = bridge.sandbox.contact(OLGA, "Olga");
    await olga.say(MIA.passport, "hi");
    await bridge.reads(bridge.alice, await roomOf(OLGA), "hi");
  });
});
