import { expect } from "chai";
import { MsnClient, type Delivery, type MsnEvent, type OutgoingContent } from "../../src/msn/index.ts";
import { captureLog, type CapturedLog } from "../support/captured-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { HostileMsn } from "../support/hostile-msn.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../support/memory-msn.ts";
import { until } from "../support/until.ts";

const [MIA, NILS, OLGA] = ["mia@example.com", "nils@example.com", "olga@example.com"] as const;
const EVE = "eve@example.com";
const HELLO: OutgoingContent = { type: "text", text: "hello" };
const DELIVERED: Delivery = { state: "delivered" };
const INVITATION = "text/x-msmsgsinvite; charset=UTF-8";
const FILE = [
  "Application-Name: File Transfer",
  "Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}",
  "Invitation-Command: INVITE",
  "Invitation-Cookie: 5",
  "Application-File: a.txt",
  "Application-FileSize: 5",
  "",
].join("\r\n");

/** Accounts, each another. */
function accounts(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${name}${at}@example.com`);
}

describe("msn/strangers: what those who call can have an account do", () => {
  let server: HostileMsn;
  let client: MsnClient;
  let clock: FakeClock;
  let captured: CapturedLog;
  let events: MsnEvent[];

  async function signIn(contacts: readonly string[]): Promise<void> {
    [server, clock, captured, events] = [await HostileMsn.start(contacts), new FakeClock(), captureLog(), []];
    client = new MsnClient({
      server: { host: "127.0.0.1", port: server.port, nexusUrl: NEXUS },
      account: MIA,
      password: "x",
      clock,
      log: captured.log,
      files: {},
      fetch: passportFetch(GOOD_PASSPORT).fetch,
      listener: { onEvent: (event) => void events.push(event) },
    });
    await client.connect();
  }
  afterEach(async () => {
    const left = client.disconnect();
    await clock.advance(5000);
    await left;
    await server.stop();
  });

  const texts = (): string[] =>
    events.flatMap((event) => (event.type === "content" && event.content.type === "text" ? [event.content.text] : []));
  const missed = (): string[] => events.flatMap((event) => (event.type === "missed-call" ? [event.account] : []));

  /** Nils calls and says something, and Mia says something to Olga. */
  async function friendsGoOn(): Promise<void> {
    const key = server.ring(NILS);
    await until("a friend's call", () => server.isOpen(key));
    server.say(key, NILS, "it is me");
    await until("a friend's words", () => texts().includes("it is me"));
    expect(await client.conversation(OLGA).send(HELLO)).to.deep.equal(DELIVERED);
  }

  /** So many who call, each in their turn. */
  async function call(callers: readonly string[], everyMs: number): Promise<string[]> {
    const keys: string[] = [];
    for (const caller of callers) {
      const { followed } = server;
      keys.push(server.ring(caller));
      await clock.advance(everyMs);
      await until(`the call of ${caller}`, () => server.followed > followed);
    }
    return keys;
  }

  it("one stranger who calls without end is followed a few times, and friends at once", async () => {
    await signIn([NILS, OLGA]);
    for (let times = 0; times < 1000; times += 1) server.ring(EVE);
    await friendsGoOn();
    await until("some of the calls", () => server.followed === 5 + 2);
    await clock.advance(60_000);
    await until("those who waited", () => server.followed === 5 + 3 + 2);
    expect(missed()).to.deep.equal([]);
    expect(captured.messages("warn")).to.deep.equal(["a call was not followed, because of a limit of ours"]);
  });

  it("a thousand strangers who call at once do not let a friend wait", async () => {
    await signIn([NILS, OLGA]);
    for (const stranger of accounts("eve", 1000)) server.ring(stranger);
    await friendsGoOn();
    await until("some of the calls", () => server.followed === 30 + 2);
  });

  it("one friend who calls without end does not let another wait, and it is said what was not followed", async () => {
    await signIn([NILS, OLGA, EVE]);
    for (let times = 0; times < 1000; times += 1) server.ring(EVE);
    await friendsGoOn();
    await until("some of the calls", () => server.followed === 20 + 2);
    expect(new Set(missed())).to.deep.equal(new Set([EVE]));
    const event = events.find(({ type }) => type === "missed-call");
    expect(event).to.have.nested.property("error.code", "limited");
    expect(event).to.have.nested.property(
      "error.message",
      "too many calls at once: at most 20 calls of one, and 400 of all, wait to be followed here",
    );
  });

  it("one call that comes again and again is one", async () => {
    await signIn([NILS, OLGA]);
    for (let times = 0; times < 5; times += 1) server.ring(EVE);
    for (let times = 0; times < 1000; times += 1) server.ring(EVE, { members: [EVE] }, "again");
    await friendsGoOn();
    await clock.advance(60_000);
    await until("the one", () => server.followed === 5 + 1 + 2);
    expect(captured.messages("warn")).to.deep.equal([]);
  });

  it("strangers with many accounts push out one another, and no friend", async () => {
    const friends = accounts("friend", 5);
    await signIn([NILS, OLGA, ...friends]);
    const theirs = await call(friends, 500);
    const strangers = await call(accounts("eve", 120), 500);
    await until("the others are left", () => server.open.length === 5 + 100);
    expect(theirs.every((key) => server.isOpen(key))).to.equal(true);
    expect(strangers.slice(20).every((key) => server.isOpen(key))).to.equal(true);
    await friendsGoOn();
  });

  it("strangers who never finish the hand-shake have a share, and time out", async () => {
    await signIn([NILS, OLGA]);
    for (const stranger of accounts("eve", 110)) server.ring(stranger, { hangs: true });
    await friendsGoOn();
    for (let seconds = 0; seconds < 29; seconds += 1) await clock.advance(1000);
    expect(server.followed).to.be.at.most(100 + 2);
    await clock.advance(120_000);
    await until("they are left", () => server.open.length === 2);
  });

  it("one who opens groups without end has so many, and those of others stay", async () => {
    await signIn([NILS, OLGA, EVE]);
    const key = server.ring(NILS);
    await until("a friend's call", () => server.isOpen(key));
    for (const stranger of accounts("eve", 40)) {
      const { followed } = server;
      server.ring(EVE, { members: [EVE, stranger] });
      await clock.advance(1000);
      await until("a group", () => server.followed > followed);
    }
    await until("others are left", () => server.open.length === 1 + 25);
    expect(server.isOpen(key)).to.equal(true);
    await friendsGoOn();
  });

  it("one who opens a switchboard for every line has three, every line is heard, and that of a file stays", async () => {
    await signIn([NILS, OLGA]);
    const first = server.ring(EVE);
    await until("a call", () => server.isOpen(first));
    server.say(first, EVE, FILE, INVITATION);
    await until("the offer", () => events.some(({ type }) => type === "file"));
    for (let line = 0; line < 12; line += 1) {
      const key = server.ring(EVE);
      await clock.advance(2000);
      await until("another", () => server.isOpen(key));
      server.say(key, EVE, `line ${line}`);
      await until("heard", () => texts().includes(`line ${line}`));
    }
    await until("the others are left", () => server.open.length === 3);
    expect(server.isOpen(first)).to.equal(true);
    expect(texts()).to.deep.equal(Array.from({ length: 12 }, (_, line) => `line ${line}`));
    await friendsGoOn();
  });

  it("switchboards on which nobody is, and that nobody has called to, are left", async () => {
    await signIn([NILS, OLGA]);
    for (let times = 0; times < 5; times += 1) server.ring(MIA, { members: [] });
    await until("they are there", () => server.open.length === 5);
    await friendsGoOn();
    await clock.advance(0);
    await clock.advance(60_000);
    await until("they are left", () => server.open.length === 2);
  });

  it("all friends together leave a share for what the account itself says", async () => {
    const friends = accounts("friend", 460);
    await signIn([NILS, OLGA, ...friends]);
    for (let at = 0; at < friends.length; at += 20) {
      const some = friends.slice(at, at + 20).map((friend) => server.ring(friend));
      await clock.advance(2500);
      await until("their calls", () => some.every((key) => server.isOpen(key)));
    }
    await until("as many as may be", () => server.open.length === 450);
    for (const friend of friends) client.conversation(friend).hold();
    expect(await client.conversation(OLGA).send(HELLO)).to.deep.equal(DELIVERED);
    server.ring(NILS);
    await until("it is said", () => missed().includes(NILS));
    const event = events.find(({ type }) => type === "missed-call");
    expect(event).to.have.nested.property(
      "error.message",
      "too many conversations: an account is in at most 450 conversations here to which others have called it",
    );
  });
});
