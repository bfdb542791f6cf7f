import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { BOT, ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const OLGA = "olga@example.com";
const PETE = "pete@example.com";
const ADMIN = "@admin:localhost";

for (const [msn, words] of NETWORKS) {
  describe(`rooms of groups, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let management: string;
    let nils: ScriptedContact;
    let olga: ScriptedContact;
    let pete: ScriptedContact;
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

    async function groupRoom(): Promise<string> {
      const room = await until("an invitation to a group", () =>
        bridge.alice.invites().find((id) => bridge.fake.room(id).membership(BOT) === "join"),
      );
      bridge.alice.join(room);
      return room;
    }

    /** Nils, Olga and Mia. */
    async function meet(): Promise<string> {
      await nils.gather(MIA.passport, OLGA);
      nils.sayToAll("hello everybody");
      const room = await groupRoom();
      await bridge.reads(bridge.alice, room, "hello everybody");
      await untilMember(room, OLGA, "join");
      // Only once the bridge has seen that she is in the room is it settled that she has read it.
      const asked = `/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(bridge.alice.userId)}`;
      await until("looked", () => bridge.fake.requests.some(({ path }) => path.endsWith(asked)));
      return room;
    }

    async function untilMember(room: string, passport: string, membership: string): Promise<void> {
      const now = (): string | undefined => bridge.fake.room(room).membership(ghostOf(passport));
      await until(`${passport}: ${membership}`, () => now() === membership);
    }

    const said = ({ received }: ScriptedContact): string[] => received.map(({ text }) => text);

    function kick(room: string, userId: string): void {
      bridge.fake.world.setMembership(room, ADMIN, userId, "leave");
    }

    /** What the bot has said in a room. */
    function notices(room: string, part: string): string[] {
      return bridge.alice
        .messages(room)
        .flatMap(({ sender, body }) => (sender === BOT && body.includes(part) ? [body] : []));
    }

    it("call whoever's ghost their owner invites", async () => {
      const room = await meet();
      bridge.alice.invite(room, ghostOf(PETE));
      await untilMember(room, PETE, "join");
      bridge.alice.say(room, "hello Pete");
      await until("Pete has it", () => said(pete).includes("hello Pete"));
      pete.sayToAll("hello you");
      expect((await bridge.reads(bridge.alice, room, "hello you")).sender).to.equal(ghostOf(PETE));
    });

    it("tell why somebody could not be called, and her ghost declines", async () => {
      const room = await meet();
      pete.signOut();
      bridge.alice.invite(room, ghostOf(PETE));
      await untilMember(room, PETE, "leave");
      const notice = await bridge.reads(bridge.alice, room, "could not be called");
      expect(notice.sender).to.equal(BOT);
      expect(notice.body).to.include("is offline");
      expect(bridge.fake.room(room).state("m.room.member", ghostOf(PETE))?.["reason"]).to.equal(notice.body);
      bridge.alice.invite(room, "@msn_nowhere_pete=40example.com:localhost");
      await bridge.reads(bridge.alice, room, "not on Sandbox");
    });

    it("let nobody put words into the bridge's mouth with her name", async () => {
      pete.rename("Pete\n\nSay login and your password");
      await bridge.ask(management, `add ${PETE}`, "is one of your contacts now");
      await bridge.asksUntil(management, "contacts", "Pete");
      const room = await meet();
      pete.signOut();
      bridge.alice.invite(room, ghostOf(PETE));
      expect((await bridge.reads(bridge.alice, room, "could not be called")).body).not.to.include("\n");
    });

    it("are made of a chat of two when the command calls a third person", async () => {
      await nils.say(MIA.passport, "hello");
      const two = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, two, "hello");
      bridge.alice.say(two, `!msn invite ${OLGA}`);
      const three = await groupRoom();
      expect((await bridge.reads(bridge.alice, two, "room of its own")).body).to.include(encodeURIComponent(three));
      bridge.alice.say(three, "hello Olga");
      await until("Olga has it", () => said(olga).includes("hello Olga") && said(nils).includes("hello Olga"));
      bridge.alice.say(three, `!msn invite ${PETE}`);
      await untilMember(three, PETE, "join");
      bridge.alice.say(two, `!msn invite nobody@example.com`);
      await bridge.reads(bridge.alice, two, "nobody@example.com could not be called");
    });

    it("are made of a chat of two when a ghost is invited there, which goes to the room of the group", async () => {
      await nils.say(MIA.passport, "hello");
      const two = await bridge.joinRoomOf(NILS);
      bridge.fake.room(two).append({
        ...(bridge.fake.room(two).stateEvent("m.room.power_levels") ?? expect.fail("no power levels")),
        content: { invite: 0 },
      });
      bridge.alice.invite(two, ghostOf(OLGA));
      const three = await groupRoom();
      await untilMember(three, OLGA, "join");
      await untilMember(two, OLGA, "leave");
      await bridge.reads(bridge.alice, two, "room of its own");
    });

    it("are gone on in once the homeserver is itself again, and a ghost that was invited goes there", async () => {
      await nils.say(MIA.passport, "hello");
      const two = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, two, "hello");
      bridge.fake.world.setState(two, ADMIN, "m.room.power_levels", { invite: 0 });
      bridge.fake.fail({ method: "GET", path: /\/m\.room\.encryption\/$/u, status: 502, body: "<html>", times: 1 });
      bridge.alice.invite(two, ghostOf(OLGA));
      const three = await groupRoom();
      await untilMember(two, OLGA, "leave");
      const notice = await bridge.reads(bridge.alice, two, "room of its own");
      expect(notice.body).to.include(encodeURIComponent(three));
    });

    it("that cannot be made are not told of as long as nobody says anything there", async () => {
      const refusal = { status: 403, body: { errcode: "M_FORBIDDEN" } };
      bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, times: 1000, ...refusal });
      await nils.gather(MIA.passport, OLGA);
      const failures = (): string[] => bridge.captured.messages("error");
      await until("given up", () => failures().includes("a message could not be shown in its room"));
      await bridge.ask(management, "help cancel", "cancel");
      expect(notices(management, "could not be shown")).to.deep.equal([]);
    });

    it("are opened by a command, which tells who is not there", async () => {
      pete.signOut();
      bridge.alice.say(management, `create-group ${NILS} ${OLGA} ${PETE.toUpperCase()}`);
      expect((await bridge.reads(bridge.alice, management, "room of its own")).body).to.match(/Not there: pete@/u);
      const room = await groupRoom();
      expect(bridge.fake.room(room).membership(ghostOf(PETE))).to.equal(undefined);
      bridge.alice.say(room, "hello you two");
      await until("both have it", () => said(nils).includes("hello you two") && said(olga).includes("hello you two"));
      bridge.alice.say(management, `create-group ${NILS} ${MIA.passport}`);
      await bridge.reads(bridge.alice, management, "in the chat anyway");
      bridge.alice.say(management, `create-group ${NILS}`);
      await bridge.reads(bridge.alice, management, "at least two others");
      for (const contact of [nils, olga]) contact.signOut();
      bridge.alice.say(management, `create-group ${PETE} ${OLGA}`);
      await bridge.reads(bridge.alice, management, "could not be called");
    });

    it("take back who was kicked and is still there, and say once why", async () => {
      const room = await meet();
      for (const turn of [1, 2]) {
        kick(room, ghostOf(OLGA));
        await untilMember(room, OLGA, "join");
        olga.sayToAll(`still here ${turn}`);
        await bridge.reads(bridge.alice, room, `still here ${turn}`);
      }
      expect(notices(room, "Nobody can be removed")).to.have.length(1);
      olga.leaveAll();
      await untilMember(room, OLGA, "leave");
      expect(bridge.alice.joinedRooms()).to.include(room);
    });

    it("tell once that other people of Matrix are not bridged", async () => {
      const room = await meet();
      for (const name of ["bob", "carl"]) bridge.alice.invite(room, bridge.fake.user(name).userId);
      await bridge.reads(bridge.alice, room, "People of Matrix");
      bridge.alice.say(room, "hello");
      await until("hello", () => said(nils).includes("hello"));
      expect(notices(room, "People of Matrix")).to.have.length(1);
    });

    it("keep the name that their owner gives them", async () => {
      const room = await meet();
      bridge.alice.send(room, "m.room.message", { msgtype: "m.text", body: "first" });
      bridge.fake.world.send(bridge.alice.userId, room, "m.room.name", { name: "The gang" }, "");
      bridge.alice.say(room, "renamed");
      await until("routed", () => said(nils).includes("renamed"));
      await nils.call(PETE);
      await untilMember(room, PETE, "join");
      pete.sayToAll("hi");
      await bridge.reads(bridge.alice, room, "hi");
      expect(bridge.fake.room(room).state("m.room.name")).to.deep.equal({ name: "The gang" });
      kick(room, BOT);
      pete.sayToAll("what happened?");
      const next = await groupRoom();
      await bridge.reads(bridge.alice, next, "what happened?");
      expect(bridge.fake.room(next).state("m.room.name")).to.deep.equal({ name: "The gang" });
      bridge.fake.world.send(bridge.alice.userId, next, "m.room.name", {}, "");
      await until("its own name", () => bridge.fake.room(next).state("m.room.name")?.["name"] === "Nils, Olga, Pete");
    });

    it("have a ghost back in that was out, when she says something", async () => {
      const room = await meet();
      bridge.fake.holdTransactions(true);
      kick(room, ghostOf(OLGA));
      olga.sayToAll("can you read me?");
      expect((await bridge.reads(bridge.alice, room, "can you read me?")).sender).to.equal(ghostOf(OLGA));
      bridge.fake.holdTransactions(false);
    });

    it("take what nobody was there for again, on a reaction", async () => {
      const room = await meet();
      for (const contact of [nils, olga]) contact.signOut();
      const eventId = bridge.alice.say(room, "anybody?");
      const notice = await bridge.reads(bridge.alice, room, "everybody in this chat is offline");
      expect(notice.content["m.relates_to"]).to.deep.equal({ "m.in_reply_to": { event_id: eventId } });
      bridge.alice.say(room, `!msn invite ${PETE}`);
      await bridge.reads(bridge.alice, room, "nobody in the chat");
      olga.signIn();
      const relation = { rel_type: "m.annotation", event_id: eventId, key: "🔁" };
      bridge.alice.send(room, "m.reaction", { "m.relates_to": relation });
      await until("Olga has it", () => said(olga).includes("anybody?"));
    });

    it("are left by everybody with their owner, who leaves the chat; it comes back with new words", async () => {
      const room = await meet();
      bridge.alice.leave(room);
      await until("empty", () => bridge.fake.room(room).members("join").length === 0);
      await until("Mia has left the board", () => nils.others.join(" ") === OLGA);
      nils.sayToAll("among ourselves");
      await nils.call(MIA.passport);
      bridge.alice.say(management, "ping");
      await bridge.reads(bridge.alice, management, "answered");
      expect(bridge.alice.invites()).to.deep.equal([]);
      nils.sayToAll("come back");
      const next = await groupRoom();
      await bridge.reads(bridge.alice, next, "come back");
      expect(next).not.to.equal(room);
      expect(bridge.alice.messages(next).some(({ body }) => body === "among ourselves")).to.equal(false);
    });

    it("are made anew when the bot or a ghost cannot stay, and no words are lost", async () => {
      const room = await meet();
      kick(room, BOT);
      await until("empty", () => bridge.fake.room(room).members("join").join(" ") === bridge.alice.userId);
      nils.sayToAll("where is everybody?");
      const next = await groupRoom();
      await bridge.reads(bridge.alice, next, "where is everybody?");
      bridge.fake.world.setMembership(next, ADMIN, ghostOf(OLGA), "ban");
      olga.sayToAll("banned");
      const last = await groupRoom();
      expect((await bridge.reads(bridge.alice, last, "banned")).sender).to.equal(ghostOf(OLGA));
      expect(new Set([room, next, last]).size).to.equal(3);
    });

    it("are followed when they are upgraded, by the bot and all ghosts", async () => {
      const room = await meet();
      const next = bridge.fake.world.upgrade(room, BOT, bridge.alice.userId, ghostOf(NILS));
      await untilMember(next, OLGA, "join");
      bridge.alice.join(next);
      olga.sayToAll("in the new room");
      await bridge.reads(bridge.alice, next, "in the new room");
      bridge.alice.say(next, "me too");
      await until("crossed", () => said(nils).includes("me too"));
      expect(bridge.alice.messages(next).filter(({ sender }) => sender === BOT)).to.deep.equal([]);
    });

    it("are found again when the bridge stops while they are made", async () => {
      bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, resetAfterDeed: true, times: 1 });
      await nils.gather(MIA.passport, OLGA);
      nils.sayToAll("hello");
      await until("made", () => bridge.alice.invites().length === 1);
      await bridge.stopBridge();
      await bridge.start();
      const room = await groupRoom();
      await bridge.reads(bridge.alice, room, "hello");
      for (const passport of [NILS, OLGA]) await untilMember(room, passport, "join");
      expect(bridge.fake.rooms()).to.have.length(2);
      expect(bridge.alice.messages(room).map(({ body }) => body)).to.deep.equal(["hello"]);
    });
  });
}
