import { expect } from "chai";
import { StaleStrangers } from "../../../src/bridge/login/stale-strangers.ts";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import { LoginPortals } from "../../../src/bridge/portal/login-portals.ts";
import { mainIntentOf } from "../../../src/bridge/room/members.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import type { PortalRow, Standing } from "../../../src/store/portals.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { baseScope, intentOf, loginScope, memoryStore, ToldNotices } from "../../support/scopes.ts";

const DAY_MS = 24 * 60 * 60_000;

describe("bridge/login/stale-strangers", () => {
  let clock: FakeClock;
  let stopping: AbortController;
  let notices: ToldNotices;
  let scope: LoginScope;
  let portals: LoginPortals;
  /** What the homeserver was asked to change. */
  let asked: string[];
  let membership: string;

  beforeEach(() => {
    [clock, stopping, notices, asked, membership] = [
      new FakeClock(),
      new AbortController(),
      new ToldNotices(),
      [],
      "invite",
    ];
    const intent = (userId: string): ReturnType<typeof intentOf> =>
      intentOf(userId, (method, path) => {
        if (method === "GET") return Promise.resolve({ membership });
        asked.push(`${userId.replace(/:.*/u, "")} ${path.replace(/^.*\//u, "")}`);
        return Promise.resolve({});
      });
    const store = memoryStore(clock);
    const base = baseScope({ clock, notices, store, signal: stopping.signal, bot: intent("@msnbot:localhost") });
    scope = loginScope({ ...base, ghosts: new Ghosts(base, new GhostIds("localhost"), { intent }) });
    portals = new LoginPortals(scope);
    const login = {
      row: scope.row,
      portals,
      nameOf: (account: string): string => scope.names.nameOf(account),
      mainIntentOf: (row: PortalRow): ReturnType<typeof intentOf> => mainIntentOf(scope, row),
    };
    new StaleStrangers(scope, { all: [login] }).start();
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  function portal(remote: string, standing: Standing, roomId: string | null = `!${remote}:localhost`): PortalRow {
    const { portals: rows } = scope.store;
    const { id } = rows.save({ loginId: scope.row.id, kind: "direct", remote }, standing);
    if (roomId !== null) rows.setRoom(id, roomId);
    return rows.get(id);
  }

  const left = (): string[] => portals.list().map(({ remote }) => remote);

  it("withdraws the invitation of a stranger to whom nobody came, after two weeks, and says so once", async () => {
    for (const at of [1, 2]) portal(`eve${at}@x.org`, "stranger");
    portal("otto@x.org", "ignored", null);
    portal("nils@x.org", "open");
    await clock.advance(14 * DAY_MS);
    expect([left().length, asked]).to.deep.equal([4, []]);
    await clock.advance(DAY_MS);
    expect(left()).to.deep.equal(["nils@x.org"]);
    const ghosts = [1, 2].map((at) => `@msn_one_eve${at}=40x.org`);
    await clock.advance(1000);
    expect(asked).to.have.members(ghosts.flatMap((ghost) => [`${ghost} kick`, `${ghost} leave`]));
    expect(notices.told.map(({ sentence }) => sentence)).to.have.length(1);
    expect(notices.told[0]?.sentence).to.include("2 invitations of people you don't know");
  });

  it("forgets nobody of whom something waits, who was held back, or who said something of late", async () => {
    const waiting = portal("eve@x.org", "stranger");
    const late = portal("late@x.org", "stranger");
    portal("held@x.org", "held", null);
    await clock.advance(10 * DAY_MS);
    scope.store.journal.acceptMessage(waiting.id, { type: "nudge", from: "eve@x.org" });
    scope.store.portals.setHeard(late.id, scope.store.run.totalMs);
    await clock.advance(10 * DAY_MS);
    expect([left().length, asked, notices.told]).to.deep.equal([3, [], []]);
  });

  it("keeps the chat to which the owner has come without being heard", async () => {
    const row = portal("eve@x.org", "stranger");
    membership = "join";
    await clock.advance(20 * DAY_MS);
    expect([scope.store.portals.get(row.id).standing, asked, notices.told]).to.deep.equal(["open", [], []]);
  });
});
