import { expect } from "chai";
import { FromContacts, type Place } from "../../../src/bridge/from-msn/from-contacts.ts";
import { HeldBack } from "../../../src/bridge/from-msn/held-back.ts";
import { Strangers } from "../../../src/bridge/from-msn/strangers.ts";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import { LoginPortals } from "../../../src/bridge/portal/login-portals.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import type { Requester } from "../../../src/matrix/client/requester.ts";
import type { Contact, Content, ListName, Roster } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { baseScope, intentOf, loginScope, memoryStore, ToldNotices } from "../../support/scopes.ts";
import { SETTINGS } from "../../support/settings.ts";

const FRIEND = "friend@example.com";
const MINUTE_MS = 60_000;
const text = (words: string): Content => ({ type: "action", text: words });
const eve = (at: number): string => `eve${at}@example.com`;

describe("strangers", () => {
  let clock: FakeClock;
  let stopping: AbortController;
  let notices: ToldNotices;
  let scope: LoginScope;
  let portals: LoginPortals;
  let heldBack: HeldBack;
  let strangers: Strangers;
  let contacts: FromContacts;
  /** When rooms were asked for. */
  let rooms: number[];
  let asked: number;
  const roster = { contacts: new Map<string, Contact>(), groups: new Map() };

  const request: Requester["request"] = async (_, path) => {
    asked += 1;
    if (!path.endsWith("/createRoom")) return {};
    rooms.push(clock.now());
    return new Promise(() => undefined);
  };

  /** What a run of the bridge begins with. */
  function start(policy: LoginScope["settings"]["strangers"] = "room"): void {
    stopping = new AbortController();
    notices = new ToldNotices();
    const base = baseScope({
      clock,
      notices,
      store: scope.store,
      signal: stopping.signal,
      settings: { ...SETTINGS, strangers: policy },
      bot: intentOf("@msnbot:localhost", request),
    });
    const ghosts = new Ghosts(base, new GhostIds("localhost"), { intent: (userId) => intentOf(userId, request) });
    scope = loginScope({ ...base, ghosts });
    portals = new LoginPortals(scope);
    heldBack = new HeldBack(scope, portals);
    const known: Pick<Roster, "contacts"> = roster;
    strangers = new Strangers({ ...scope, session: { roster: known } }, portals, heldBack);
    contacts = new FromContacts(scope, portals, strangers);
  }

  beforeEach(() => {
    clock = new FakeClock();
    [rooms, asked] = [[], 0];
    roster.contacts.clear();
    knows(FRIEND, "FL");
    scope = loginScope({ store: memoryStore(clock), clock });
    start();
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  function knows(account: string, ...lists: ListName[]): void {
    const nothing = { groups: new Set<string>(), phones: new Map(), capabilities: 0 } as const;
    roster.contacts.set(account, { ...nothing, account, name: account, lists: new Set(lists), status: "FLN" });
  }

  async function said(count: number, words = "hello"): Promise<void> {
    for (let at = 0; at < count; at += 1) await contacts.said({ account: eve(at) }, text(words));
  }

  const standings = (): string[] => portals.list().map(({ standing }) => standing);
  const waiting = (): number => scope.store.journal.listOpen("to-matrix").length;
  const told = (): string[] => notices.told.map(({ sentence }) => sentence);
  const group = (...people: string[]): Place => ({ account: people[0] ?? "", group: people.join(), people });

  it("have at most twenty rooms made in any minute, however many they are, and nothing that they say is lost", async () => {
    for (const words of ["one", "two"]) {
      await said(300, words);
      await clock.advance(1000);
    }
    expect([rooms.length, waiting()]).to.deep.equal([20, 600]);
    for (let at = 300; at < 400; at += 1) {
      await contacts.said({ account: eve(at) }, text("three"));
      await clock.advance(3000);
    }
    expect(waiting()).to.equal(700);
    for (const from of rooms) {
      expect(rooms.filter((time) => time >= from && time < from + MINUTE_MS).length).to.be.at.most(20);
    }
  });

  it("do not keep a contact from a room", async () => {
    await said(100);
    await contacts.said({ account: FRIEND }, text("hello"));
    await clock.advance(1000);
    expect(portals.findDirect(FRIEND)?.standing).to.equal("open");
    expect(rooms).to.have.length(21);
  });

  it("are told in one notice, which is edited as more come, but not all the time", async () => {
    await said(22);
    await clock.advance(5000);
    expect(told()).to.have.length(1);
    expect(told()[0]).to.include(`2 people you don't know have written to mia@example.com: ${eve(20)}, ${eve(21)}.`);
    for (let at = 22; at < 60; at += 1) {
      await contacts.said({ account: eve(at) }, text("hello"));
      await clock.advance(100);
    }
    await clock.advance(MINUTE_MS);
    expect(told().length).to.be.at.most(3);
    expect(told().at(-1)).to.include("40 people you don't know");
    expect(new Set(notices.told.map(({ topic }) => topic?.about)).size).to.equal(1);
  });

  it("that were opened have their rooms made one after the other, with all that they said", async () => {
    await said(60);
    await clock.advance(MINUTE_MS);
    heldBack.open(heldBack.list());
    await clock.advance(1000);
    expect(rooms.length).to.be.within(40, 42);
    await clock.advance(MINUTE_MS);
    expect([rooms.length, waiting()]).to.deep.equal([60, 60]);
    expect(told().at(-1)).to.include("Nobody you don't know waits");
  });

  it("that are ignored are neither kept nor told any more", async () => {
    await said(25);
    await clock.advance(MINUTE_MS);
    heldBack.ignore(heldBack.list());
    const before = [waiting(), rooms.length];
    await contacts.said({ account: eve(24) }, text("again"));
    await clock.advance(MINUTE_MS);
    expect([waiting(), rooms.length]).to.deep.equal(before);
    expect([strangers.ignored, told().at(-1)?.includes("Nobody")]).to.deep.equal([1, true]);
  });

  it("who become contacts, or are allowed, get the room with what they said", async () => {
    await said(25);
    await clock.advance(1000);
    knows(eve(23), "AL");
    knows(eve(24), "FL");
    strangers.welcomeKnown();
    await clock.advance(1000);
    expect(rooms).to.have.length(22);
    expect(heldBack.list().map(({ remote }) => remote)).to.deep.equal([eve(20), eve(21), eve(22)]);
  });

  it("stay held back after a restart, and the notice is not repeated", async () => {
    await said(25);
    await clock.advance(5000);
    stopping.abort();
    const before = told().length;
    rooms = [];
    start();
    notices.tell(scope.row.owner, "of the run before", { about: `strangers/${scope.row.id}` });
    heldBack.resume();
    await clock.advance(MINUTE_MS);
    expect([before, told(), rooms, heldBack.list().length]).to.deep.equal([1, ["of the run before"], [], 5]);
  });

  it("are all asked about, or all ignored, where that is chosen", async () => {
    start("ask");
    await said(3);
    await clock.advance(5000);
    expect([standings(), rooms, told().length]).to.deep.equal([["held", "held", "held"], [], 1]);
    start("ignore");
    await contacts.said({ account: eve(99) }, text("hello"));
    await clock.advance(5000);
    expect([portals.findDirect(eve(99)), strangers.ignored, told()]).to.deep.equal([undefined, 1, []]);
  });

  it("fill the disk to a limit, and what is beyond it is told", async () => {
    start("ask");
    for (let at = 0; at < 130; at += 1) await contacts.said({ account: eve(0) }, text("hello"));
    await said(600);
    await clock.advance(MINUTE_MS);
    expect([portals.list().length, waiting()]).to.deep.equal([500, 100 + 499]);
    // Of the first one 30 and then one more; and those who were too many.
    expect(told().at(-1)).to.include("131 more messages could not be kept");
  });

  it("make neither portals nor ghosts by who comes, goes and types in groups", async () => {
    const people = Array.from({ length: 6 }, (_, at) => eve(at));
    for (let mask = 1; mask < 2 ** people.length; mask += 1) {
      const place = group(...people.filter((_, at) => (mask >> at) % 2 === 1));
      await contacts.joined(place, "Eve");
      contacts.types(place);
      await contacts.left(place);
    }
    contacts.types({ account: eve(0) });
    await clock.advance(1000);
    expect([portals.list(), asked, waiting()]).to.deep.equal([[], 0, 0]);
    expect(scope.store.ghosts.find("one", eve(0))).to.equal(undefined);
  });

  it("come to the group of a contact in numbers, and are shown twenty a minute, or when they speak", async () => {
    const people = [FRIEND];
    await contacts.said({ account: FRIEND, group: "1", people: [FRIEND, "other@example.com"] }, text("hello"));
    for (let at = 0; at < 100; at += 1) {
      people.push(eve(at));
      await contacts.joined({ account: eve(at), group: "1", people }, "Eve");
      await contacts.left({ account: eve(at), group: "1", people });
    }
    await clock.advance(1000);
    const kinds = scope.store.journal.listOpen("to-matrix").map((id) => JSON.stringify(scope.store.journal.body(id)));
    expect(kinds.filter((body) => body.includes('"join"'))).to.have.length(20);
    await contacts.said({ account: eve(99), group: "1", people }, text("hello"));
    expect(waiting()).to.equal(kinds.length + 1);
  });

  it("have groups that count as one each once something is said, unless somebody in them is known", async () => {
    for (let at = 0; at < 30; at += 1) await contacts.said(group(eve(at), eve(at + 1)), text("hello"));
    const isStranger = standings().filter((one) => one === "stranger").length;
    expect([isStranger, standings().length]).to.deep.equal([20, 30]);
    await contacts.joined(group(eve(50), FRIEND), "Eve");
    expect(standings().at(-1)).to.equal("open");
  });
});
