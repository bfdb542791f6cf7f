import { createServer } from "node:net";
import { expect } from "chai";
import { MatrixError } from "../../src/matrix/client/errors.ts";
import { ListenError } from "../../src/matrix/listener/listener.ts";
import { EagerClock } from "../support/eager-clock.ts";
import { FakeHomeserver } from "../support/fake-homeserver.ts";
import { AS_TOKEN, HS_TOKEN, openHomeservers, testRegistration, type TestHomeservers } from "../support/homeservers.ts";
import { rejection } from "../support/rejection.ts";
import { until } from "../support/until.ts";

const never = new AbortController().signal;

describe("matrix/homeserver", () => {
  let both: TestHomeservers;

  afterEach(async () => {
    await both.close();
    expect(both.captured.lines.join(""), "no token in the log").not.to.match(new RegExp(`${AS_TOKEN}|${HS_TOKEN}`));
  });

  it("asks who it is, registers and names the bot, and checks the way back", async () => {
    both = await openHomeservers({ botDisplayName: "MSN bridge" });
    await both.homeserver.start(never);
    expect(both.fake.requests.map(({ method, path }) => `${method} ${path.split("/").at(-1)}`)).to.deep.equal([
      "GET versions",
      "GET whoami",
      "POST register",
      "GET displayname",
      "PUT displayname",
      "POST ping",
    ]);
    expect(
      both.fake.requests.map(({ query }) => query["user_id"]),
      "the bot is the owner of the token",
    ).to.deep.equal(Array(6).fill(undefined));
    expect(both.fake.world.displayNames.get("@msnbot:localhost")).to.equal("MSN bridge");
    expect([...both.registered]).to.deep.equal(["@msnbot:localhost"]);
    expect(both.captured.messages("warn").concat(both.captured.messages("error"))).to.deep.equal([]);
  });

  it("sends nothing that it remembers to have sent", async () => {
    both = await openHomeservers({ botDisplayName: "MSN bridge" });
    both.registered.add("@msnbot:localhost");
    both.fake.user("msnbot").setDisplayName("MSN bridge");
    await both.homeserver.start(never);
    expect(both.fake.requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/ping"))).to.deep.equal(
      [],
    );
  });

  it("takes a bot that exists already for registered, and does not make an error of it", async () => {
    both = await openHomeservers();
    both.fake.user("msnbot");
    await both.homeserver.start(never);
    expect(both.registered.has("@msnbot:localhost")).to.equal(true);
    expect(both.captured.messages("error")).to.deep.equal([]);
  });

  it("says in one sentence that it waits for a homeserver that comes up later", async () => {
    const port = await freePort();
    both = await openHomeservers({ url: `http://127.0.0.1:${port}/`, clock: new EagerClock(), botDisplayName: "x" });
    const starting = both.homeserver.start(never);
    await until("it has said so", () => both.captured.messages("warn").length > 0);
    expect(both.captured.messages("warn")).to.have.length(1);
    expect(both.captured.messages("warn")[0]).to.match(/^Waiting for the homeserver at http.*ECONNREFUSED\)\.$/);
    const late = await FakeHomeserver.start({ registration: testRegistration(), port });
    late.setAppserviceUrl(`http://127.0.0.1:${both.homeserver.port}`);
    late.fail({ status: 502, body: "<html>", times: 2 });
    late.fail({ status: 404, body: "<html>", times: 1 });
    late.fail({ status: 401, body: "<html>", times: 1 });
    late.fail({ path: /whoami/, status: 200, body: "<html>", times: 1 });
    late.fail({ path: /register/, status: 503, times: 1 });
    await starting;
    expect(both.captured.messages("info").filter((line) => line === "The homeserver answers now.")).not.to.be.empty;
    await late.stop();
  });

  it("says so again when it waits for another reason", async () => {
    const port = await freePort();
    both = await openHomeservers({ url: `http://127.0.0.1:${port}`, clock: new EagerClock() });
    const starting = both.homeserver.start(never);
    await until("it waits", () => both.captured.messages("warn").length === 1);
    const late = await FakeHomeserver.start({ registration: testRegistration(), port });
    late.setAppserviceUrl(`http://127.0.0.1:${both.homeserver.port}`);
    late.fail({ status: 404, body: "<html>", times: 6 });
    await starting;
    expect(both.captured.messages("warn")).to.have.length(2);
    expect(both.captured.messages("warn")[1]).to.contain("is not one of a Matrix homeserver (404)");
    await late.stop();
  });

  it("stops waiting when it is told to", async () => {
    const port = await freePort();
    both = await openHomeservers({ url: `http://127.0.0.1:${port}`, clock: new EagerClock() });
    const stop = new AbortController();
    const starting = rejection(both.homeserver.start(stop.signal));
    await until("it waits", () => both.captured.messages("warn").length > 0);
    stop.abort();
    expect((await starting).name).to.equal("AbortError");
  });

  it("says what to do when the token is refused", async () => {
    const registration = { ...testRegistration(), as_token: "another" };
    both = await openHomeservers({ registration });
    const error = await rejection(both.homeserver.start(never));
    expect(error).to.be.instanceOf(MatrixError).with.property("code", "token-refused");
    expect(error.message).to.match(
      /^The homeserver does not know this registration's as_token\. Put registration\.yaml/,
    );
    expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.to.contain("another");
  });

  it("says what to do when the homeserver calls itself something else", async () => {
    both = await openHomeservers({ domain: "example.org" });
    const error = await rejection(both.homeserver.start(never));
    expect(error).to.be.instanceOf(MatrixError).with.property("code", "rejected");
    expect(error.message).to.contain(
      "takes this bridge for @msnbot:localhost, but it is configured to be @msnbot:example.org",
    );
  });

  it("warns when the homeserver cannot reach it, and goes on", async () => {
    both = await openHomeservers({ clock: new EagerClock(10_000) });
    both.fake.setAppserviceUrl(`http://127.0.0.1:${await freePort()}`);
    await both.homeserver.start(never);
    expect(both.captured.messages("warn")).to.have.length(1);
    expect(both.captured.messages("warn")[0]).to.contain("M_CONNECTION_FAILED: Failed to connect");
  });

  it("warns when something else answers at its address", async () => {
    both = await openHomeservers({ clock: new EagerClock(10_000) });
    both.fake.fail({ path: /ping$/, status: 200, body: { duration_ms: 1 }, times: 3 });
    await both.homeserver.start(never);
    expect(both.captured.messages("warn")[0]).to.contain("something else answers at that address");
  });

  for (const [status, body] of [
    [502, { errcode: "M_CONNECTION_FAILED", error: "Failed to connect" }],
    [502, { errcode: "M_BAD_STATUS", error: "Non-2xx status", status: 500 }],
    [504, { errcode: "M_CONNECTION_TIMEOUT", error: "Timed out" }],
    [200, { duration_ms: 1 }],
    [502, "<html>"],
  ] as const) {
    it(`asks again before it warns, after ${status} ${JSON.stringify(body)}`, async () => {
      for (const times of [1, 2]) {
        both = await openHomeservers({ clock: new EagerClock(10_000) });
        both.fake.fail({ path: /ping$/, status, body, times });
        await both.homeserver.start(never);
        expect(both.captured.messages("warn")).to.deep.equal([]);
        expect(both.fake.requests.filter(({ path }) => path.endsWith("/ping"))).to.have.length(times + 1);
        if (times === 1) await both.close();
      }
    });
  }

  for (const [what, hsToken, words] of [
    ["another hs_token", "older", "but with another hs_token than the one in registration.yaml"],
    ["one that is cut", "hs_toke", "but with another hs_token"],
    ["no hs_token", "", "without the hs_token"],
  ] as const) {
    it(`knows a refusal of its own: the homeserver calls with ${what}`, async () => {
      const registration = { ...testRegistration(), hs_token: hsToken };
      both = await openHomeservers({ clock: new EagerClock(10_000) }, { registration });
      await both.homeserver.start(never);
      expect(both.captured.messages("warn")).to.have.length(1);
      expect(both.captured.messages("warn")[0]).to.include(words).and.to.include("restart the homeserver");
      expect(both.fake.requests.filter(({ path }) => path.endsWith("/ping"))).to.have.length(1);
    });
  }

  it("takes no notice of a homeserver that cannot ping", async () => {
    both = await openHomeservers();
    for (const body of [{ errcode: "M_UNRECOGNIZED" }, "404 page not found"]) {
      both.fake.fail({ path: /ping$/, status: 404, body, times: 1 });
      await both.homeserver.start(never);
      expect(both.captured.messages("warn")).to.deep.equal([]);
    }
  });

  it("keeps going when the bot may not be renamed", async () => {
    both = await openHomeservers({ botDisplayName: "MSN" });
    both.fake.fail({ method: "PUT", path: /displayname/, status: 400, body: { errcode: "M_FORBIDDEN" }, times: 1 });
    await both.homeserver.start(never);
    expect(both.captured.messages("warn")[0]).to.match(/^The bot keeps its old name/);
  });

  it("tells which ghosts there are, and makes them exist", async () => {
    both = await openHomeservers();
    const ask = async (userId: string): Promise<number> => {
      const url = `http://127.0.0.1:${both.homeserver.port}/_matrix/app/v1/users/${encodeURIComponent(userId)}`;
      return (await fetch(url, { headers: { authorization: `Bearer ${HS_TOKEN}` } })).status;
    };
    expect(await ask("@msn_a=2bb:localhost")).to.equal(200);
    expect(both.fake.world.users.has("@msn_a=2bb:localhost")).to.equal(true);
    expect(await ask("@somebody:localhost")).to.equal(404);
    both.fake.fail({ path: /register/, status: 400, body: { errcode: "M_EXCLUSIVE" }, times: 1 });
    expect(await ask("@msn_c:localhost")).to.equal(500);
  });

  it("takes events and ephemeral events", async () => {
    both = await openHomeservers();
    await both.homeserver.start(never);
    const alice = both.fake.user("alice");
    const room = alice.createDirectRoom(both.homeserver.bot.userId);
    const eventId = alice.say(room, "hello");
    alice.typing(room, true);
    await until("all is there", () => both.ephemeral.length > 0);
    expect(both.events.at(-1)).to.include({ event_id: eventId, type: "m.room.message", sender: "@alice:localhost" });
    expect(both.ephemeral).to.deep.equal([
      { type: "m.typing", room_id: room, content: { user_ids: ["@alice:localhost"] } },
    ]);
  });

  it("says so when its port is taken, and can still be closed", async () => {
    both = await openHomeservers();
    const second = openHomeservers({ port: both.homeserver.port });
    expect(await rejection(second))
      .to.be.instanceOf(ListenError)
      .with.property("code", "port-in-use");
  });

  it("ends what waits for the homeserver when it is closed", async () => {
    both = await openHomeservers();
    both.fake.fail({ path: /joined_rooms/, stall: true, times: 1 });
    const asked = rejection(both.homeserver.intent("@msn_a:localhost").joinedRooms());
    await until("it waits", () => both.fake.requests.some(({ path }) => path.endsWith("joined_rooms")));
    await both.homeserver.close();
    expect(await asked).to.have.property("code", "unreachable");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
