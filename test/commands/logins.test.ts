import { expect } from "chai";
import { ghostOf, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const SLOW = { when: "after", ms: 500 } as const;

describe("logging out", () => {
  let bridge: TestBridge;
  let room: string;
  let portal: string;
  afterEach(() => bridge.close());

  async function begin(keys: Record<string, object> = {}): Promise<void> {
    bridge = await TestBridge.started({ keys });
    bridge.sandbox.contact(NILS, "Nils");
    room = await bridge.login();
    bridge.alice.say(room, `start-chat ${NILS}`);
    portal = await bridge.joinRoomOf(NILS);
  }

  async function comeBack(): Promise<void> {
    await bridge.ask(room, `login sandbox ${MIA.passport} ${MIA.password}`, "You are signed in");
    await bridge.sandbox.contact(NILS).say(MIA.passport, "hello again");
  }

  const ghostIn = (roomId: string): string | undefined => bridge.fake.room(roomId).membership(ghostOf(NILS));

  it("keeps the rooms where nothing else is said", async () => {
    await begin();
    await bridge.ask(room, "logout", "Your rooms stay");
    await comeBack();
    await bridge.reads(bridge.alice, portal, "hello again");
  });

  it("opens no room that would lead nowhere, until the next login", async () => {
    await begin();
    await bridge.ask(room, "logout", "Your rooms stay");
    for (const more of ["", ` ${MIA.passport}`, ` sandbox/${MIA.passport}`])
      await bridge.ask(room, `start-chat bob@example.com${more}`, "is logged out, so the chat would lead nowhere");
    expect(bridge.alice.invites()).to.deep.equal([]);
    await bridge.ask(room, `login sandbox ${MIA.passport} ${MIA.password}`, "You are signed in");
    await bridge.ask(room, "start-chat bob@example.com", "I invited you");
  });

  it("lets the contacts leave, and makes new rooms when they are needed", async () => {
    await begin();
    await bridge.ask(room, `logout ${MIA.passport} Leave`, "1 room was left by your contacts");
    await until("the ghost has left", () => ghostIn(portal) === "leave");
    await comeBack();
    const next = await bridge.joinRoomOf(NILS);
    expect(next).to.not.equal(portal);
    await bridge.reads(bridge.alice, next, "hello again");
  });

  it("forgets the chats, if that is configured", async () => {
    await begin({ bridge: { cleanup_on_logout: "delete" } });
    await bridge.ask(room, "logout", "1 room was left by your contacts, and this bridge has forgotten your chats");
    await until("the ghost has left", () => ghostIn(portal) === "leave");
    await bridge.ask(room, "admin stats", "only for those who look after the bridge");
    await comeBack();
    await bridge.reads(bridge.alice, await bridge.joinRoomOf(NILS), "hello again");
  });

  it("is not cancelled half-way: it says that it is too late, and goes on", async () => {
    await begin();
    bridge.fake.fail({ path: new RegExp(`${encodeURIComponent(portal)}/send/`, "u"), times: 1, slow: SLOW });
    await bridge.sandbox.contact(NILS).say(MIA.passport, "in the air");
    await until("the message is under way", () =>
      bridge.fake.requests.some(({ path, body }) => path.includes("/send/") && body["body"] === "in the air"),
    );
    bridge.alice.say(room, "logout delete");
    await until("signed out", () => bridge.sandbox.sessions(MIA.passport) === 0);
    await bridge.ask(room, "cancel", "It is too late to cancel that");
    await bridge.reads(bridge.alice, room, "this bridge has forgotten your chats");
    await bridge.ask(room, "status", "logged out");
  });

  it("answers elsewhere when it was said in a chat that is gone with it", async () => {
    await begin();
    bridge.alice.say(portal, "!msn logout delete");
    await bridge.reads(bridge.alice, room, "this bridge has forgotten your chats");
    await bridge.ask(room, "status", "logged out");
  });

  it("leaves no room behind that was being made for a message", async () => {
    await begin();
    bridge.alice.leave(portal);
    let isAsked = false;
    const onStrike = (): void => void (isAsked = true);
    bridge.fake.fail({ method: "POST", path: /createRoom$/u, times: 1, slow: { when: "before", ms: 300 }, onStrike });
    await bridge.sandbox.contact(NILS).say(MIA.passport, "hello");
    await until("a room is being made", () => isAsked);
    await bridge.ask(room, "logout delete", "1 room was left by your contacts");
    const [made = ""] = await until("the room", () => bridge.alice.invites().length > 0 && bridge.alice.invites());
    await until("the ghost has left", () => ghostIn(made) === "leave");
  });

  it("has the contacts leave also when the homeserver is away for a moment", async () => {
    await begin();
    bridge.fake.fail({ path: /\/leave$/u, times: 1, status: 502 });
    await bridge.ask(room, "logout leave", "1 room was left by your contacts");
    await until("the ghost has left", () => ghostIn(portal) === "leave");
  });

  it("refuses what it does not understand", async () => {
    await begin();
    await bridge.ask(room, "logout burn", "You have no login burn. Yours: mia@example.com.");
    await until("still signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
  });
});
