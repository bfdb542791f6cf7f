import { expect } from "chai";
import { ContactRequests } from "../../../src/bridge/from-msn/contact-requests.ts";
import type { Contact } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { loginScope, memoryStore, ToldNotices } from "../../support/scopes.ts";
import type { FakeMessage } from "../../support/fake-homeserver/person.ts";
import { BOT, MIA, NETWORKS, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const ASKED = `Nils (${NILS}) has added ${MIA.passport} on MSN`;

for (const [msn, description] of NETWORKS) {
  describe(`people who have added somebody, with servers ${description}`, () => {
    let bridge: TestBridge;
    let room: string;
    afterEach(() => bridge.close());

    /** Alice is signed in as Mia, whom these people have added before. */
    async function begin(keys: Record<string, object> = {}, ...passports: string[]): Promise<void> {
      bridge = await TestBridge.started({ msn, keys });
      for (const passport of passports) addedBy(passport);
      room = await bridge.login();
    }

    function addedBy(passport: string): void {
      bridge.sandbox.contact(passport, passport === NILS ? "Nils" : undefined);
      bridge.sandbox.befriend(passport, MIA.passport);
    }

    function told(words: string): FakeMessage[] {
      return bridge.alice.messages(room).filter(({ sender, body }) => sender === BOT && body.includes(words));
    }

    function offered(eventId: string): unknown[] {
      const reactions = bridge.fake.room(room).timeline.filter(({ type }) => type === "m.reaction");
      const relations = reactions.map(
        ({ content }) => new Map<string, unknown>(Object.entries(content["m.relates_to"] ?? {})),
      );
      return relations.filter((one) => one.get("event_id") === eventId).map((one) => one.get("key"));
    }

    function react(eventId: string, key: string): void {
      const relation = { rel_type: "m.annotation", event_id: eventId, key };
      bridge.alice.send(room, "m.reaction", { "m.relates_to": relation });
    }

    it("are shown once each, and accepted with a click", async () => {
      await begin({}, NILS);
      const notice = await bridge.reads(bridge.alice, room, ASKED);
      await until("both answers", () => offered(notice.eventId).length === 2);
      expect(offered(notice.eventId)).to.deep.equal(["✅", "❌"]);
      await bridge.stopBridge();
      await bridge.start();
      await bridge.asksUntil(room, "requests", `1 waits for you\nNils (${NILS})`);
      expect(told(ASKED)).to.have.length(1);
      react(notice.eventId, "✅");
      const decided = await bridge.reads(bridge.alice, room, "You accepted Nils");
      expect(decided.content).to.have.nested.property("m\\.relates_to.event_id", notice.eventId);
      await bridge.ask(room, "contacts", `1 contact\n`);
      await bridge.ask(room, "requests", "nobody waits");
      react(notice.eventId, "❌");
      await bridge.ask(room, "contacts blocked", "0 of 1 contact");
      expect(told("You accepted Nils")).to.have.length(1);
    });

    it("are declined with a command while they come in, and can be accepted later", async () => {
      await begin();
      addedBy(NILS);
      await bridge.reads(bridge.alice, room, ASKED);
      await bridge.ask(room, `decline ${NILS}`, "is declined");
      await bridge.reads(bridge.alice, room, "You declined Nils");
      await bridge.ask(room, `decline ${NILS}`, "is declined already");
      await bridge.ask(room, "contacts", `Blocked, but no contacts: ${NILS}`);
      await bridge.ask(room, `accept ${NILS}`, "is one of your contacts now");
      await bridge.ask(room, `accept ${NILS}`, "is one of your contacts already");
      await bridge.ask(room, `decline ${NILS}`, "Say block or remove");
      await bridge.ask(room, "accept nobody@example.com", "has not added you");
    });

    it("are done with when another client has decided", async () => {
      await begin({}, NILS);
      await bridge.reads(bridge.alice, room, ASKED);
      await bridge.stopBridge();
      bridge.sandbox.befriend(MIA.passport, NILS);
      await bridge.start();
      await bridge.reads(bridge.alice, room, "You accepted Nils");
    });

    it("are told one by one up to twenty, and all in one beyond that", async () => {
      await begin();
      await bridge.stopBridge();
      for (let index = 0; index < 20; index += 1) addedBy(`one${index}@example.com`);
      await bridge.start();
      await until("twenty notices", () => told("waits for your answer").length === 20);
      await bridge.stopBridge();
      for (let index = 0; index < 21; index += 1) addedBy(`two${index}@example.com`);
      await bridge.start();
      await bridge.reads(bridge.alice, room, "21 people have added mia@example.com");
      await bridge.stopBridge();
      addedBy(NILS);
      await bridge.start();
      await bridge.reads(bridge.alice, room, ASKED);
      expect(told("waits for your answer")).to.have.length(21);
      expect(told("people have added")).to.have.length(1);
      await bridge.ask(room, "accept two3@example.com", "is one of your contacts now");
    });

    it("are accepted by themselves, if that is configured", async () => {
      await begin({ contacts: { requests: "accept" } }, NILS, "olga@example.com");
      await bridge.reads(bridge.alice, room, `Added to the contacts of ${MIA.passport}`);
      await bridge.ask(room, "contacts", "2 contacts");
      expect(told("Added to the contacts")).to.have.length(1);
    });

    it("are all accepted although the connection breaks meanwhile, and each is told once it is", async () => {
      const people = Array.from({ length: 10 }, (_, index) => `one${index}@example.com`);
      await begin({ contacts: { requests: "accept" } }, ...people);
      const isAdding = (line: string): boolean => line.includes('"ADD"') && line.includes('"sent"');
      // Between two changes of the lists, so nothing slower will do.
      for (let turns = 0; turns < 100_000 && !bridge.captured.lines.some(isAdding); turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      bridge.sandbox.disconnect(MIA.passport);
      await until("the end", () => bridge.sandbox.sessions(MIA.passport) === 0);
      await bridge.ask(room, "reconnect", "I sign you in");
      await bridge.asksUntil(room, "contacts", "10 contacts");
      const named = (): string[] => told("Added to").flatMap(({ body }) => body.match(/one\d@example\.com/gu) ?? []);
      await until("all are told of", () => named().length >= 10);
      expect(named().toSorted()).to.deep.equal(people);
    });

    it("are declined by themselves, if that is configured", async () => {
      await begin({ contacts: { requests: "decline" } }, NILS);
      await bridge.reads(bridge.alice, room, "Declined, because this bridge declines all");
      await bridge.ask(room, "contacts", `Blocked, but no contacts: ${NILS}`);
    });
  });
}

describe("people who add somebody, one after the other without end", () => {
  it("are asked about in no more than twenty notices a minute, the others in one", async () => {
    const [clock, notices, store] = [new FakeClock(), new ToldNotices(), memoryStore()];
    const base = loginScope({ clock, notices, store });
    const waiting: string[] = [];
    const contacts = new Map<string, Contact>();
    const never = async (): Promise<void> => Promise.reject(new Error("nobody has decided"));
    const session = { lists: { requests: waiting, befriend: never, block: never }, roster: { contacts } };
    const requests = new ContactRequests({ ...base, session });
    for (let at = 0; at < 300; at += 1) {
      const account = `eve${at}@example.com`;
      const lists = new Set(["RL"] as const);
      const contact = { account, name: account, lists, groups: new Set<string>(), phones: new Map(), capabilities: 0 };
      contacts.set(account, { ...contact, status: "FLN" });
      waiting.push(account);
      requests.came(account);
      await clock.advance(300);
    }
    await clock.advance(60_000);
    // A minute and a half has gone: twenty at once, then all of a minute together, and that once more.
    expect(notices.told.length).to.be.at.most(2 * 21);
    const gathered = notices.told.flatMap(({ sentence }) => /^(\d+) people/u.exec(sentence)?.[1] ?? []);
    const isSingle = notices.told.length - gathered.length;
    expect(gathered.reduce((sum, count) => sum + Number(count), isSingle)).to.equal(300);
    store.close();
  });
});
