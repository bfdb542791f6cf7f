import { expect } from "chai";
import type { ChangedPortal } from "../../../src/bridge/from-matrix/ghost-call.ts";
import { PortalChanges } from "../../../src/bridge/from-matrix/portal-changes.ts";
import type { InboundScope } from "../../../src/bridge/from-matrix/scope.ts";
import { Logins } from "../../../src/bridge/login/logins.ts";
import type { Portal } from "../../../src/bridge/portal/portal.ts";
import { NOBODY_IS_REMOVED, ONLY_YOU } from "../../../src/bridge/words/groups.ts";
import type { EventOf, MatrixEvent } from "../../../src/convert/matrix-event.ts";
import { portalMessage } from "../../../src/convert/to-matrix.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { rejection } from "../../support/rejection.ts";
import { askingScope, inboundScope, testNetwork } from "../../support/scopes.ts";

const [ALICE, BOB] = ["@alice:localhost", "@bob:localhost"];
const [NILS, OLGA, LENA] = ["nils@example.com", "olga@example.com", "lena@example.com"];
const ghostOf = (account: string): string => `@msn_one_${account.replace("@", "=40")}:localhost`;
const [CHAT, GROUP, NEXT] = ["!chat:localhost", "!group:localhost", "!next:localhost"];

describe("bridge/from-matrix/portal-changes", () => {
  let stopping: AbortController;
  let clock: FakeClock;
  let scope: InboundScope;
  let changes: PortalChanges;
  let direct: ChangedPortal;
  let group: ChangedPortal;

  beforeEach(() => {
    [stopping, clock] = [new AbortController(), new FakeClock()];
    // A homeserver that never answers, so that what is to be shown stays in the journal.
    const silent = async (): Promise<unknown> => new Promise(() => undefined);
    scope = inboundScope(askingScope(silent, { clock, signal: stopping.signal }));
    const { logins, portals, portalMembers } = scope.store;
    const { id: loginId } = logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });
    portals.setRoom(portals.save({ loginId, kind: "direct", remote: NILS }).id, CHAT);
    const row = portals.save({ loginId, kind: "group", remote: "some id" });
    portals.setRoom(row.id, GROUP);
    portalMembers.grow(row.id, [NILS, OLGA]);
    scope = { ...scope, logins: new Logins(scope, [testNetwork()]) };
    changes = new PortalChanges(scope);
    [direct, group] = [changed(CHAT), changed(GROUP)];
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  function changed(roomId: string): ChangedPortal {
    const [login] = scope.logins.all;
    const row = scope.store.portals.findByRoom(roomId);
    if (login === undefined || row === undefined) throw new Error("there is no such portal");
    return { login, portal: login.portals.of(row) };
  }

  function read<K extends MatrixEvent["kind"]>(kind: K, fields: object): EventOf<K> {
    const event = matrixEvent({ state_key: "", ...fields });
    const isIt = (one: MatrixEvent): one is EventOf<K> => one.kind === kind;
    return isIt(event) ? event : expect.fail(`it is ${event.kind}`);
  }
  const member = (room: string, userId: string, membership: string, sender = ALICE): EventOf<"member"> =>
    read("member", { room_id: room, type: "m.room.member", state_key: userId, sender, content: { membership } });

  /** What is to be shown in a chat. */
  function shown({ row }: Portal): object[] {
    const { journal } = scope.store;
    const rows = journal.listOpen("to-matrix").filter((id) => journal.get(id).portalId === row.id);
    return rows.map((id) => portalMessage.parse(journal.body(id)));
  }

  describe("after an invitation", () => {
    it("of another user, the owner is told once what others see of the chat", () => {
      for (const userId of [BOB, "@eve:localhost"])
        expect(changes.invited(direct, member(CHAT, userId, "invite"))).to.equal(undefined);
      expect(shown(direct.portal)).to.deep.equal([{ type: "notice", text: ONLY_YOU }]);
    });

    it("of the owner, nothing is to be said", () => {
      expect(changes.invited(direct, member(CHAT, ALICE, "invite", BOB))).to.equal(undefined);
      expect(shown(direct.portal)).to.deep.equal([]);
    });

    it("of a ghost by the owner, the contact is called", () => {
      expect(changes.invited(direct, member(CHAT, ghostOf(OLGA), "invite"))?.type).to.equal("call");
      expect(shown(direct.portal)).to.deep.equal([]);
    });

    it("of a member's ghost by another, the ghost comes: who moves a room invites all of them", () => {
      expect(changes.invited(group, member(GROUP, ghostOf(OLGA), "invite", BOB))).to.equal(undefined);
      expect(shown(group.portal)).to.deep.equal([{ type: "join", from: OLGA }]);
    });

    it("of a stranger's ghost by another, the ghost leaves and says why", () => {
      const step = changes.invited(group, member(GROUP, ghostOf(LENA), "invite", BOB));
      expect(step).to.deep.include({ type: "leave", user: scope.ghosts.byUserId(ghostOf(LENA)), roomId: GROUP });
      expect(step).to.have.property("reason").which.includes("Only the person");
      expect(shown(group.portal)).to.deep.equal([]);
    });
  });

  describe("when somebody has gone", () => {
    const isThere = ({ portal }: ChangedPortal, userId: string): boolean =>
      portal.room.membership.isKnown(portal.roomId ?? "", userId);

    for (const userId of [ALICE, ghostOf(NILS)]) {
      it(`who is ${userId}, the chat has lost its room`, () => {
        changes.gone(direct, member(CHAT, userId, "leave"));
        expect(direct.portal.roomId).to.equal(null);
      });
    }

    it("who is the owner, the group on MSN is left", () => {
      let left = 0;
      Object.assign(group.portal.members, { leave: () => void (left += 1) });
      changes.gone(group, member(GROUP, ALICE, "leave"));
      expect([group.portal.roomId, left]).to.deep.equal([null, 1]);
    });

    it("who is the bot, the group has lost its room, and goes on on MSN", () => {
      let left = 0;
      Object.assign(group.portal.members, { leave: () => void (left += 1) });
      changes.gone(group, member(GROUP, scope.bot.userId, "ban", BOB));
      expect([group.portal.roomId, left]).to.deep.equal([null, 0]);
    });

    it("who is nobody of the chat, nothing follows", () => {
      changes.gone(group, member(GROUP, BOB, "leave"));
      expect([group.portal.roomId, shown(group.portal)]).to.deep.equal([GROUP, []]);
    });

    it("who is a member who has gone on MSN too, nothing follows but that it is known", () => {
      group.portal.room.membership.note(GROUP, ghostOf(OLGA), ghostOf(NILS));
      changes.gone(group, member(GROUP, ghostOf(OLGA), "leave", ghostOf(OLGA)));
      expect(shown(group.portal)).to.deep.equal([]);
      expect([isThere(group, ghostOf(OLGA)), isThere(group, ghostOf(NILS))]).to.deep.equal([false, true]);
    });

    it("who is a member who is still there on MSN, their ghost comes back, and the owner is told once why", () => {
      Object.assign(group.portal.members, { isPresent: () => true });
      for (const account of [OLGA, NILS]) changes.gone(group, member(GROUP, ghostOf(account), "leave"));
      expect(shown(group.portal)).to.deep.equal([
        { type: "notice", text: NOBODY_IS_REMOVED },
        { type: "join", from: OLGA },
        { type: "join", from: NILS },
      ]);
    });
  });

  describe("when the room has another name", () => {
    const name = (to: string, sender = ALICE): EventOf<"room-name"> =>
      read("room-name", { room_id: CHAT, type: "m.room.name", sender, content: { name: to } });
    const title = (): string | null => scope.store.portals.title(direct.portal.row.id);

    it("the chat keeps what its owner calls it, until they take that away", () => {
      expect([changes.renamed(direct, name("Us")), title()]).to.deep.equal([undefined, "Us"]);
      expect([changes.renamed(direct, name("Them", BOB)), title()]).to.deep.equal([undefined, "Us"]);
      expect(changes.renamed(direct, name("", BOB))).to.equal(undefined);
      expect(changes.renamed(direct, name(""))).to.deep.equal({ type: "name", portal: direct.portal });
      expect(title()).to.equal(null);
    });
  });

  describe("when the room is closed", () => {
    const tombstone = (content: object): EventOf<"tombstone"> =>
      read("tombstone", { room_id: CHAT, type: "m.room.tombstone", content });

    it("for good, the chat has lost it", () => {
      expect(changes.moved(direct, tombstone({ body: "closed" }))).to.equal(undefined);
      expect(direct.portal.roomId).to.equal(null);
    });

    it("and replaced, the chat goes where it says, and it is no loss that it fails before its turn", async () => {
      const moves: string[][] = [];
      const refusal = new Error("no");
      Object.assign(direct.portal.room, {
        follow: (...way: string[]) => {
          moves.push(way);
          return Promise.reject(refusal);
        },
      });
      const unhandled: unknown[] = [];
      const note = (error: unknown): void => void unhandled.push(error);
      process.on("unhandledRejection", note);
      const step = changes.moved(direct, tombstone({ replacement_room: NEXT }));
      await clock.advance(0);
      process.off("unhandledRejection", note);
      expect(unhandled).to.deep.equal([]);
      expect([moves, direct.portal.roomId]).to.deep.equal([[[CHAT, NEXT]], CHAT]);
      if (step?.type !== "follow-portal") throw new Error("nothing is awaited");
      expect(await rejection(step.following)).to.equal(refusal);
    });
  });
});
