import { createServer } from "node:http";
import { expect } from "chai";
import { FakeHomeserver } from "./fake-homeserver.ts";
import { AS_TOKEN, openHomeservers, testRegistration, type TestHomeservers } from "./homeservers.ts";
import { until } from "./until.ts";

const BOT = "@msnbot:localhost";

describe("support/fake-homeserver", () => {
  let both: TestHomeservers;

  beforeEach(async () => {
    both = await openHomeservers();
    await both.homeserver.start(new AbortController().signal);
  });

  afterEach(async () => both.close());

  const ids = (): unknown[] =>
    both.events.map((event) => new Map<string, unknown>(Object.entries(event ?? {})).get("event_id"));

  it("pushes what happens where one of ours is, echoes included, in order and under fresh ids", async () => {
    const alice = both.fake.user("alice");
    const elsewhere = alice.createRoom();
    alice.say(elsewhere, "not for us");
    const roomId = alice.createDirectRoom(BOT);
    const first = alice.say(roomId, "before the join");
    await both.homeserver.bot.join(roomId);
    const echo = await both.homeserver.bot.send(roomId, "m.room.message", "t", { msgtype: "m.notice", body: "hi" });
    alice.leave(roomId);
    await both.homeserver.bot.leave(roomId);
    alice.createRoom();
    const expected = both.fake.room(roomId).timeline.map(({ event_id: id }) => id);
    const invite = both.fake.room(roomId).stateEvent("m.room.member", BOT);
    await until("the leaves are there", () => ids().at(-1) === expected.at(-1));
    expect(ids()).to.deep.equal(expected.slice(expected.indexOf(String(ids()[0]))));
    expect(ids()).to.include.members([first, echo]);
    expect(both.events[0]).to.deep.include({ type: "m.room.member", state_key: BOT, sender: alice.userId });
    expect(invite?.content).to.deep.equal({ membership: "leave" });
    const txnIds = both.fake.transactions.map(({ txnId }) => txnId);
    expect(new Set(txnIds).size).to.equal(txnIds.length);
  });

  it("repeats a transaction until it is answered with 200, and holds what comes later", async () => {
    let answers = [500, 403, 200];
    const bodies: string[] = [];
    const appservice = createServer((request, response) => {
      bodies.push(request.url ?? "");
      response.statusCode = answers.shift() ?? 200;
      request.resume().once("end", () => response.end("{}"));
    });
    await new Promise<void>((resolve) => appservice.listen(0, "127.0.0.1", resolve));
    const address = appservice.address();
    const port = typeof address === "object" ? address?.port : undefined;
    both.fake.setAppserviceUrl(`http://127.0.0.1:${port}`);
    const alice = both.fake.user("alice");
    const roomId = alice.createDirectRoom(BOT);
    await until("it has come through", () => both.fake.transactions.at(-1)?.status === 200);
    expect(new Set(bodies)).to.have.length(1);
    expect(bodies).to.have.length(3);
    both.fake.holdTransactions(true);
    alice.say(roomId, "held");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(bodies).to.have.length(3);
    answers = [];
    both.fake.holdTransactions(false);
    await until("it has come through", () => bodies.length === 4);
    await new Promise((resolve) => {
      appservice.close(resolve);
      appservice.closeAllConnections();
    });
  });

  it("does not keep ghosts apart by transaction id, and forgets ids when told", async () => {
    const alice = both.fake.user("alice");
    const [one, two] = ["@msn_a:localhost", "@msn_b:localhost"].map((id) => both.homeserver.intent(id));
    if (one === undefined || two === undefined) throw new Error("unreachable");
    const roomId = await one.createRoom({ invite: [alice.userId, two.userId] });
    await two.join(roomId);
    const send = async (intent: typeof one): Promise<string> =>
      intent.send(roomId, "m.room.message", "t", { body: "x" });
    const first = await send(one);
    expect(await send(two)).to.equal(first);
    both.fake.forgetTransactionIds();
    expect(await send(two)).not.to.equal(first);
  });

  it("wants users registered before they act", async () => {
    const ask = async (userId: string, token = AS_TOKEN): Promise<unknown> => {
      const url = `${both.fake.url}/_matrix/client/v3/joined_rooms?user_id=${encodeURIComponent(userId)}`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return [response.status, await response.json()];
    };
    expect(await ask("@msn_x:localhost")).to.deep.equal([
      403,
      { errcode: "M_FORBIDDEN", error: "Application service has not registered this user (@msn_x:localhost)" },
    ]);
    both.fake.user("alice");
    expect(await ask("@alice:localhost")).to.have.nested.property("[0]", 403);
    expect(await ask(BOT, "wrong")).to.have.nested.property("[1].errcode", "M_UNKNOWN_TOKEN");
    expect(await ask(BOT)).to.deep.equal([200, { joined_rooms: [] }]);
  });

  it("pushes a transaction of the test's own making, as often as wanted", async () => {
    const body = { events: [{ event_id: "$odd" }] };
    expect(await both.fake.push(body, "same")).to.equal(200);
    expect(await both.fake.push(body, "same")).to.equal(200);
    expect(ids()).to.deep.equal(["$odd", "$odd"]);
    await both.homeserver.close();
    expect(await both.fake.push(body)).to.equal(0);
  });

  it("shows an invited bot that a room is encrypted, and can force encryption", async () => {
    const alice = both.fake.user("alice");
    expect(both.fake.room(alice.createDirectRoom(BOT, { encrypted: true })).encrypted).to.equal(true);
    await until("the invite is there", () => both.events.length > 0);
    expect(JSON.stringify(both.events[0])).to.contain("m.megolm.v1.aes-sha2");
    both.fake.world.forceEncryption = true;
    const made = await both.homeserver.bot.createRoom({ invite: [alice.userId] });
    expect(await both.homeserver.bot.state(made, "m.room.encryption")).to.have.property("algorithm");
    expect(alice.invites()).to.deep.equal([made]);
  });

  it("takes its time before or after a deed, tells of it, and ends its faults when told", async () => {
    const alice = both.fake.user("alice");
    const bot = both.homeserver.bot;
    const roomsAtStrike: number[] = [];
    const onStrike = (): void => void roomsAtStrike.push(both.fake.rooms().length);
    for (const when of ["before", "after"] as const) {
      both.fake.fail({ path: /createRoom$/u, times: 1, slow: { when, ms: 60_000 }, onStrike });
      let isAnswered = false;
      const making = bot.createRoom({ invite: [alice.userId] }).finally(() => (isAnswered = true));
      await until("the strike", () => roomsAtStrike.length === (when === "before" ? 1 : 2));
      // What is slow after the deed is done by now, or within a turn or two.
      await new Promise((resolve) => setTimeout(resolve, 25));
      expect(isAnswered).to.equal(false);
      expect(both.fake.rooms()).to.have.length(when === "before" ? 0 : 2);
      both.fake.calm();
      const room = await making;
      expect(alice.invites()).to.include(room);
    }
    expect(roomsAtStrike).to.deep.equal([0, 1]);
    both.fake.fail({ times: 1, status: 404 });
    both.fake.calm();
    expect(await bot.joinedRooms()).to.have.length(2);
  });

  it("stops and starts on the same port", async () => {
    const { port } = both.fake;
    await both.fake.stop();
    const again = await FakeHomeserver.start({ registration: testRegistration(), port });
    expect(again.port).to.equal(port);
    await again.stop();
    both.fake = await FakeHomeserver.start({ registration: testRegistration() });
    both.close = async () => both.homeserver.close().then(async () => both.fake.stop());
  });
});
