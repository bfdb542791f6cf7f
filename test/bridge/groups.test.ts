import { expect } from "chai";
import { BOT, ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { until } from "../support/until.ts";

const OLGA = "olga@example.com";
const PETE = "pete@example.com";

for (const [msn, words] of NETWORKS) {
  describe(`chats of several, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let management: string;
    let [nils, olga, pete]: ScriptedContact[] = [];
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      nils = bridge.sandbox.contact(NILS, "Nils");
      olga = bridge.sandbox.contact(OLGA, "Olga");
      pete = bridge.sandbox.contact(PETE, "Pete");
      // Of strangers a room is made only once something is said.
      for (const friend of [NILS, OLGA]) bridge.sandbox.befriend(MIA.passport, friend);
      management = await bridge.login();
    });
    afterEach(() => bridge.close());

    /** Nils calls the others to a chat with Mia, and says something there. */
    async function meet(...others: string[]): Promise<string> {
      await nils?.gather(MIA.passport, ...others);
      nils?.sayToAll("hello everybody");
      const room = await groupRoom();
      await bridge.reads(bridge.alice, room, "hello everybody");
      return room;
    }

    /** Joins the room of a group that Alice is invited to. */
    async function groupRoom(): Promise<string> {
      const room = await until("an invitation to a group", () =>
        bridge.alice.invites().find((id) => bridge.fake.room(id).membership(BOT) === "join"),
      );
      bridge.alice.join(room);
      return room;
    }

    async function untilIn(room: string, ...members: string[]): Promise<void> {
      const wanted = [BOT, bridge.alice.userId, ...members.map(ghostOf)].toSorted();
      const now = (): string[] => bridge.fake.room(room).members("join").toSorted();
      await until(`in the room: ${members.join(", ")}`, () => now().join(" ") === wanted.join(" "));
    }

    function rooms(): number {
      return bridge.fake.rooms().filter(({ id }) => id !== management).length;
    }

    const said = (contact?: ScriptedContact): string[] => contact?.received.map(({ text }) => text) ?? [];

    it("have a room of their own, which the bot makes, with everybody's ghost", async () => {
      const room = await meet(OLGA);
      await untilIn(room, NILS, OLGA);
      olga?.sayToAll("hello from Olga");
      const message = await bridge.reads(bridge.alice, room, "hello from Olga");
      expect(message.sender).to.equal(ghostOf(OLGA));
      expect(bridge.fake.room(room).state("m.room.name")).to.deep.equal({ name: "Nils, Olga" });
      expect(bridge.fake.world.displayNames.get(ghostOf(OLGA))).to.equal("Olga");
      const creation = bridge.fake.requests.find(
        ({ path, body }) => path.endsWith("/createRoom") && body["name"] === "Nils, Olga",
      );
      expect(creation?.user).to.equal(BOT);
      expect(creation?.body).not.to.have.property("is_direct");
      expect(creation?.body["power_level_content_override"]).not.to.have.property("users");
      bridge.alice.say(room, "hello you two");
      await until("both have it", () => said(nils).includes("hello you two") && said(olga).includes("hello you two"));
      expect(rooms()).to.equal(1);
    });

    it("confirm what the owner says with a receipt of the bot", async () => {
      const room = await meet(OLGA);
      const eventId = bridge.alice.say(room, "did it arrive?");
      await until("a receipt", () =>
        bridge.fake.requests.some(
          ({ user, path }) =>
            user === BOT && path.includes("/receipt/m.read/") && path.endsWith(encodeURIComponent(eventId)),
        ),
      );
    });

    it("begin when a third person comes to a chat of two, whose own room stays apart", async () => {
      await nils?.say(MIA.passport, "only us");
      const two = await bridge.joinRoomOf(NILS);
      await nils?.call(OLGA);
      const three = await groupRoom();
      await untilIn(three, NILS, OLGA);
      bridge.alice.say(three, "to both");
      await until("both have it", () => said(nils).includes("to both") && said(olga).includes("to both"));
      bridge.alice.say(two, "to Nils alone");
      await until("Nils has it", () => said(nils).includes("to Nils alone"));
      expect(said(olga)).to.deep.equal(["to both"]);
      expect(rooms()).to.equal(2);
    });

    it("keep their room when a fourth comes, one leaves and returns", async () => {
      const room = await meet(OLGA);
      await nils?.call(PETE);
      await untilIn(room, NILS, OLGA, PETE);
      await until("the name", () => bridge.fake.room(room).state("m.room.name")?.["name"] === "Nils, Olga, Pete");
      olga?.leaveAll();
      await untilIn(room, NILS, PETE);
      bridge.alice.say(room, "without Olga");
      await until("both have it", () => said(nils).includes("without Olga") && said(pete).includes("without Olga"));
      await nils?.call(OLGA);
      await untilIn(room, NILS, OLGA, PETE);
      olga?.sayToAll("back again");
      await bridge.reads(bridge.alice, room, "back again");
      expect(said(olga)).not.to.include("without Olga");
      expect(rooms()).to.equal(1);
    });

    it("keep their room when they shrink to one and grow again", async () => {
      const room = await meet(OLGA, PETE);
      await untilIn(room, NILS, OLGA, PETE);
      olga?.leaveAll();
      pete?.leaveAll();
      await untilIn(room, NILS);
      nils?.sayToAll("only we are left");
      await bridge.reads(bridge.alice, room, "only we are left");
      await nils?.call(OLGA);
      await nils?.call(PETE);
      await untilIn(room, NILS, OLGA, PETE);
      pete?.sayToAll("all there");
      await bridge.reads(bridge.alice, room, "all there");
      expect(rooms()).to.equal(1);
    });

    it("are found again by their people, after the board has ended and after a restart", async () => {
      const room = await meet(OLGA);
      for (const contact of [nils, olga]) contact?.leaveAll();
      await untilIn(room);
      await olga?.gather(MIA.passport, NILS);
      olga?.sayToAll("we meet again");
      await bridge.reads(bridge.alice, room, "we meet again");
      await untilIn(room, NILS, OLGA);
      await bridge.stopBridge();
      for (const contact of [nils, olga]) contact?.leaveAll();
      await bridge.start();
      await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
      await until("online", () =>
        olga?.gather(NILS, MIA.passport).then(
          () => true,
          () => false,
        ),
      );
      olga?.sayToAll("after the restart");
      await bridge.reads(bridge.alice, room, "after the restart");
      await bridge.stopBridge();
      for (const contact of [nils, olga]) contact?.leaveAll();
      await bridge.start();
      bridge.alice.say(room, "from Matrix");
      await until("both called", () => said(nils).includes("from Matrix") && said(olga).includes("from Matrix"));
      nils?.sayToAll("and back");
      await bridge.reads(bridge.alice, room, "and back");
      expect(rooms()).to.equal(1);
    });

    it("stay apart from other chats of some of the same people", async () => {
      const three = await meet(OLGA);
      await pete?.gather(MIA.passport, OLGA);
      pete?.sayToAll("another chat");
      const other = await groupRoom();
      await bridge.reads(bridge.alice, other, "another chat");
      await nils?.gather(MIA.passport, OLGA, PETE);
      nils?.sayToAll("all four");
      const four = await groupRoom();
      await bridge.reads(bridge.alice, four, "all four");
      bridge.alice.say(three, "to the three");
      bridge.alice.say(other, "to the others");
      await until("both", () => said(nils).includes("to the three") && said(pete).includes("to the others"));
      expect(said(pete)).not.to.include("to the three");
      expect(said(nils)).not.to.include("to the others");
      expect(said(olga)).to.include.members(["to the three", "to the others"]);
      expect(new Set([three, other, four]).size).to.equal(3);
    });

    it("get one room when words and people come at the same moment, and lose none", async () => {
      await nils?.gather(MIA.passport, OLGA);
      const called = nils?.call(PETE);
      for (let turn = 0; turn < 10; turn += 1) {
        nils?.sayToAll(`nils ${turn}`);
        olga?.sayToAll(`olga ${turn}`);
      }
      await called;
      const room = await groupRoom();
      await bridge.reads(bridge.alice, room, "olga 9");
      await untilIn(room, NILS, OLGA, PETE);
      const from = (passport: string): string[] =>
        bridge.alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(passport) ? [body] : []));
      expect(from(NILS)).to.deep.equal(Array.from({ length: 10 }, (_, turn) => `nils ${turn}`));
      expect(from(OLGA)).to.deep.equal(Array.from({ length: 10 }, (_, turn) => `olga ${turn}`));
      expect(rooms()).to.equal(1);
    });
  });
}

describe("chats of several, when the server closes idle boards", () => {
  it("show nobody leaving, and go on with the next words", async () => {
    const bridge = await TestBridge.started({ msn: "official", idleBoardMs: 300 });
    try {
      await bridge.login();
      const nils = bridge.sandbox.contact(NILS, "Nils");
      const olga = bridge.sandbox.contact(OLGA, "Olga");
      await nils.gather(MIA.passport, OLGA);
      nils.sayToAll("hello");
      const room = await until("an invitation", () => bridge.alice.invites()[0]);
      bridge.alice.join(room);
      await bridge.reads(bridge.alice, room, "hello");
      const leaves = (): unknown[] =>
        bridge.fake.room(room).timeline.filter(({ content }) => content["membership"] === "leave");
      for (const turn of [1, 2]) {
        await until("no board", () => bridge.sandbox.boards() === 0);
        bridge.alice.say(room, `turn ${turn}`);
        await until("both", () => [nils, olga].every(({ received }) => received.at(-1)?.text === `turn ${turn}`));
      }
      expect(leaves()).to.deep.equal([]);
    } finally {
      await bridge.close();
    }
  });
});
