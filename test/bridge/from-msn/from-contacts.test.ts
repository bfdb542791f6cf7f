import { expect } from "chai";
import { FromContacts, type Place } from "../../../src/bridge/from-msn/from-contacts.ts";
import { HeldBack } from "../../../src/bridge/from-msn/held-back.ts";
import { Strangers } from "../../../src/bridge/from-msn/strangers.ts";
import { LoginPortals } from "../../../src/bridge/portal/login-portals.ts";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import type { LoginScope } from "../../../src/bridge/scope/login-scope.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import type { Content, TextStyle } from "../../../src/msn/index.ts";
import { baseScope, intentOf, loginScope } from "../../support/scopes.ts";

const [NILS, OLGA, PETE] = ["nils@example.com", "olga@example.com", "pete@example.com"];
const STYLE: TextStyle = { bold: true, italic: false, underline: false, strike: false, rightToLeft: false };
const HELLO: Content = { type: "text", text: "hello", style: STYLE };

/** A homeserver that never answers, so that what is to be shown stays in the journal. */
const silent = async (): Promise<unknown> => new Promise(() => undefined);

describe("bridge/from-msn/from-contacts", () => {
  let scope: LoginScope;
  let portals: LoginPortals;
  let contacts: FromContacts;
  let stopping: AbortController;

  /** What a run of the bridge begins with. */
  function start(): void {
    portals = new LoginPortals(scope);
    contacts = new FromContacts(scope, portals, new Strangers(scope, portals, new HeldBack(scope, portals)));
  }

  beforeEach(() => {
    stopping = new AbortController();
    const base = baseScope({ signal: stopping.signal, bot: intentOf("@msnbot:localhost", silent) });
    const ghosts = new Ghosts(base, new GhostIds("localhost"), { intent: (userId) => intentOf(userId, silent) });
    scope = loginScope({ ...base, ghosts });
    start();
  });
  afterEach(() => {
    stopping.abort();
    scope.store.close();
  });

  /** What waits to be shown, by portal. */
  function waiting(): Array<[portal: number | null, message: unknown]> {
    const { journal } = scope.store;
    return journal.listOpen("to-matrix").map((id) => [journal.get(id).portalId, journal.body(id)]);
  }

  const messages = (): unknown[] => waiting().map(([, message]) => message);
  const group = (id: string, ...people: string[]): Place => ({ account: people[0] ?? NILS, group: id, people });
  const portalOf = async (place: Place): Promise<number | null> => {
    await contacts.said(place, HELLO);
    return waiting().at(-1)?.[0] ?? null;
  };

  const SHOWN: Array<[what: string, content: Content, message: object]> = [
    ["a text", HELLO, { type: "text", from: NILS, text: "hello", style: STYLE }],
    ["an action", { type: "action", text: "waves" }, { type: "emote", from: NILS, text: "waves" }],
    ["a nudge", { type: "nudge" }, { type: "nudge", from: NILS }],
  ];
  for (const [what, content, message] of SHOWN) {
    it(`writes down ${what} for the chat with the contact`, async () => {
      await contacts.said({ account: NILS }, content);
      expect(waiting()).to.deep.equal([[portals.direct(NILS).row.id, message]]);
    });
  }

  const DROPPED: Array<[what: string, content: Content]> = [
    ["an empty text", { type: "text", text: " \n\u200b", style: STYLE }],
    ["an empty action", { type: "action", text: "" }],
    ["a message of an unknown kind", { type: "unknown", contentType: "text/x-new" }],
    ["the sign that they type", { type: "typing" }],
  ];
  for (const [what, content] of DROPPED) {
    it(`makes no chat for ${what}`, async () => {
      await contacts.said({ account: NILS }, content);
      expect([messages(), portals.list()]).to.deep.equal([[], []]);
    });
  }

  it("tells what cannot be shown in the chat, once an hour for each kind", async () => {
    const said = (["wink", "wink", "webcam"] as const).map((kind) =>
      contacts.said({ account: NILS }, { type: "unsupported", kind, contentType: "text/x-msmsgsinvite" }),
    );
    expect(messages()).to.have.length(2);
    expect(JSON.stringify(messages()[0])).to.include("nils@example.com sent you a wink.");
    await Promise.all(said);
  });

  it("makes neither a chat nor a room because a contact types", () => {
    contacts.types({ account: NILS });
    expect(portals.list()).to.deep.equal([]);
  });

  it("keeps the order of what is said and of who comes and goes", async () => {
    const place = group("1", NILS, OLGA);
    await Promise.all([contacts.joined(place, "Nils"), contacts.said(place, HELLO), contacts.left(place)]);
    expect(messages()).to.deep.equal([
      { type: "join", from: NILS, name: "Nils" },
      { type: "text", from: NILS, text: "hello", style: STYLE },
      { type: "leave", from: NILS },
    ]);
    expect(new Set(waiting().map(([portal]) => portal)).size).to.equal(1);
  });

  it("keeps a group's chat while members come and go", async () => {
    const first = await portalOf(group("1", NILS, OLGA));
    expect(await portalOf(group("1", NILS, OLGA, PETE))).to.equal(first);
    expect(await portalOf(group("1", NILS))).to.equal(first);
    expect(scope.store.portalMembers.list(first ?? 0)).to.deep.equal([NILS, OLGA, PETE]);
  });

  it("finds the chat of a new conversation by the largest set of its members, also after a restart", async () => {
    const [two, three] = [await portalOf(group("1", NILS, OLGA)), await portalOf(group("2", NILS, OLGA, PETE))];
    expect(two).to.not.equal(three);
    start();
    expect(await portalOf(group("3", OLGA, NILS))).to.equal(two);
    expect(await portalOf(group("4", PETE, OLGA, NILS))).to.equal(three);
    expect(await portalOf(group("5", NILS, PETE))).to.not.be.oneOf([two, three]);
    expect(await portalOf({ account: NILS })).to.equal(portals.direct(NILS).row.id);
  });

  it("makes one chat for a contact and one object for each, until the chat is forgotten", () => {
    const portal = portals.direct(NILS);
    expect(portals.direct(NILS)).to.equal(portal);
    expect(portals.of(portal.row)).to.equal(portal);
    expect(portals.roomWith(NILS)).to.equal(null);
    scope.store.portals.setRoom(portal.row.id, "!a:localhost");
    expect(portals.roomWith("Nils@Example.com")).to.equal("!a:localhost");
    portals.forget(portal.row);
    expect(portals.list()).to.deep.equal([]);
    expect(portals.direct(NILS)).to.not.equal(portal);
  });
});
