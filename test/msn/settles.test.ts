import { expect } from "chai";
import * as library from "../../src/msn/index.ts";
import { MsnClient, MsnError } from "../../src/msn/index.ts";
import { ContactList } from "../../src/msn/contacts/contact-list.ts";
import { Conversation } from "../../src/msn/chat/conversation.ts";
import { msnp8 } from "../../src/msn/dialect/msnp8.ts";
import { Connection } from "../../src/msn/net/connection.ts";
import { NotificationClient } from "../../src/msn/session/notification.ts";
import { SwitchboardClient } from "../../src/msn/chat/switchboard.ts";
import { NO_LOG } from "../../src/msn/base/log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { newSession, signIn } from "../support/msn-session.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../support/memory-msn.ts";
import { MOODS, MsnPeer, type Mood } from "../support/msn-peer.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly peer: MsnPeer;
}

/** Makes what the requests of a class are asked of, with a peer that is honest so far, and ends it. */
interface Subject<T> {
  readonly of: { readonly prototype: object; readonly name: string };
  readonly open: (bench: Bench) => Promise<{ subject: T; end: () => unknown }>;
  /** How long a request may take at most, in milliseconds, and the requests by their name. */
  readonly requests: Readonly<Record<string, readonly [ms: number, ask: (subject: T) => Promise<unknown>]>>;
}

const NILS = "nils@example.com";
const ONE_ANSWER = 30_000;
// The session may be dead, and it may be the silence of a later board that ends it.
const CONVERSATION = 120_000;

function newClient({ clock, peer }: Bench): MsnClient {
  const { fetch } = passportFetch(GOOD_PASSPORT);
  const server = { host: "ns", port: 1863, nexusUrl: NEXUS };
  return new MsnClient({ server, account: "mia@example.com", password: "x", clock, fetch, dial: peer.dial });
}

async function openConnection({ clock, peer }: Bench): Promise<Connection> {
  const stream = await peer.dial("any", 1);
  return new Connection({ stream, payloadCommands: msnp8.payloadCommands, clock, log: NO_LOG });
}

async function signedIn(bench: Bench): Promise<{ subject: MsnClient; end: () => unknown }> {
  const subject = newClient(bench);
  await subject.connect();
  return { subject, end: () => subject.disconnect() };
}

function sessionOf(bench: Bench): { subject: NotificationClient; end: () => void } {
  const subject = newSession("mia@example.com", bench.clock, () => openConnection(bench));
  return { subject, end: () => subject.signOut() };
}

async function newBoard(bench: Bench): Promise<{ subject: SwitchboardClient; end: () => unknown }> {
  const nothing = (): undefined => undefined;
  const { clock } = bench;
  const listener = { onJoin: nothing, onLeave: nothing, onContent: nothing, onClose: nothing };
  const connection = await openConnection(bench);
  const subject = new SwitchboardClient({ connection, account: "mia@example.com", clock, log: NO_LOG, listener });
  return { subject, end: () => subject.leave() };
}

function subjectOf<T>(subject: Subject<T>): Subject<T> {
  return subject;
}

const text = { type: "text", text: "Hi" } as const;

const offline = subjectOf<MsnClient>({
  of: MsnClient,
  open: (bench) => {
    const subject = newClient(bench);
    return Promise.resolve({ subject, end: () => subject.disconnect() });
  },
  requests: { connect: [60_000, (one) => one.connect()] },
});

const client = subjectOf<MsnClient>({
  of: MsnClient,
  open: signedIn,
  requests: {
    changeStatus: [ONE_ANSWER, (one) => one.changeStatus("AWY")],
    mailUrl: [ONE_ANSWER, (one) => one.mailUrl("INBOX")],
    ping: [ONE_ANSWER, (one) => one.ping()],
    disconnect: [2000, (one) => one.disconnect()],
  },
});

const talkative = subjectOf<MsnClient>({
  of: MsnClient,
  open: async (bench) => {
    const opened = await signedIn(bench);
    await opened.subject.conversation(NILS).send(text);
    return opened;
  },
  requests: { disconnect: [3000, (one) => one.disconnect()] },
});

const contacts = subjectOf<ContactList>({
  of: ContactList,
  open: async (bench) => {
    const { subject, end } = await signedIn(bench);
    return { subject: subject.contacts, end };
  },
  requests: {
    add: [ONE_ANSWER, (list) => list.add("FL", NILS, "1")],
    remove: [ONE_ANSWER, (list) => list.remove("FL", NILS)],
    befriend: [ONE_ANSWER, (list) => list.befriend(NILS)],
    unblock: [ONE_ANSWER, (list) => list.unblock(NILS)],
    block: [ONE_ANSWER, (list) => list.block(NILS)],
    move: [ONE_ANSWER, (list) => list.move(NILS, "1", "2")],
    addGroup: [ONE_ANSWER, (list) => list.addGroup("Work & play")],
    renameGroup: [ONE_ANSWER, (list) => list.renameGroup("1", "Family")],
    removeGroup: [ONE_ANSWER, (list) => list.removeGroup("1")],
    rename: [ONE_ANSWER, (list) => list.rename("Mia")],
    setPhone: [ONE_ANSWER, (list) => list.setPhone("PHH", "555 0100")],
    setPrivacy: [ONE_ANSWER, (list) => list.setPrivacy("BL")],
    setAsksOnAdd: [ONE_ANSWER, (list) => list.setAsksOnAdd(false)],
  },
});

const arriving = subjectOf<NotificationClient>({
  of: NotificationClient,
  open: (bench) => Promise.resolve(sessionOf(bench)),
  // Five seconds pass before the lists are taken for complete without a QNG.
  requests: { signIn: [5000 + ONE_ANSWER, (one) => signIn(one)] },
});

const session = subjectOf<NotificationClient>({
  of: NotificationClient,
  open: async (bench) => {
    const opened = sessionOf(bench);
    await signIn(opened.subject);
    return opened;
  },
  requests: {
    changeStatus: [ONE_ANSWER, (one) => one.changeStatus("AWY")],
    ask: [ONE_ANSWER, (one) => one.ask(msnp8.setPrivacy("AL"))],
    requestSwitchboard: [ONE_ANSWER, (one) => one.requestSwitchboard()],
    ping: [ONE_ANSWER, (one) => one.ping()],
  },
});

const board = subjectOf<SwitchboardClient>({
  of: SwitchboardClient,
  open: newBoard,
  requests: {
    signIn: [ONE_ANSWER, (one) => one.signIn("1.2")],
    answer: [ONE_ANSWER, (one) => one.answer("1.2", "1")],
    invite: [ONE_ANSWER, (one) => one.invite(NILS)],
    send: [ONE_ANSWER, (one) => one.send(Buffer.from("\r\nHi"))],
    leave: [2000, (one) => one.leave()],
  },
});

const conversation = subjectOf<Conversation>({
  of: Conversation,
  open: async (bench) => {
    const { subject, end } = await signedIn(bench);
    return { subject: subject.conversation(NILS), end };
  },
  requests: {
    send: [CONVERSATION, (one) => one.send(text)],
    invite: [CONVERSATION, (one) => one.invite("olga@example.com")],
    gather: [CONVERSATION, (one) => one.gather()],
    openBoard: [CONVERSATION, (one) => one.openBoard()],
  },
});

const group = subjectOf<Conversation>({
  of: Conversation,
  open: async (bench) => {
    const { subject, end } = await signedIn(bench);
    return { subject: subject.groupOf([NILS, "olga@example.com"]), end };
  },
  requests: {
    send: [CONVERSATION, (one) => one.send(text)],
    invite: [CONVERSATION, (one) => one.invite("pete@example.com")],
    gather: [CONVERSATION, (one) => one.gather()],
  },
});

// The end of a connection is news at once; only silence has to be waited for.
const AT_ONCE = 100;

/** A request whose peer changes its mood after so many answers. @returns whether it was done before that */
async function run<T>({ open, requests }: Subject<T>, name: string, mood: Mood, honest: number): Promise<boolean> {
  const [ms, ask] = requests[name] ?? [];
  if (ms === undefined || ask === undefined) throw new Error(`no request ${name}`);
  const bench = { clock: new FakeClock(), peer: new MsnPeer() };
  const { subject, end } = await open(bench);
  bench.peer.turn(mood, honest);
  let outcome: unknown = "nothing";
  const asked = ask(subject).then(
    () => (outcome = "done"),
    (error: unknown) => (outcome = error),
  );
  await bench.clock.advance(0);
  const isDone = outcome === "done" && bench.peer.honest > 0;
  const isNews = mood === "closes" || mood === "resets";
  await bench.clock.advance(isNews ? AT_ONCE : ms);
  expect(outcome, `${name} that ${mood} after ${honest} answers`).not.to.equal("nothing");
  if (outcome !== "done") expect(outcome).to.be.instanceOf(MsnError).with.property("cause", undefined);
  await Promise.all([asked, end(), bench.clock.advance(10_000)]);
  expect(bench.clock.waiting, "timers").to.equal(0);
  expect(bench.peer.connections, "connections").to.equal(0);
  return isDone;
}

// No request takes more answers than this.
const MOST_ANSWERS = 15;

function walk<T>(subject: Subject<T>): void {
  for (const name of Object.keys(subject.requests)) {
    for (const mood of MOODS) {
      it(`${subject.of.name}.${name} when the peer ${mood}, wherever in its course`, async () => {
        let honest = 0;
        while (!(await run(subject, name, mood, honest))) {
          honest += 1;
          expect(honest).to.be.lessThan(MOST_ANSWERS);
        }
      });
    }
  }
}

const ASKS_NOBODY = [
  "MsnClient.conversation",
  "MsnClient.group",
  "MsnClient.groupOf",
  // What it gives ends by itself: test/msn/transfer/file-send.test.ts.
  "MsnClient.sendFile",
  "NotificationClient.signOut",
  "NotificationClient.close",
  "NotificationClient.onCommand",
  "NotificationClient.onAnswer",
  "NotificationClient.onClose",
  "NotificationClient.onOpen",
  "SwitchboardClient.post",
  "SwitchboardClient.hold",
  "SwitchboardClient.goOn",
  "SwitchboardClient.onCommand",
  "SwitchboardClient.onClose",
  "SwitchboardClient.onLoss",
  "SwitchboardClient.sendData",
  "Conversation.sendTyping",
  "Conversation.mention",
  "Conversation.adopt",
  "Conversation.release",
  "Conversation.noteFile",
  "Conversation.noteMembers",
  "Conversation.touch",
  "Conversation.hold",
  "Conversation.goOn",
  "Conversation.leave",
  "Conversation.abandon",
];

const CLASSES = [
  "MsnClient",
  "ContactList",
  "Conversation",
  "SwitchboardClient",
  "MsnError",
  "FileSend",
  "FileReceive",
  // Gives turns, and asks nobody.
  "ReadingTurns",
  // Waited for beside the delivery only, which ends.
  "WriteWatch",
];
const PURE = [
  "accountKey",
  "answerTo",
  "certificateProblem",
  "cleanFileName",
  "isFinal",
  "isAcquaintance",
  "isRequest",
  "refusedAddress",
  "textContents",
];
// test/msn/net/dial.test.ts and test/msn/net/fetch.test.ts; within a request both have a time-out of their own.
// What receiveFile gives ends by itself: test/msn/transfer/file-receive.test.ts.
const ELSEWHERE = ["checkPassword", "dialTcp", "fetchWithCa", "receiveFile"];

const declining = subjectOf<Conversation>({
  ...conversation,
  requests: {
    send: [
      CONVERSATION,
      (one) => one.send({ type: "invitation", invitation: { type: "cancel", cookie: "5", code: "REJECT" } }),
    ],
  },
});

describe("every request of msn settles in time", () => {
  walk(offline);
  walk(client);
  walk(talkative);
  walk(contacts);
  walk(arriving);
  walk(session);
  walk(board);
  walk(conversation);
  walk(group);
  walk(declining);

  // Every method and every export is either walked above or named here as one that asks nobody, so that a new one
  // cannot be forgotten.
  it("and none is forgotten here", () => {
    const subjects = [offline, client, talkative, contacts, arriving, session, board, conversation, group];
    const walked = subjects.flatMap(({ of, requests }) => Object.keys(requests).map((name) => `${of.name}.${name}`));
    const all = [MsnClient, ContactList, NotificationClient, SwitchboardClient, Conversation].flatMap(
      ({ prototype, name }) =>
        Object.entries(Object.getOwnPropertyDescriptors(prototype))
          .filter(([method, { value }]) => typeof value === "function" && method !== "constructor")
          .map(([method]) => `${name}.${method}`),
    );
    expect(all.toSorted()).to.deep.equal([...new Set([...walked, ...ASKS_NOBODY])].toSorted());
  });

  it("nor is anything that the library gives", () => {
    const functions = Object.entries(library).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
    expect(functions.toSorted()).to.deep.equal([...CLASSES, ...PURE, ...ELSEWHERE].toSorted());
  });

  it("checking a password too when the login service never answers", async () => {
    const clock = new FakeClock();
    const fetch = (): Promise<Response> => Promise.withResolvers<Response>().promise;
    const server = { host: "ns", port: 1863, nexusUrl: NEXUS };
    let outcome: unknown;
    const checking = library.checkPassword({ server, account: "mia@example.com", password: "x", clock, fetch });
    void checking.catch((error: unknown) => (outcome = error));
    await clock.advance(120_000);
    expect(outcome).to.be.instanceOf(MsnError).with.property("code", "timeout");
    expect(clock.waiting).to.equal(0);
  });

  it("signing in too when the login service never answers", async () => {
    const clock = new FakeClock();
    const peer = new MsnPeer();
    const server = { host: "ns", port: 1863, nexusUrl: NEXUS };
    const { dial } = peer;
    const fetch = (): Promise<Response> => Promise.withResolvers<Response>().promise;
    const waiting = new MsnClient({ server, account: "mia@example.com", password: "x", clock, fetch, dial });
    let outcome: unknown;
    void waiting.connect().catch((error: unknown) => (outcome = error));
    await clock.advance(60_000);
    expect(outcome).to.be.instanceOf(MsnError).with.property("code", "timeout");
    await clock.advance(1000);
    expect([clock.waiting, peer.connections]).to.deep.equal([0, 0]);
  });
});
