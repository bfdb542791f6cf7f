import { expect } from "chai";
import { lookBack, type Finding } from "../../../src/bridge/room/look-back.ts";
import { Calendar } from "../../../src/util/calendar.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { UserIntent } from "../../../src/matrix/client/intent.ts";

const GHOST = "@msn_nils:example.org";
const HOUR_MS = 60 * 60_000;
const NOW = Date.UTC(2026, 5, 1);

interface Event {
  key?: string;
  sender?: string;
  ts?: number;
}

/** A room of these events, oldest first, as the homeserver pages through them. */
function room(events: readonly Event[], pageSize = 100): { intent: () => UserIntent; pages: () => number } {
  const timeline = events.map(({ key, sender = "@alice:example.org", ts = NOW }, index) => ({
    event_id: `$${index}`,
    type: "m.room.message",
    sender,
    origin_server_ts: ts,
    content: key === undefined ? {} : { "matrix-appservice-msn.row": key },
  }));
  let pages = 0;
  const request = (_method: string, _path: string, options?: { query?: Record<string, unknown> }): Promise<unknown> => {
    pages += 1;
    const before = Number(options?.query?.["from"] ?? timeline.length);
    const first = Math.max(0, before - pageSize);
    return Promise.resolve({
      chunk: timeline.slice(first, before).toReversed(),
      ...(first > 0 && { end: String(first) }),
    });
  };
  const registrations = { has: () => true, add: () => undefined };
  const intent = (): UserIntent =>
    new UserIntent(GHOST, { request, serverAheadMs: NOW - new FakeClock().now() }, { request }, registrations);
  return { intent, pages: () => pages };
}

const others = (count: number, event: Event = {}): Event[] => Array.from({ length: count }, () => event);
const own = (key: string, ts = NOW): Event => ({ key, sender: GHOST, ts });
const sought = { key: "msn-abc-7", since: new Date(NOW) };
const rightDate = new Calendar(new FakeClock(NOW));

async function look(
  events: readonly Event[],
  { since = NOW, calendar = rightDate }: { since?: number; calendar?: Calendar } = {},
): Promise<Finding["type"]> {
  const row = { ...sought, since: new Date(since) };
  return (await lookBack(calendar, room(events).intent(), "!room:example.org", row)).type;
}

describe("bridge/room/look-back", () => {
  for (const between of [0, 60, 100, 500, 4_800]) {
    it(`finds what was sent ${between} events ago`, async () => {
      expect(await look([own("msn-abc-6"), own("msn-abc-7"), ...others(between)])).to.equal("found");
      expect(await look([own("msn-abc-6"), ...others(between)])).to.equal("absent");
      expect(await look(others(between))).to.equal("absent");
    });
  }

  it("does not know when there is more than it reads", async () => {
    for (const before of [[own("msn-abc-7")], [own("msn-abc-6")], others(1)])
      expect(await look([...before, ...others(5_100)])).to.equal("unknown");
  });

  it("ends at an earlier row of the same kind and sender, and at nothing that looks like one", async () => {
    const { intent, pages } = room([...others(900), own("msn-abc-6"), ...others(50)]);
    expect(await lookBack(rightDate, intent(), "!room:example.org", sought)).to.deep.equal({ type: "absent" });
    expect(pages()).to.equal(1);
    const lookalikes = [
      own("msn-abc-8"),
      own("msn-abc-70"),
      own("msn-other-6"),
      own("bot-abc-6"),
      own("msn-file-11111111-1111-4111-8111-111111111116"),
      { key: "msn-abc-6", sender: "@alice:example.org" },
      { key: "msn-abc-6", sender: "@msn_anna:example.org" },
    ];
    for (const one of lookalikes)
      expect(await look([own("msn-abc-7"), ...others(150), one]), one.key).to.equal("found");
  });

  it("believes nobody else who says to be the row", async () => {
    for (const sender of ["@alice:example.org", "@msn_anna:example.org", "@msn_nils:elsewhere.org"])
      expect(await look([own("msn-abc-6"), { key: "msn-abc-7", sender }]), sender).to.equal("absent");
  });

  it("ends where everything of our own homeserver is older than the row by more than an hour", async () => {
    const old = NOW - HOUR_MS - 1;
    const { intent, pages } = room([...others(5_000, { ts: old }), ...others(99)]);
    expect(await lookBack(rightDate, intent(), "!room:example.org", sought)).to.deep.equal({ type: "absent" });
    expect(pages()).to.be.at.most(3);
    // Nothing of these is a reason to stop: within the hour, another homeserver's clock, a single event of another time.
    expect(await look([own("msn-abc-7"), ...others(200, { ts: NOW - HOUR_MS })])).to.equal("found");
    expect(await look([own("msn-abc-7"), ...others(200, { ts: 0, sender: "@bob:elsewhere.org" })])).to.equal("found");
    expect(await look([own("msn-abc-7"), ...others(199), { ts: 0 }])).to.equal("found");
  });

  it("goes by the homeserver's clock where ours is wrong, whichever way", async () => {
    const ahead = NOW + 5 * HOUR_MS;
    const events = [own("msn-abc-7"), ...others(200)];
    const [early, late] = [new Calendar(new FakeClock(NOW - 5 * HOUR_MS)), new Calendar(new FakeClock(ahead))];
    expect(await look(events, { since: ahead, calendar: late })).to.equal("found");
    expect(await look(events, { since: NOW - 5 * HOUR_MS, calendar: early })).to.equal("found");
    // It was right when an earlier run began the row, and was set back since.
    expect(await look(events, { since: NOW, calendar: early })).to.equal("found");
  });

  for (const byMs of [-24 * HOUR_MS, 24 * HOUR_MS]) {
    it(`finds what was begun before the date was set by ${byMs / HOUR_MS} hours`, async () => {
      const clock = new FakeClock(NOW - byMs);
      const calendar = new Calendar(clock);
      const since = calendar.now().getTime();
      clock.setDate(byMs);
      expect(await look([own("msn-abc-7"), ...others(200)], { since, calendar })).to.equal("found");
    });
  }

  it("knows what was redacted by its transaction id", async () => {
    const redacted = (transactionId?: string, sender = GHOST): unknown => ({
      event_id: "$a",
      type: "m.room.message",
      sender,
      origin_server_ts: NOW,
      content: {},
      unsigned: { redacted_because: {}, ...(transactionId !== undefined && { transaction_id: transactionId }) },
    });
    for (const [event, outcome] of [
      [redacted("msn-abc-7"), "found"],
      [redacted("msn-abc-7~!room:example.org"), "found"],
      [redacted("msn-abc-6"), "absent"],
      [redacted("msn-abc-7", "@alice:example.org"), "absent"],
      [redacted(), "absent"],
    ] as const) {
      const request = (): Promise<unknown> => Promise.resolve({ chunk: [event] });
      const registrations = { has: () => true, add: () => undefined };
      const ghost = new UserIntent(GHOST, { request }, { request }, registrations);
      expect((await lookBack(rightDate, ghost, "!room:example.org", sought)).type).to.equal(outcome);
    }
  });

  it("goes on after a page of which nothing may be seen", async () => {
    const pages = [
      { chunk: [], end: "1" },
      {
        chunk: [
          {
            event_id: "$a",
            type: "m.room.message",
            sender: GHOST,
            origin_server_ts: NOW,
            content: { "matrix-appservice-msn.row": "msn-abc-7" },
          },
        ],
      },
    ];
    const request = (): Promise<unknown> => Promise.resolve(pages.shift());
    const registrations = { has: () => true, add: () => undefined };
    const ghost = new UserIntent(GHOST, { request }, { request }, registrations);
    expect(await lookBack(rightDate, ghost, "!room:example.org", sought)).to.deep.equal({
      type: "found",
      eventId: "$a",
    });
  });
});
