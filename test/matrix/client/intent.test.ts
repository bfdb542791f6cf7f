import { expect } from "chai";
import type { UserIntent } from "../../../src/matrix/client/intent.ts";
import { openHomeservers, type TestHomeservers } from "../../support/homeservers.ts";
import type { FakePerson } from "../../support/fake-homeserver/person.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const never = new AbortController().signal;
const GHOST = "@msn_bob=40example.org:localhost";

describe("matrix/client/intent", () => {
  let both: TestHomeservers;
  let ghost: UserIntent;
  let alice: FakePerson;

  beforeEach(async () => {
    both = await openHomeservers();
    await both.homeserver.start(never);
    both.fake.requests.length = 0;
    ghost = both.homeserver.intent(GHOST);
    alice = both.fake.user("alice");
  });

  afterEach(async () => both.close());

  const room = async (): Promise<string> => {
    const roomId = await ghost.createRoom({ preset: "private_chat", is_direct: true, invite: [alice.userId] });
    alice.join(roomId);
    return roomId;
  };
  const paths = (): string[] => both.fake.requests.map(({ path }) => path.split("/").slice(4).join("/"));

  it("is one object for one user", () => {
    expect(both.homeserver.intent(GHOST)).to.equal(ghost);
    expect(both.homeserver.intent("@msnbot:localhost")).to.equal(both.homeserver.bot);
  });

  it("registers a ghost once, however much happens at once, and acts in its name", async () => {
    await Promise.all([ghost.setDisplayName("Bob"), ghost.joinedRooms(), ghost.setPresence("online", "hi")]);
    expect(paths().filter((path) => path === "register")).to.have.length(1);
    expect(both.fake.requests[0]).to.deep.include({
      path: "/_matrix/client/v3/register",
      query: {},
      body: { type: "m.login.application_service", username: "msn_bob=40example.org", inhibit_login: true },
    });
    expect(both.fake.requests.slice(1).every(({ user }) => user === GHOST)).to.equal(true);
    expect(both.registered.has(GHOST)).to.equal(true);
    expect(await ghost.displayName()).to.equal("Bob");
    expect(both.fake.world.presence.of(GHOST)).to.deep.equal({ presence: "online", status_msg: "hi" });
  });

  it("does not register who is remembered, and tries again when it failed", async () => {
    both.fake.fail({ path: /register/, status: 400, body: { errcode: "M_EXCLUSIVE", error: "not yours" }, times: 1 });
    expect(await rejection(ghost.joinedRooms())).to.include({ code: "rejected", errcode: "M_EXCLUSIVE" });
    expect(both.registered.has(GHOST)).to.equal(false);
    await ghost.joinedRooms();
    both.fake.requests.length = 0;
    await ghost.joinedRooms();
    expect(paths()).to.deep.equal(["joined_rooms"]);
  });

  it("sends under our transaction id, and nothing besides", async () => {
    const roomId = await room();
    both.fake.requests.length = 0;
    const eventId = await ghost.send(roomId, "m.room.message", "our/txn 1", message("hello"));
    expect(both.fake.requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      `PUT /_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/our%2Ftxn%201~${encodeURIComponent(roomId)}`,
    ]);
    expect(alice.messages(roomId)).to.deep.equal([
      { sender: GHOST, body: "hello", content: message("hello"), eventId },
    ]);
  });

  it("leaves it to the caller to send again when the answer is lost, and makes the event once under the same id", async () => {
    const roomId = await room();
    both.fake.fail({ method: "PUT", path: /send/, resetAfterDeed: true, times: 1 });
    const sending = ghost.send(roomId, "m.room.message", "t1", message("once"));
    expect(await rejection(sending)).to.include({ code: "unreachable", retryable: true });
    const eventId = await ghost.send(roomId, "m.room.message", "t1", message("once"));
    expect(alice.messages(roomId).map((one) => one.eventId)).to.deep.equal([eventId]);
    expect(both.fake.requests.filter(({ path }) => path.includes("/send/"))).to.have.length(2);
  });

  it("never creates a room twice", async () => {
    both.fake.fail({ path: /createRoom/, resetAfterDeed: true, times: 1 });
    expect(await rejection(room())).to.include({ code: "unreachable", retryable: true });
    expect(both.fake.rooms()).to.have.length(1);
  });

  it("gives a room five minutes to be made, and other requests one", async () => {
    const clock = new FakeClock();
    await both.close();
    both = await openHomeservers({ clock });
    ghost = both.homeserver.intent(GHOST);
    await ghost.ensureRegistered();
    both.fake.requests.length = 0;
    both.fake.fail({ path: /createRoom|profile/, stall: true, times: 2 });
    let isOver = false;
    const creating = rejection(ghost.createRoom({})).finally(() => (isOver = true));
    await until("it was asked for", () => both.fake.requests.length === 1);
    await clock.advance(5 * 60_000 - 1);
    expect(isOver).to.equal(false);
    await clock.advance(1);
    expect(await creating).to.include({ code: "timeout" });
    expect(both.fake.requests).to.have.length(1);
    const naming = ghost.displayName();
    await until("the name was asked for", () => both.fake.requests.length === 2);
    await clock.advance(60_000);
    await until("and asked for again", async () => {
      await clock.advance(500);
      return both.fake.requests.length === 3;
    });
    await naming;
  });

  it("takes nothing for missing because a proxy says so", async () => {
    const roomId = await room();
    both.fake.fail({ path: /state/, status: 404, body: "404 page not found", times: 1 });
    const error = await rejection(ghost.state(roomId, "org.example"));
    expect(error).to.include({ code: "bad-answer", status: 404, retryable: true });
  });

  it("invites, joins, leaves, and tells who is in a room", async () => {
    const roomId = await room();
    const other = both.homeserver.intent("@msn_carol:localhost");
    expect(await ghost.membership(roomId, other.userId)).to.equal(undefined);
    expect(await rejection(other.join(roomId))).to.include({ code: "forbidden", status: 403 });
    await ghost.invite(roomId, other.userId);
    expect(await ghost.membership(roomId, other.userId)).to.equal("invite");
    await other.join(roomId);
    expect((await ghost.joinedMembers(roomId)).toSorted()).to.deep.equal(
      [alice.userId, GHOST, other.userId].toSorted(),
    );
    expect(await other.joinedRooms()).to.deep.equal([roomId]);
    await other.leave(roomId, "bye");
    expect(await ghost.membership(roomId, other.userId)).to.equal("leave");
    expect(both.fake.room(roomId).state("m.room.member", other.userId)).to.include({ reason: "bye" });
    expect(await rejection(other.joinedMembers(roomId))).to.include({ code: "forbidden" });
  });

  it("reads and writes state, with and without a key", async () => {
    const roomId = await room();
    expect(await ghost.state(roomId, "org.example")).to.equal(undefined);
    await ghost.sendState(roomId, "org.example", "", { a: 1 });
    await ghost.sendState(roomId, "org.example", "k/1", { a: 2 });
    expect(await ghost.state(roomId, "org.example")).to.deep.equal({ a: 1 });
    expect(await ghost.state(roomId, "org.example", "k/1")).to.deep.equal({ a: 2 });
  });

  it("reads the latest events, and one", async () => {
    const roomId = await room();
    const ids = ["one", "two", "three"].map((text) => alice.say(roomId, text));
    const latest = await ghost.eventsBefore(roomId, 2);
    expect(latest.events).to.have.length(2);
    expect(latest).to.have.nested.property("events[0].event_id", ids[2]);
    expect(latest).to.have.nested.property("events[1].event_id", ids[1]);
    expect(await ghost.event(roomId, ids[0] ?? "")).to.deep.include({ event_id: ids[0], sender: alice.userId });
    expect(await ghost.event(roomId, "$none")).to.equal(undefined);
  });

  it("redacts where it has the power", async () => {
    const roomId = alice.createDirectRoom(GHOST, { preset: "private_chat" });
    const trusted = alice.createDirectRoom(GHOST);
    await ghost.join(roomId);
    await ghost.join(trusted);
    const refused = await rejection(ghost.redact(roomId, alice.say(roomId, "secret"), "r1"));
    expect(refused).to.include({ code: "forbidden", errcode: "M_FORBIDDEN" });
    const eventId = alice.say(trusted, "secret");
    await ghost.redact(trusted, eventId, "r2", "a password");
    expect(alice.messages(trusted)).to.deep.equal([]);
    expect(both.fake.room(trusted).event(eventId)?.content).to.deep.equal({});
  });

  it("sends receipts and typing", async () => {
    const roomId = await room();
    await ghost.readReceipt(roomId, alice.say(roomId, "read me"));
    await ghost.typing(roomId, true, 5000);
    await ghost.typing(roomId, false, 5000);
    const bodies = both.fake.requests.filter(({ path }) => path.includes("/typing/")).map(({ body }) => body);
    expect(bodies).to.deep.equal([{ typing: true, timeout: 5000 }, { typing: false }]);
  });

  it("gives undefined for a name that nobody has", async () => {
    expect(await ghost.displayName()).to.equal(undefined);
    both.fake.fail({ path: /displayname/, status: 404, body: { errcode: "M_NOT_FOUND" }, times: 1 });
    expect(await ghost.displayName()).to.equal(undefined);
  });

  it("refuses answers that are not a homeserver's", async () => {
    const roomId = await room();
    for (const body of ["<html>hello</html>", {}, { event_id: 7 }]) {
      both.fake.fail({ path: /send/, status: 200, body, times: 1 });
      const error = await rejection(ghost.send(roomId, "m.room.message", "t", message("x")));
      expect(error).to.include({ code: "bad-answer", retryable: true });
    }
  });

  it("says what was tried, and by whom", async () => {
    const error = await rejection(ghost.join("!nowhere:localhost"));
    expect(error.message).to.equal(
      `POST /_matrix/client/v3/rooms/${encodeURIComponent("!nowhere:localhost")}/join as ${GHOST}: ` +
        "the homeserver knows no such thing (404 M_NOT_FOUND: Unknown room !nowhere:localhost)",
    );
  });
});

function message(body: string): Record<string, unknown> {
  return { msgtype: "m.text", body };
}
