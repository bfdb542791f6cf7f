import { expect } from "chai";
import { Portal } from "../../../src/bridge/portal/portal.ts";
import { PortalDepth } from "../../../src/bridge/portal/portal-depth.ts";
import { MetGroups } from "../../../src/bridge/room/met-groups.ts";
import { portalScope } from "../../../src/bridge/room/portal-scope.ts";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { Session } from "../../../src/bridge/session/session.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import { MsnError } from "../../../src/msn/index.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import type { Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { accountScope, loginScope, memoryStore } from "../../support/scopes.ts";

const NILS = "nils@example.com";
const KIB = 1024;
const MOST = { rows: 200, bytes: 256 * KIB };

/** Remembers whether anything is read. */
class ReadSession extends Session {
  readonly told: boolean[] = [];
  readonly #isGroup: boolean;

  constructor(clock: FakeClock, isGroup: boolean) {
    super(accountScope({ clock }), new SessionLimits(clock), {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
    this.#isGroup = isGroup;
  }

  override readFrom(_: unknown, isRead: boolean): void {
    this.told.push(isRead);
    if (this.#isGroup) throw new MsnError("rejected", "a group needs at least two others");
  }
}

describe("bridge/portal/portal-depth", () => {
  let clock: FakeClock;
  let store: Store;
  let session: ReadSession;
  let portalId: number;
  let opened: { readonly row: PortalRow; readonly scope: LoginScope };
  let stopping: AbortController;
  beforeEach(() => {
    clock = new FakeClock();
    store = memoryStore(clock);
    stopping = new AbortController();
  });
  afterEach(() => {
    stopping.abort();
    store.close();
  });

  function open(isGroup = false): PortalDepth {
    session = new ReadSession(clock, isGroup);
    const login = loginScope({ clock, store, session, signal: stopping.signal });
    const row = store.portals.save({ loginId: login.row.id, kind: "direct", remote: NILS });
    portalId = row.id;
    opened = { row, scope: login };
    return new PortalDepth(portalScope(login, { row, groups: new MetGroups() }, {}), MOST);
  }

  /** What waits already, or comes. @returns the rows */
  function accept(count: number, depth?: PortalDepth, text = "hello"): number[] {
    const message = { type: "text", from: NILS, text } as const;
    const rows: number[] = [];
    store.batch(() => {
      for (let row = 0; row < count; row += 1) rows.push(store.journal.acceptMessage(portalId, message).id);
    });
    if (depth !== undefined) for (let row = 0; row < count; row += 1) depth.add(message);
    return rows;
  }

  function settle(rows: readonly number[]): void {
    store.batch(() => {
      for (const row of rows) store.journal.settle(row, "delivered");
    });
  }

  /** Counts how often the journal is asked. */
  function counted(): () => number {
    let count = 0;
    const { backlog } = store;
    const of = backlog.of.bind(backlog);
    backlog.of = (...args) => {
      count += 1;
      return of(...args);
    };
    return () => count;
  }

  it("holds the conversation above so many rows, and reads it again below four fifths of them", async () => {
    const depth = open();
    const rows = accept(200, depth);
    expect(session.told).to.deep.equal([]);
    rows.push(...accept(11, depth));
    expect(session.told).to.deep.equal([false]);
    settle(rows.splice(0, rows.length - 160));
    await clock.advance(1000);
    expect(session.told).to.deep.equal([false, false]);
    settle(rows.splice(0, 1));
    await clock.advance(1000);
    expect(session.told).to.deep.equal([false, false, true]);
    await clock.advance(60_000);
    expect(session.told.length).to.equal(3);
    expect(clock.waiting).to.equal(0);
  });

  it("asks the journal a few times only, however many come", () => {
    const depth = open();
    const count = counted();
    for (let time = 0; time < 20; time += 1) settle(accept(50, depth));
    expect(count()).to.be.at.most(8);
    expect(session.told).to.deep.equal([]);
  });

  it("knows at the first message what an earlier run left", () => {
    const depth = open();
    accept(201);
    accept(1, depth);
    expect(session.told).to.deep.equal([false]);
  });

  it("holds it above so many bytes of few messages, too", async () => {
    const depth = open();
    const text = "x".repeat(8 * KIB);
    const rows = accept(31, depth, text);
    expect(session.told).to.deep.equal([]);
    rows.push(...accept(2, depth, text));
    expect(session.told).to.deep.equal([false]);
    settle(rows.splice(0, 6));
    await clock.advance(1000);
    expect(session.told.at(-1)).to.equal(false);
    settle(rows.splice(0, 2));
    await clock.advance(1000);
    expect(session.told.at(-1)).to.equal(true);
  });

  it("reads what it held when the portal ends, and holds nothing any more", async () => {
    const depth = open();
    accept(201);
    accept(1, depth);
    depth.stop();
    expect(session.told).to.deep.equal([false, true]);
    accept(100, depth);
    await clock.advance(10_000);
    expect(session.told).to.deep.equal([false, true]);
    expect(clock.waiting).to.equal(0);
  });

  it("counts what contacts say to a portal", async () => {
    open();
    const { row, scope } = opened;
    const portal = new Portal(scope, row, new MetGroups());
    accept(10_001);
    expect(session.told).to.deep.equal([]);
    await portal.hear({ type: "text", from: NILS, text: "hello" });
    expect(session.told).to.deep.equal([false]);
    stopping.abort();
    await portal.stop();
  });

  it("takes a message though the depth is not known, and where there is no such conversation", () => {
    const depth = open(true);
    accept(201);
    accept(1, depth);
    expect(session.told).to.deep.equal([false]);
    store.backlog.of = () => {
      throw new Error("the disk is broken");
    };
    for (let time = 0; time < 20; time += 1) depth.add({ type: "nudge", from: NILS });
  });
});
