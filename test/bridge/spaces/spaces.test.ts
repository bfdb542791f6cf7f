import { expect } from "chai";
import { BOT, MIA, NETWORKS, NILS, TestBridge } from "../../support/test-bridge.ts";
import type { FakeRoom } from "../../support/fake-homeserver/room.ts";
import { until } from "../../support/until.ts";

const OLGA = "olga@example.com";
const ACCOUNT = "Sandbox: mia@example.com";
const tries = async (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );
const keys = { bridge: { personal_filtering_spaces: true } };

for (const [msn, words] of NETWORKS) {
  describe(`spaces, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    beforeEach(async () => void (bridge = await TestBridge.open({ keys, msn })));
    afterEach(() => bridge.close());

    /** Mia has Nils among her contacts, in the group Friends; returns Alice's room with the bot. */
    const start = async (): Promise<string> => {
      for (const [passport, name] of [
        [NILS, "Nils"],
        [OLGA, "Olga"],
      ] as const) {
        bridge.sandbox.contact(passport, name);
        bridge.sandbox.befriend(MIA.passport, passport, true);
      }
      await bridge.start();
      const room = await bridge.login();
      await bridge.ask(room, "group add Friends", "You have a group Friends now");
      await bridge.ask(room, `group move ${NILS} Friends`, "is in the group Friends now");
      return room;
    };
    const say = async (passport: string): Promise<string> => {
      await until("Mia is signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
      await bridge.sandbox.contact(passport).say(MIA.passport, "hello");
      return bridge.joinRoomOf(passport);
    };
    const find = (name: string): FakeRoom | undefined =>
      bridge.fake
        .rooms()
        .find((room) => room.state("m.room.name")?.["name"] === name && room.membership(BOT) === "join");
    const space = async (name: string): Promise<FakeRoom> => until(`the space ${name}`, () => find(name));
    const childrenOf = (room: FakeRoom): string[] =>
      room.timeline
        .map(({ type, state_key: child = "" }) => (type === "m.space.child" ? child : ""))
        .filter(
          (child, at, all) => all.indexOf(child) === at && room.state("m.space.child", child)?.["via"] !== undefined,
        );
    const has = async (name: string, ...children: string[]): Promise<FakeRoom> => {
      await until(`${children.join()} in ${name}`, () => {
        const found = find(name);
        return found !== undefined && childrenOf(found).toSorted().join() === children.toSorted().join();
      });
      return space(name);
    };

    it("an account has one with its chats, made with the first room, and one in it for a group with a chat", async () => {
      await start();
      expect(find(ACCOUNT)).to.equal(undefined);
      const olga = await say(OLGA);
      const account = await has(ACCOUNT, olga);
      expect(account.state("m.room.create")).to.include({ type: "m.space" });
      expect(account.membership(bridge.alice.userId)).to.equal("invite");
      expect(account.state("m.space.child", olga)).to.deep.equal({ via: ["localhost"] });
      expect(find("Friends")).to.equal(undefined);
      const nils = await say(NILS);
      const friends = await has("Friends", nils);
      await has(ACCOUNT, olga, nils, friends.id);
      expect(account.state("m.space.child", friends.id)).to.deep.equal({ via: ["localhost"], order: "0001" });
      expect(() => bridge.alice.send(account.id, "m.room.message", { msgtype: "m.text", body: "x" })).to.throw();
    });

    it("follow the groups: contacts come and go, a group is renamed and removed", async () => {
      const bot = await start();
      const [olga, nils] = [await say(OLGA), await say(NILS)];
      await has("Friends", nils);
      await bridge.ask(bot, `group move ${OLGA} Friends`, "is in the group Friends now");
      await has("Friends", olga, nils);
      await bridge.ask(bot, "group add Family", "You have a group Family now");
      await bridge.ask(bot, `group move ${NILS} Family`, "is in the group Family now");
      const friends = await has("Friends", olga);
      const family = await has("Family", nils);
      await bridge.ask(bot, "group rename Friends to Best friends", "is called Best friends now");
      await has("Best friends", olga);
      await bridge.ask(bot, `group move ${OLGA} Family`, "is in the group Family now");
      await bridge.ask(bot, "group remove Best friends", "is removed");
      await until("the bot has left", () => friends.membership(BOT) === "leave");
      expect(childrenOf(friends)).to.deep.equal([]);
      await has(ACCOUNT, olga, nils, family.id);
    });

    it("lose a chat whose room she has left, and get the next one", async () => {
      await start();
      const first = await say(NILS);
      const before = await has("Friends", first);
      bridge.alice.leave(first);
      // Left before the words were there, they get another room at once.
      await until("the chat is gone", () => !childrenOf(before).includes(first));
      const second = await say(NILS);
      const friends = await has("Friends", second);
      await has(ACCOUNT, second, friends.id);
    });

    it("stay away once she has left them, until she says sync", async () => {
      const bot = await start();
      const olga = await say(OLGA);
      const account = await has(ACCOUNT, olga);
      bridge.alice.leave(account.id);
      await until("the bot has left too", () => account.membership(BOT) === "leave");
      const nils = await say(NILS);
      await bridge.stopBridge();
      await bridge.start();
      await until("Mia is signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
      expect([find(ACCOUNT), find("Friends")]).to.deep.equal([undefined, undefined]);
      // The server knows that she is signed in a little before the bridge does.
      await bridge.asksUntil(bot, "sync", "contacts compared");
      const friends = await has("Friends", nils);
      await has(ACCOUNT, olga, nils, friends.id);
    });

    it("cost nothing at a restart", async () => {
      const bot = await start();
      const [olga, nils] = [await say(OLGA), await say(NILS)];
      const friends = await has("Friends", nils);
      await has(ACCOUNT, olga, nils, friends.id);
      await bridge.stopBridge();
      bridge.fake.requests.length = 0;
      await bridge.start();
      await until("Mia can be reached", () => tries(bridge.sandbox.contact(NILS).say(MIA.passport, "again")));
      await bridge.reads(bridge.alice, nils, "again");
      await bridge.ask(bot, "sync", "contacts compared");
      const asked = bridge.fake.requests.filter(
        ({ method, path }) => method === "PUT" && path.includes("m.space.child"),
      );
      expect(asked).to.deep.equal([]);
    });

    it("are made once, also when the bridge is stopped before it hears of them", async () => {
      await start();
      const nils = bridge.sandbox.contact(NILS);
      let struck = 0;
      const onStrike = (): void => void (struck += 1);
      // The first room is the chat's, the second the account's space.
      bridge.fake.fail({ method: "POST", path: /createRoom$/u, times: 1, slow: { when: "before", ms: 0 }, onStrike });
      bridge.fake.fail({ method: "POST", path: /createRoom$/u, times: 1, resetAfterDeed: true, onStrike });
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(NILS);
      await until("both were asked for", () => struck === 2);
      await bridge.stopBridge();
      await bridge.start();
      const friends = await has("Friends", room);
      await has(ACCOUNT, room, friends.id);
      const spaces = bridge.fake.rooms().filter((one) => one.state("m.room.create")?.["type"] === "m.space");
      expect(spaces).to.have.length(2);
      expect(spaces.map((one) => one.membership(bridge.alice.userId))).to.deep.equal(["invite", "invite"]);
    });

    it("go when she logs out and wants nothing to stay", async () => {
      const bot = await start();
      const room = await say(NILS);
      const friends = await has("Friends", room);
      const account = await has(ACCOUNT, room, friends.id);
      await bridge.ask(bot, "logout delete", "You are signed out");
      expect([account, friends].map((one) => one.membership(BOT))).to.deep.equal(["leave", "leave"]);
    });

    it("do not stay when she logs out while they are made", async () => {
      const bot = await start();
      let isAsked = false;
      const onStrike = (): void => void (isAsked = true);
      // The first room is the chat's, the second the account's space.
      bridge.fake.fail({ method: "POST", path: /createRoom$/u, times: 1, slow: { when: "before", ms: 0 } });
      bridge.fake.fail({
        method: "POST",
        path: /createRoom$/u,
        times: 1,
        slow: { when: "before", ms: 60_000 },
        onStrike,
      });
      await say(NILS);
      await until("the space is being made", () => isAsked);
      await bridge.ask(bot, "logout delete", "You are signed out");
      bridge.fake.calm();
      const isSpace = (room: FakeRoom): boolean => room.state("m.room.create")?.["type"] === "m.space";
      const account = await until("the space", () => bridge.fake.rooms().find(isSpace));
      await until("the bot has left", () => account.membership(BOT) === "leave");
    });

    it("are entered by herself where the bridge may act for her", async () => {
      const bot = await start();
      await bridge.ask(bot, `login-matrix ${bridge.alice.newToken()}`, "Your access token works");
      await bridge.sandbox.contact(NILS).say(MIA.passport, "hello");
      const friends = await space("Friends");
      const account = await space(ACCOUNT);
      await until("she is in both", () =>
        [account, friends].every((one) => one.membership(bridge.alice.userId) === "join"),
      );
    });
  });
}
