import { expect } from "chai";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const OLGA = "olga@example.com";
// More than is looked through.
const TOO_MANY = 5_200;

describe("what was sent to Matrix just before a crash", function () {
  this.timeout(60_000);
  let bridge: TestBridge;
  let management: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    management = await bridge.login();
  });
  afterEach(() => bridge.close());

  /** The next event is made, but its answer is lost and the bridge dies before it can look; `count` events follow. */
  async function crashAfter(room: string, count: number, say: () => unknown, meanwhile?: () => void): Promise<void> {
    const { fake } = bridge;
    const events = fake.room(room).timeline.length;
    fake.fail({ method: "PUT", path: /\/send\/m\.room\.message\//u, resetAfterDeed: true, times: 1 });
    fake.fail({ path: /\/messages$/u, status: 502, times: Infinity });
    await say();
    await until("the event", () =>
      fake
        .room(room)
        .timeline.slice(events)
        .some(({ sender }) => sender !== bridge.alice.userId),
    );
    await bridge.crash();
    meanwhile?.();
    for (let index = 0; index < count; index += 1) {
      const noise = { type: "org.example.noise", room_id: room, sender: bridge.alice.userId, content: {} };
      fake.room(room).append({ ...noise, event_id: `$noise${index}`, origin_server_ts: Date.now() });
    }
    fake.forgetTransactionIds();
    fake.calm();
    await bridge.start();
  }

  const bodies = (room: string): string[] =>
    bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === bridge.alice.userId ? [] : [body]));

  async function direct(): Promise<string> {
    await bridge.sandbox.contact(NILS, "Nils").say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    return room;
  }

  for (const between of [60, 500]) {
    it(`stands once in a chat, with ${between} events in between`, async () => {
      const nils = bridge.sandbox.contact(NILS, "Nils");
      const room = await direct();
      await crashAfter(room, between, () => nils.say(MIA.passport, "one"));
      await until("Mia to be online", () =>
        nils.say(MIA.passport, "two").then(
          () => true,
          () => false,
        ),
      );
      await bridge.reads(bridge.alice, room, "two");
      expect(bodies(room)).to.deep.equal(["hello", "one", "two"]);
    });

    it(`stands once in a group, with ${between} events in between`, async () => {
      const nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.sandbox.contact(OLGA, "Olga");
      await nils.gather(MIA.passport, OLGA);
      nils.sayToAll("hello");
      const room = await until("an invitation", () =>
        bridge.alice.invites().find((id) => bridge.fake.room(id).membership(BOT) === "join"),
      );
      bridge.alice.join(room);
      await bridge.reads(bridge.alice, room, "hello");
      await crashAfter(room, between, () => nils.sayToAll("one"));
      await until("Mia to be there", () =>
        nils.gather(MIA.passport, OLGA).then(
          () => true,
          () => false,
        ),
      );
      nils.sayToAll("two");
      await bridge.reads(bridge.alice, room, "two");
      expect(bodies(room)).to.deep.equal(["hello", "one", "two"]);
    });

    it(`stands once in a chat with the bot, with ${between} events in between`, async () => {
      const before = bodies(management).length;
      await crashAfter(management, between, () => bridge.alice.say(management, "list-logins"));
      await bridge.ask(management, "version", "");
      const answers = bodies(management).slice(before);
      expect(answers.filter((body) => body.includes(MIA.passport))).to.have.length(1);
    });
  }

  for (const [who, redact] of [
    ["its owner", (room: string, id: string) => void bridge.fake.world.redact(bridge.alice.userId, room, id)],
    [
      "an admin of the homeserver",
      (room: string, id: string) => void bridge.fake.world.redact(ghostOf(NILS), room, id),
    ],
  ] as const) {
    it(`is not shown again when it was deleted before the next start: by ${who}`, async () => {
      const nils = bridge.sandbox.contact(NILS, "Nils");
      const room = await direct();
      const { timeline } = bridge.fake.room(room);
      await crashAfter(
        room,
        1,
        () => nils.say(MIA.passport, "one"),
        () => {
          const event = timeline.find(({ content }) => content["body"] === "one");
          redact(room, event?.event_id ?? "");
        },
      );
      await until("Mia to be online", () =>
        nils.say(MIA.passport, "two").then(
          () => true,
          () => false,
        ),
      );
      await bridge.reads(bridge.alice, room, "two");
      expect(bodies(room).filter((body) => body === "one")).to.deep.equal([]);
    });
  }

  it("stands once, and its owner is told, with more events in between than are looked through", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const room = await direct();
    await crashAfter(room, TOO_MANY, () => nils.say(MIA.passport, "one"));
    const told = await bridge.reads(bridge.alice, management, "may be missing");
    expect(told.body)
      .to.include("Nils")
      .and.to.include(encodeURIComponent(room))
      .and.to.match(/wrote: one$/u);
    await until("Mia to be online", () =>
      nils.say(MIA.passport, "two").then(
        () => true,
        () => false,
      ),
    );
    await bridge.reads(bridge.alice, room, "two");
    expect(bodies(room)).to.deep.equal(["hello", "one", "two"]);
  });

  it("is said again by the bot as something that may be known, with more events in between than are looked through", async () => {
    const before = bodies(management).length;
    await crashAfter(management, TOO_MANY, () => bridge.alice.say(management, "list-logins"));
    const again = await bridge.reads(bridge.alice, management, "You may have read this already");
    const [first = ""] = bodies(management).slice(before);
    expect(again.body).to.include(first);
    expect(bodies(management).filter((body) => body === first)).to.have.length(1);
  });
});
