import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import { BOT, ghostOf, MIA, NETWORKS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const SWEEP_MS = 5000;

/** Every look at what presence has to be told again, which is made every five seconds, is made soon. */
class HastyClock implements Clock {
  isHasty = false;
  sweeps = 0;

  now(): number {
    return systemClock.now();
  }

  after(ms: number, run: () => void): ReturnType<Clock["after"]> {
    if (!this.isHasty || ms !== SWEEP_MS) return systemClock.after(ms, run);
    return systemClock.after(10, () => {
      this.sweeps += 1;
      run();
    });
  }
}

for (const [msn, words] of NETWORKS) {
  describe(`messages into rooms that exist, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let clock: HastyClock;
    beforeEach(async () => {
      bridge = await TestBridge.open({ msn, keys: { presence: { per_second: 1000 } } });
      clock = new HastyClock();
      await bridge.start(clock);
    });
    afterEach(async () => {
      clock.isHasty = false;
      await bridge.close();
    });

    /** Contacts who see Mia and are seen. */
    function befriend(count: number): ScriptedContact[] {
      return Array.from({ length: count }, (_, index) => {
        const passport = `friend${index}@example.com`;
        const contact = bridge.sandbox.contact(passport, `Friend ${index}`);
        bridge.sandbox.befriend(MIA.passport, passport, true);
        return contact;
      });
    }

    const told = (): TestBridge["fake"]["world"]["presence"]["told"] => bridge.fake.world.presence.told;
    const isSeen = ({ passport }: ScriptedContact): boolean => told().some(({ user }) => user === ghostOf(passport));

    /** What the homeserver is asked while something is done, but for sending and for looking whether its owner is there. */
    async function asked(work: () => Promise<void>): Promise<{ sends: number; others: string[] }> {
      const before = bridge.fake.requests.length;
      await work();
      const { sweeps } = clock;
      await until("looks at presence", () => clock.sweeps >= sweeps + 5);
      const requests = bridge.fake.requests.slice(before);
      const owner = `/state/m.room.member/${encodeURIComponent(bridge.alice.userId)}`;
      const isSend = (path: string): boolean => path.includes("/send/m.room.message/");
      const others = requests.filter(({ path }) => !isSend(path) && !path.endsWith(owner));
      return {
        sends: requests.filter(({ path }) => isSend(path)).length,
        others: others.map(({ method, path, user }) => `${method} ${path} ${user}`),
      };
    }

    async function untilShown(room: string, count: number): Promise<void> {
      const isCounted = ({ body }: { body: string }): boolean => body.startsWith("word ");
      await until(`${count} messages`, () => bridge.alice.messages(room).filter(isCounted).length === count);
    }

    it("are sent and nothing else, and presence is told only when it changes: four direct chats, 80 messages", async () => {
      const contacts = befriend(4);
      await bridge.login();
      clock.isHasty = true;
      const rooms: string[] = [];
      for (const contact of contacts) {
        await contact.say(MIA.passport, "hello");
        const room = await bridge.joinRoomOf(contact.passport);
        await bridge.reads(bridge.alice, room, "hello");
        rooms.push(room);
      }
      await until("all are seen", () => contacts.every(isSeen));
      const { sends, others } = await asked(async () => {
        for (let turn = 0; turn < 20; turn += 1)
          for (const contact of contacts) await contact.say(MIA.passport, `word ${turn}`);
        for (const room of rooms) await untilShown(room, 20);
      });
      expect({ sends, others }).to.deep.equal({ sends: 80, others: [] });
      const before = told().length;
      contacts[0]?.setStatus("BSY");
      await until("a change", () => told().length > before);
      expect(
        told()
          .slice(before)
          .map(({ presence, status_msg: text }) => [presence, text]),
      ).to.deep.equal([["online", "Busy"]]);
    });

    it("are sent and nothing else: a group of eight in which one writes", async () => {
      const contacts = befriend(7);
      await bridge.login();
      clock.isHasty = true;
      const [first, ...others] = contacts;
      if (first === undefined) throw new Error("nobody is there");
      await first.gather(MIA.passport, ...others.map(({ passport }) => passport));
      first.sayToAll("hello");
      const room = await until("an invitation to the group", () =>
        bridge.alice.invites().find((id) => bridge.fake.room(id).membership(BOT) === "join"),
      );
      bridge.alice.join(room);
      await bridge.reads(bridge.alice, room, "hello");
      const isIn = ({ passport }: ScriptedContact): boolean =>
        bridge.fake.room(room).membership(ghostOf(passport)) === "join";
      await until("all are in the room", () => contacts.every(isIn));
      await until("all are seen", () => contacts.every(isSeen));
      // Those who come are rows too; once something said after them is shown, they are settled.
      first.sayToAll("begin");
      await bridge.reads(bridge.alice, room, "begin");
      const seen = await asked(async () => {
        for (let turn = 0; turn < 80; turn += 1) first.sayToAll(`word ${turn}`);
        await untilShown(room, 80);
      });
      expect(seen).to.deep.equal({ sends: 80, others: [] });
    });

    it("are not needed for presence in a room that replaces another", async () => {
      const [nils] = befriend(1);
      if (nils === undefined) throw new Error("nobody is there");
      await bridge.login();
      clock.isHasty = true;
      await nils.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(nils.passport);
      await bridge.reads(bridge.alice, room, "hello");
      await until("seen", () => isSeen(nils));
      const before = told().length;
      const next = bridge.fake.world.upgrade(room, ghostOf(nils.passport), bridge.alice.userId);
      bridge.alice.join(next);
      await until("told again", () => told().length > before);
      expect(told().at(-1)).to.include({ presence: "online", user: ghostOf(nils.passport) });
    });
  });
}
