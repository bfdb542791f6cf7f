import { expect } from "chai";
import { GroupMembers, membersOf, type Members } from "../../../src/bridge/room/members.ts";
import { MetGroups } from "../../../src/bridge/room/met-groups.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import { SessionLimits } from "../../../src/bridge/session/session-limits.ts";
import { Session } from "../../../src/bridge/session/session.ts";
import { DIALECTS, MsnClient, type Conversation } from "../../../src/msn/index.ts";
import type { PortalRow } from "../../../src/store/portals.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { accountScope, loginScope, testNetwork } from "../../support/scopes.ts";
import { SetGroup } from "../../support/set-group.ts";

const [NILS, OLGA, EVA] = ["nils@example.com", "olga@example.com", "eva@example.com"];
const ghostOf = (account: string): string => `@msn_one_${account.replace("@", "=40")}:localhost`;

/** Signed in as far as its groups go. */
class GroupSession extends Session {
  met: Conversation | undefined;

  override group(id: string): Conversation | undefined {
    return id === "met" ? this.met : undefined;
  }
}

describe("bridge/room/members", () => {
  let session: GroupSession;
  let scope: LoginScope;
  let groups: MetGroups;
  let client: MsnClient;

  beforeEach(() => {
    const clock = new FakeClock();
    session = new GroupSession(accountScope({ clock }), new SessionLimits(clock), {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
    scope = loginScope({ clock, session });
    groups = new MetGroups();
    client = new MsnClient({
      server: testNetwork(),
      dialect: DIALECTS.MSNP8,
      account: "mia@example.com",
      password: "x",
      clock,
    });
    scope.names.rename(NILS, "Nils");
  });
  afterEach(() => scope.store.close());

  function saved(kind: PortalRow["kind"], remote: string, ...people: string[]): PortalRow {
    const row = scope.store.portals.save({ loginId: scope.row.id, kind, remote });
    scope.store.portalMembers.grow(row.id, people);
    return row;
  }

  describe("of a chat of two", () => {
    let members: Members;
    beforeEach(() => void (members = membersOf(scope, saved("direct", NILS), groups)));

    it("are the contact, whose ghost does all there is to do", () => {
      expect([members.kind, members.contact]).to.deep.equal(["direct", NILS]);
      expect(members.mainIntent.userId).to.equal(ghostOf(NILS));
      expect(members.intentOf(NILS)).to.equal(members.mainIntent);
      expect([members.current(), members.all()]).to.deep.equal([[], []]);
      expect(members.isPresent(NILS)).to.equal(true);
    });

    it("are called by the contact's name", () => {
      expect([members.name(), members.names()]).to.deep.equal(["Nils", ["Nils"]]);
      expect(members.declined()).to.include("Nils");
    });

    it("are spoken to in the conversation with the contact, whose end is not for us to bring about", () => {
      expect(members.conversationOn(client)).to.equal(client.conversation(NILS));
      session.met = new SetGroup(NILS, OLGA);
      members.leave();
      expect(session.met).to.have.property("left", 0);
    });
  });

  describe("of a group", () => {
    let row: PortalRow;
    let members: GroupMembers;
    beforeEach(() => {
      row = saved("group", "some id", NILS, OLGA);
      const found = membersOf(scope, row, groups);
      if (!(found instanceof GroupMembers)) throw new Error("it is no group");
      members = found;
    });

    it("are acted for by their ghosts, and as a whole by the bot", () => {
      expect([members.kind, members.contact]).to.deep.equal(["group", undefined]);
      expect(members.mainIntent).to.equal(scope.bot);
      expect(members.intentOf(undefined)).to.equal(scope.bot);
      expect(members.intentOf(OLGA).userId).to.equal(ghostOf(OLGA));
    });

    it("are all who have ever been there while nobody knows who is there now", () => {
      expect([members.current(), members.all()]).to.deep.equal([
        [NILS, OLGA],
        [NILS, OLGA],
      ]);
      expect([members.isPresent(NILS), members.isPresent(OLGA)]).to.deep.equal([false, false]);
    });

    it("are those who are there now, once they are met", () => {
      session.met = new SetGroup(NILS, EVA);
      members.meet("met");
      expect(members.current()).to.deep.equal([NILS, EVA]);
      expect(members.all()).to.deep.equal([NILS, OLGA, EVA]);
      expect([NILS, OLGA, EVA].filter((one) => members.isPresent(one))).to.deep.equal([NILS, EVA]);
    });

    it("are all again when the last has gone, or there is no session", () => {
      session.met = new SetGroup();
      members.meet("met");
      expect(members.current()).to.deep.equal([NILS, OLGA]);
      session.met = undefined;
      expect(members.current()).to.deep.equal([NILS, OLGA]);
    });

    it("are known by the conversation in which they were met last", () => {
      members.meet("first");
      members.meet("met");
      expect([groups.find("first"), groups.find("met")]).to.deep.equal([row, row]);
    });

    it("are spoken to in the same conversation as before, and in that of the same people on the next connection", () => {
      const first = members.conversationOn(client);
      expect([first.kind, [...first.people]]).to.deep.equal(["group", [NILS, OLGA]]);
      expect(groups.find(first.id)).to.deep.equal(row);
      scope.store.portalMembers.grow(row.id, [NILS, OLGA, EVA]);
      expect(members.conversationOn(client)).to.equal(first);
      const next = new MsnClient({
        server: testNetwork(),
        account: "mia@example.com",
        password: "x",
        clock: scope.clock,
      });
      expect([...members.conversationOn(next).people]).to.have.members([NILS, OLGA, EVA]);
    });

    it("are left where they were met, and nowhere if they were not", () => {
      const met = (session.met = new SetGroup(NILS, OLGA));
      members.leave();
      expect(met.left).to.equal(0);
      members.meet("met");
      members.leave();
      expect(met.left).to.equal(1);
    });

    it("are called by their names, or by the address of one whose name cannot be seen", () => {
      scope.names.rename(OLGA, "\u200b ");
      expect(members.names()).to.deep.equal(["Nils", OLGA]);
      expect([members.name(NILS), members.name()]).to.deep.equal(["Nils", "everybody in this chat"]);
      expect(members.declined()).to.include("Nils").and.to.include(OLGA);
    });
  });
});
