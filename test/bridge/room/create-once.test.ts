import { expect } from "chai";
import {
  createOnce,
  inviteAgain,
  leaveDouble,
  type Created,
  type Creation,
} from "../../../src/bridge/room/create-once.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { rejection } from "../../support/rejection.ts";
import { intentOf, memoryStore } from "../../support/scopes.ts";
import { timesOf } from "../../support/calendars.ts";

const [BOT, ALICE] = ["@msnbot:localhost", "@alice:localhost"];
const KEY = "one/mia@example.com/direct/nils@example.com";
const AWAY = new MatrixError("unreachable", "away");
const FORBIDDEN = new MatrixError("forbidden", "no");

/** What says of a room that it was made at a time for a key. */
const marks = (attempt: number, key = KEY): Record<string, unknown> => ({
  "matrix-appservice-msn.portal": key,
  "matrix-appservice-msn.attempt": attempt,
});

function contentOf(body: object): Record<string, unknown> {
  const content: unknown = Reflect.get(body, "creation_content");
  return typeof content === "object" && content !== null ? Object.fromEntries(Object.entries(content)) : {};
}

describe("bridge/room/create-once", () => {
  let clock: FakeClock;
  let store: Store;
  let stopping: AbortController;
  let portalId: number;
  /** The rooms in which the bot is, each with its creation content. */
  let rooms: Map<string, Record<string, unknown>>;
  let membership: string | undefined;
  let asked: string[];
  let bodies: object[];
  /** What happens before the homeserver does something. */
  let before: (what: string) => void;

  beforeEach(() => {
    clock = new FakeClock();
    store = memoryStore(clock);
    stopping = new AbortController();
    const login = store.logins.save({ server: "one", passport: "mia@example.com", owner: ALICE });
    portalId = store.portals.save({ loginId: login.id, kind: "direct", remote: "nils@example.com" }).id;
    rooms = new Map();
    [membership, asked, bodies, before] = ["invite", [], [], () => undefined];
  });
  afterEach(() => store.close());

  const bot = intentOf(BOT, async (method, path, options) =>
    homeserver(method, decodeURIComponent(path), options?.body),
  );

  /** @throws MatrixError, or what `before` throws */
  function homeserver(method: string, path: string, body: object = {}): Promise<unknown> {
    const [, room = "", deed = ""] = /^\/_matrix\/client\/v3(?:\/rooms\/([^/]+))?\/(.*)$/u.exec(path) ?? [];
    const what = `${method} ${deed} ${room}`.trim();
    asked.push(what);
    before(what);
    return Promise.resolve(answerTo(deed, room, body));
  }

  function answerTo(deed: string, room: string, body: object): unknown {
    if (deed === "joined_rooms") return { joined_rooms: [...rooms.keys()] };
    if (deed === "state/m.room.create/") return rooms.get(room);
    if (deed.startsWith("state/m.room.member/")) {
      if (membership === undefined) throw new MatrixError("not-found", "no");
      return { membership };
    }
    if (deed !== "createRoom") return {};
    bodies.push(body);
    rooms.set("!new", contentOf(body));
    return { room_id: "!new" };
  }

  async function make(more: Partial<Creation> = {}): Promise<Created> {
    const scope = { store, ...timesOf(clock), signal: stopping.signal, settings: { federate: false } };
    const of = { type: "portal", row: store.portals.get(portalId) } as const;
    return createOnce(scope, { mainIntent: bot, owner: ALICE, key: KEY, of, body: { name: "Nils" }, ...more });
  }

  const creating = (): Date | null => store.portals.get(portalId).creating;

  /** A try began so many milliseconds ago, of which the end is not known. @returns its mark */
  function begun(agoMs: number): number {
    const attempt = store.portals.markCreating(portalId).getTime();
    clock.holdUp(agoMs);
    return attempt;
  }

  describe("for the first time", () => {
    it("asks for one room and nothing else, with marks by which it is found again", async () => {
      expect(await make({ content: { type: "m.space" } })).to.deep.equal({ roomId: "!new", isFound: false });
      expect(asked).to.deep.equal(["POST createRoom"]);
      const content = { type: "m.space", "m.federate": false, ...marks(clock.epochMs()) };
      expect(bodies).to.deep.equal([{ name: "Nils", creation_content: content }]);
    });

    it("has written down that it begins before the homeserver is asked", async () => {
      before = () => expect(creating()).to.deep.equal(clock.date);
      await make();
      expect(asked).to.have.length(1);
    });

    it("of a space writes that down with the space", async () => {
      const row = store.spaces.save(store.portals.get(portalId).loginId, "");
      before = () => expect(store.spaces.get(row.loginId, "").creating).to.deep.equal(clock.date);
      await make({ of: { type: "space", row } });
      expect([asked.length, creating()]).to.deep.equal([1, null]);
    });

    it("says that the homeserver is away, and is never repeated by itself", async () => {
      before = () => {
        throw AWAY;
      };
      expect(await rejection(make())).to.equal(AWAY);
      expect([asked, creating()]).to.deep.equal([["POST createRoom"], clock.date]);
    });
  });

  describe("after a try of which the end is not known", () => {
    it("takes the room of that try, and makes none", async () => {
      rooms.set("!left", marks(begun(1000)));
      expect(await make()).to.deep.equal({ roomId: "!left", isFound: true });
      expect(bodies).to.deep.equal([]);
    });

    const NOT_IT: Array<[what: string, content: (attempt: number) => Record<string, unknown>]> = [
      ["of another chat", (attempt) => marks(attempt, "one/mia@example.com/direct/olga@example.com")],
      ["of an earlier try, which its owner may have left", (attempt) => marks(attempt - 1)],
      ["of nobody of ours", () => ({})],
    ];
    for (const [what, content] of NOT_IT) {
      it(`makes another where a room is ${what}`, async () => {
        rooms.set("!other", content(begun(60_000)));
        expect(await make()).to.deep.equal({ roomId: "!new", isFound: false });
      });
    }

    it("looks into no room that is known as another chat's or space's", async () => {
      const { loginId } = store.portals.get(portalId);
      const other = store.portals.save({ loginId, kind: "direct", remote: "olga@example.com" });
      store.portals.setRoom(other.id, "!chat");
      store.spaces.setRoom(store.spaces.save(loginId, ""), "!space", "Mia");
      const attempt = begun(60_000);
      for (const roomId of ["!chat", "!space"]) rooms.set(roomId, marks(attempt));
      expect(await make()).to.deep.equal({ roomId: "!new", isFound: false });
      expect(asked.filter((what) => what.includes("state"))).to.deep.equal([]);
    });

    it("passes over a room that the homeserver lets nobody look into", async () => {
      const attempt = begun(1000);
      for (const roomId of ["!closed", "!left"]) rooms.set(roomId, marks(attempt));
      before = (what) => {
        if (what.endsWith("!closed")) throw FORBIDDEN;
      };
      expect((await make()).roomId).to.equal("!left");
    });

    it("makes none while the homeserver does not say in which rooms we are", async () => {
      begun(60_000);
      before = () => {
        throw AWAY;
      };
      expect(await rejection(make())).to.equal(AWAY);
      expect(asked).to.deep.equal(["GET joined_rooms"]);
    });

    it("gives a young try the rest of its time, in which the homeserver may go on with it", async () => {
      const attempt = begun(5000);
      const making = make();
      await clock.advance(14_999);
      expect([asked, bodies]).to.deep.equal([["GET joined_rooms"], []]);
      rooms.set("!late", marks(attempt));
      await clock.advance(1);
      expect(await making).to.deep.equal({ roomId: "!late", isFound: true });
    });

    for (const [what, byMs] of [
      ["back", -86_400_000],
      ["forward", 86_400_000],
    ] as const) {
      it(`gives it neither more nor less where the date was set ${what} by a day`, async () => {
        begun(5000);
        clock.setDate(byMs);
        const making = make();
        await clock.advance(14_999);
        expect(bodies).to.deep.equal([]);
        await clock.advance(1);
        expect(await making).to.deep.equal({ roomId: "!new", isFound: false });
      });
    }

    it("makes nothing any more once the bridge stops", async () => {
      begun(5000);
      const making = rejection(make());
      await clock.advance(0);
      stopping.abort(new Error("stopped"));
      expect((await making).message).to.equal("stopped");
      expect([bodies, clock.waiting]).to.deep.equal([[], 0]);
    });

    it("takes the room of that try also where it comes while another is made, and names the other", async () => {
      const attempt = begun(60_000);
      before = (what) => {
        if (what === "POST createRoom") rooms.set("!late", marks(attempt));
      };
      expect(await make()).to.deep.equal({ roomId: "!late", isFound: true, double: "!new" });
      expect(asked).to.include(`GET state/m.room.member/${ALICE} !late`);
    });
  });

  describe("inviting the owner again", () => {
    const INVITED: ReadonlyArray<readonly [is: string | undefined, isInvited: boolean]> = [
      ["join", false],
      ["invite", false],
      ["leave", true],
      [undefined, true],
    ];
    for (const [is, isInvited] of INVITED) {
      it(`${isInvited ? "invites" : "does not invite"} one whose membership is ${is ?? "none"}`, async () => {
        membership = is;
        await inviteAgain("!left", { mainIntent: bot, owner: ALICE });
        expect(asked.includes("POST invite !left")).to.equal(isInvited);
      });
    }

    it("is done for a room that was found, which may have been cut short", async () => {
      membership = undefined;
      rooms.set("!left", marks(begun(1000)));
      await make();
      expect(asked.at(-1)).to.equal("POST invite !left");
    });
  });

  describe("leaving a double", () => {
    const parties = { mainIntent: bot, owner: ALICE };

    it("withdraws the invitation, and goes", async () => {
      await leaveDouble(parties, { double: "!new" });
      expect(asked).to.deep.equal(["POST kick !new", "POST leave !new"]);
    });

    it("goes also where the owner cannot be put out, and where it has gone before", async () => {
      before = () => {
        throw FORBIDDEN;
      };
      await leaveDouble(parties, { double: "!new" });
      expect(asked).to.deep.equal(["POST kick !new", "POST leave !new"]);
    });

    it("says that the homeserver is away", async () => {
      before = () => {
        throw AWAY;
      };
      expect(await rejection(leaveDouble(parties, { double: "!new" }))).to.equal(AWAY);
    });

    it("asks nothing where there is none", async () => {
      await leaveDouble(parties, {});
      expect(asked).to.deep.equal([]);
    });
  });
});
