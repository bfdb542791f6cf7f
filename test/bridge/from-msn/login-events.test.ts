import { expect } from "chai";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import { ContactRequests } from "../../../src/bridge/from-msn/contact-requests.ts";
import { EagerPortals } from "../../../src/bridge/portal/eager-portals.ts";
import { FromContacts } from "../../../src/bridge/from-msn/from-contacts.ts";
import { HeldBack } from "../../../src/bridge/from-msn/held-back.ts";
import { Strangers } from "../../../src/bridge/from-msn/strangers.ts";
import { LoginEvents } from "../../../src/bridge/from-msn/login-events.ts";
import { LoginPortals } from "../../../src/bridge/portal/login-portals.ts";
import { Outage } from "../../../src/bridge/from-msn/outage.ts";
import { OwnStatus } from "../../../src/bridge/own-status/own-status.ts";
import { SharedLimits } from "../../../src/bridge/login/shared-limits.ts";
import { WantedStatus } from "../../../src/bridge/own-status/wanted-status.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import type { SessionEvent } from "../../../src/bridge/session/session.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FullDisk } from "../../support/full-disk.ts";
import { baseScope, intentOf, loginScope, ToldNotices } from "../../support/scopes.ts";

const NILS = "nils@example.com";

/** A homeserver that never answers, so that what is to be shown stays in the journal. */
const silent = async (): Promise<unknown> => new Promise(() => undefined);

describe("bridge/from-msn/login-events", () => {
  let disk: FullDisk;
  let clock: FakeClock;
  let stopping: AbortController;
  let notices: ToldNotices;
  let scope: LoginScope;
  let events: LoginEvents;

  beforeEach(() => {
    [disk, clock, stopping, notices] = [new FullDisk(), new FakeClock(), new AbortController(), new ToldNotices()];
    const bot = intentOf("@msnbot:localhost", silent);
    const base = baseScope({ clock, notices, bot, signal: stopping.signal });
    const ghosts = new Ghosts(base, new GhostIds("localhost"), { intent: (userId) => intentOf(userId, silent) });
    scope = loginScope({ ...base, ghosts });
    const portals = new LoginPortals(scope);
    const heldBack = new HeldBack(scope, portals);
    const strangers = new Strangers(scope, portals, heldBack);
    events = new LoginEvents(scope, {
      contacts: new FromContacts(scope, portals, strangers),
      strangers,
      heldBack,
      requests: new ContactRequests(scope),
      outage: new Outage(scope),
      ownStatus: new OwnStatus(scope, new WantedStatus(scope, scope.row, new SharedLimits(scope).firstPresence)),
      eager: new EagerPortals(scope, portals, new SharedLimits(scope).rooms),
      spaces: undefined,
    });
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
    disk.restore();
  });

  const from = { account: NILS, name: "Nils", group: undefined };
  const says = (text: string): SessionEvent => ({ ...from, type: "content", content: { type: "text", text } });
  const group = { account: NILS, name: "Nils", group: "1", people: [NILS, "olga@example.com"] };

  /** What waits to be shown: the words, or what else it is. */
  function waiting(): string[] {
    const { journal } = scope.store;
    return journal.listOpen("to-matrix").map((id) => {
      const message = journal.body(id);
      const isObject = typeof message === "object" && message !== null;
      return isObject ? String("text" in message ? message.text : Reflect.get(message, "type")) : "";
    });
  }

  it("are written down in their order", async () => {
    const typing: SessionEvent = { ...from, type: "content", content: { type: "typing" } };
    for (const event of [says("one"), typing, says("two")]) events.onEvent(event);
    await events.written();
    expect(waiting()).to.deep.equal(["one", "two"]);
  });

  it("wait in their order where the disk is full, and nothing overtakes them", async () => {
    disk.isFull = (sql) => sql.includes("journal");
    events.onEvent(says("one"));
    await events.written();
    disk.isFull = () => false;
    events.onEvent({ ...group, type: "joined" });
    events.onEvent(says("two"));
    events.onEvent({ ...group, type: "left", quietly: false });
    await events.written();
    expect([waiting(), events.unstored.isEmpty]).to.deep.equal([[], false]);
    await clock.advance(5000);
    // Each in its chat.
    expect(waiting()).to.deep.equal(["one", "join", "leave", "two"]);
    expect(events.unstored.isEmpty).to.equal(true);
  });

  it("wait in their order where the disk becomes full in the turn in which they come", async () => {
    disk.isFull = (sql) => sql.includes("journal");
    for (const event of [says("one"), says("two")]) events.onEvent(event);
    await events.written();
    events.onEvent(says("three"));
    disk.isFull = () => false;
    await clock.advance(5000);
    expect(waiting()).to.deep.equal(["one", "two", "three"]);
  });

  it("never throw at the connection, and only what was promised waits for the disk", async () => {
    disk.isFull = () => true;
    events.onEvent({ ...from, type: "content", content: { type: "typing" } });
    events.onEvent({ type: "name", account: NILS, name: "Nils (away)" });
    events.onEvent({ type: "presence", account: NILS, name: "Nils", status: "NLN" });
    expect(events.unstored.isEmpty).to.equal(true);
    events.onEvent(says("one"));
    await events.written();
    expect(events.unstored.isEmpty).to.equal(false);
  });

  it("say nothing of a contact who leaves a switchboard quietly: the chat goes on", () => {
    events.onEvent({ ...group, type: "left", quietly: true });
    expect([waiting(), scope.store.portals.listByLogin(scope.row.id)]).to.deep.equal([[], []]);
  });

  it("change what a contact is called, but not when they go offline", () => {
    events.onEvent({ type: "presence", account: NILS, name: "Nils", status: "NLN" });
    expect(scope.names.nameOf(NILS)).to.equal("Nils");
    events.onEvent({ type: "presence", account: NILS, name: "old name", status: "FLN" });
    expect(scope.names.nameOf(NILS)).to.equal("Nils");
    events.onEvent({ type: "name", account: NILS, name: "Nils 2" });
    expect(scope.names.nameOf(NILS)).to.equal("Nils 2");
  });

  it("pass on what the server says", () => {
    events.onEvent({ type: "notice", notice: { type: "text", from: "Escargot", text: "hello all" } });
    expect(notices.told.map(({ sentence }) => sentence)).to.deep.equal(["One says:\n> hello all"]);
  });

  it("pass on only so much of it, and say so", () => {
    for (let at = 0; at < 1000; at += 1)
      events.onEvent({ type: "notice", notice: { type: "text", from: "Escargot", text: `hello ${at}` } });
    expect(notices.told).to.have.length(21);
    expect(notices.told.at(-1)?.sentence).to.match(/^One sends more announcements than this bridge passes on/u);
  });
});
