import { expect } from "chai";
import { CONTENT_TYPES, DATACASTS } from "../../../src/msn/index.ts";
import type { ScriptedContact } from "../../support/sandbox/scripted-contact.ts";
import { BOT, ghostOf, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const OBJECT = '<msnobj Creator="a@x" Size="1" Type="8" Location="0" Friendly="AAA=" SHA1D="a"/>';
const CODE = `:cat:\t${OBJECT}\t`;

function payload(type: string, body: string | Buffer, ...headers: string[]): Buffer {
  const head = ["MIME-Version: 1.0", `Content-Type: ${type}`, ...headers].join("\r\n");
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body)]);
}

function invitation(guid: string, name: string): Buffer {
  const fields = [
    `Application-Name: ${name}`,
    `Application-GUID: ${guid}`,
    "Invitation-Command: INVITE",
    "Invitation-Cookie: 7",
  ];
  return payload("text/x-msmsgsinvite; charset=UTF-8", `${fields.join("\r\n")}\r\n\r\n`);
}

/** A request of another client for a session with ours, in one packet. */
function session(guid: string, to = MIA.passport): Buffer {
  const body = `EUF-GUID: {${guid}}\r\nSessionID: 77\r\nAppID: 1\r\n\r\n\0`;
  const text = Buffer.from(
    `INVITE MSNMSGR:${to} MSNSLP/1.0\r\nTo: <msnmsgr:${to}>\r\nVia: MSNSLP/1.0/TLP ;branch={1}\r\nCSeq: 0 \r\n` +
      `Call-ID: {2}\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const packet = Buffer.alloc(52 + text.length);
  packet.writeUInt32LE(5, 4);
  packet.writeUInt32LE(text.length, 16);
  packet.writeUInt32LE(text.length, 24);
  packet.writeUInt32LE(6, 32);
  text.copy(packet, 48);
  return payload("application/x-msnmsgrp2p", packet, `P2P-Dest: ${to}`);
}

/** What is sent, and what of it has to be read: in the contact's chat, told by the bot, or nothing. */
interface Row {
  readonly what: string;
  readonly sent: readonly Buffer[];
  readonly shown?: string;
  readonly told?: string;
}

const DATACAST = "text/x-msnmsgr-datacast";

/** By the key of the table. */
const TYPES: Readonly<Record<string, Omit<Row, "what">>> = {
  "text/plain": { sent: [payload("text/plain", "hello")], shown: "hello" },
  "text/x-msmsgscontrol": { sent: [payload("text/x-msmsgscontrol", "\r\n", "TypingUser: a@x")] },
  [DATACAST]: { sent: [payload(DATACAST, "ID: 9\r\n")], told: "does not know" },
  "text/x-msmsgsinvite": { sent: [invitation("{1}", "Chequers")], told: "“Chequers”" },
  "application/x-msnmsgrp2p": { sent: [session("5D3E02AB-6190-11d3-BBBB-00C04F795683")], told: "send you a file" },
  "image/gif": { sent: [payload("image/gif", "base64:R0lG")], told: "written by hand" },
  "application/x-ms-ink": { sent: [payload("application/x-ms-ink", "base64:AAAA")], told: "written by hand" },
  "text/x-mms-emoticon": {
    sent: [payload("text/x-mms-emoticon", CODE), payload("text/plain", ":cat:")],
    shown: ":cat:",
  },
  "text/x-mms-animemoticon": { sent: [payload("text/x-mms-animemoticon", CODE)] },
  "text/x-clientcaps": { sent: [payload("text/x-clientcaps", "Client-Name: x/1\r\n")] },
  "text/x-clientinfo": { sent: [payload("text/x-clientinfo", "x")] },
  "text/x-keepalive": { sent: [payload("text/x-keepalive", "")] },
  "text/x-logging": { sent: [payload("text/x-logging", "Logging: Y\r\n")] },
  ...ofServers(),
};

/** What only a server may say is nothing when a contact says it. */
function ofServers(): Record<string, Omit<Row, "what">> {
  const types = Object.entries(CONTENT_TYPES).filter(([, row]) => row.for === "account");
  return Object.fromEntries(types.map(([type]) => [type, { sent: [payload(type, "Type: 1\r\nArg1: 5\r\n")] }]));
}

const CASTS: Readonly<Record<string, Omit<Row, "what">>> = {
  "1": { sent: [payload(DATACAST, "ID: 1\r\n\r\n")], shown: "nudge" },
  "2": { sent: [payload(DATACAST, `ID: 2\r\nData: ${OBJECT}\r\n`)], told: "wink" },
  "3": { sent: [payload(DATACAST, `ID: 3\r\nData: ${OBJECT}\r\n`)], told: "voice clip" },
  "4": { sent: [payload(DATACAST, "ID: 4\r\nData: waves\r\n")], shown: "waves" },
};

const chunk = (index: number, body: string): Buffer =>
  index === 0
    ? payload("text/plain", body, "Message-ID: {A}", "Chunks: 3")
    : Buffer.from(`Message-ID: {A}\r\nChunk: ${index}\r\n\r\n${body}`);

const OTHERS: readonly Row[] = [
  { what: "a picture is asked for", sent: [session("A4268EEC-FEC5-49E5-95C3-F126696BDBF6")] },
  { what: "somebody else is asked", sent: [session("5D3E02AB-6190-11d3-BBBB-00C04F795683", "olga@example.com")] },
  { what: "photos", sent: [session("41D3E74E-04A2-4B37-96F8-08ACDB610874")], told: "share photos" },
  { what: "a webcam", sent: [session("4BD96FC0-AB17-4425-A14A-439185962DC8")], told: "webcam" },
  { what: "a game", sent: [session("6A13AF9C-5308-4F35-923A-67E8DDA40C2F")], told: "game" },
  { what: "voice", sent: [invitation("{02D3C01F-BF30-4825-A83A-DE7AF41648AA}", "Voice")], told: "by voice" },
  {
    what: "NetMeeting",
    sent: [invitation("{44BBA842-CC51-11CF-AAFA-00AA00B6015C}", "NetMeeting")],
    told: "“NetMeeting”",
  },
  { what: "a picture", sent: [payload("image/jpeg", "x")], told: "a picture" },
  { what: "a document", sent: [payload("application/pdf", "x")], told: "does not know" },
  { what: "what nobody knows", sent: [payload("text/x-something-new", "x")] },
  { what: "an empty text", sent: [payload("text/plain; charset=UTF-8", "")] },
  { what: "blanks and ends of lines", sent: [payload("text/plain; charset=UTF-8", " \r\n\t\u00A0\r\n")] },
  { what: "what takes no room", sent: [payload("text/plain; charset=UTF-8", "\u200B\uFEFF\u2060")] },
  { what: "a colour without a word", sent: [payload("text/plain; charset=UTF-8", "\u00034\u0002")] },
  { what: "an action of blanks", sent: [payload(DATACAST, "ID: 4\r\nData: \u00A0\u200B\r\n")] },
  { what: "a smiley alone", sent: [payload("text/plain; charset=UTF-8", "\u2764\uFE0F")], shown: "\u2764" },
  { what: "parts that come", sent: [chunk(0, "a"), chunk(1, "b"), chunk(2, "c")], shown: "abc" },
  { what: "a part that is missing", sent: [chunk(0, "a"), chunk(2, "c")], told: "incomplete" },
  {
    what: "an offer that makes no sense",
    sent: [invitation("{5D3E02AB-6190-11d3-BBBB-00C04F795683}", "File Transfer")],
    told: "could not be read",
  },
];

describe("what contacts send that MSN clients show and the bridge cannot", function () {
  this.timeout(120_000);
  let bridge: TestBridge;
  let management: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    management = await bridge.login();
  });
  afterEach(() => bridge.close());

  const said = (room: string, sender: string): string[] =>
    bridge.alice.messages(room).flatMap((message) => (message.sender === sender ? [message.body] : []));

  /** Sends it all, and something readable behind it. */
  async function send(contact: ScriptedContact, sent: readonly Buffer[]): Promise<void> {
    for (const one of sent) await contact.sendRaw(MIA.passport, one);
    await contact.say(MIA.passport, "that is all");
  }

  it("is shown, told or left to programs: every content type there is, through a switchboard", async () => {
    expect(Object.keys(TYPES)).to.have.members(Object.keys(CONTENT_TYPES));
    expect(Object.keys(CASTS)).to.have.members(Object.keys(DATACASTS));
    const rows = [...OTHERS];
    for (const [what, row] of Object.entries({ ...TYPES, ...CASTS })) rows.push({ what, ...row });
    const contacts = rows.map((_, at) => bridge.sandbox.contact(`c${at}@example.com`, `Contact ${at}`));
    // No strangers, of whom not so many get a room in a minute.
    for (const at of rows.keys()) await bridge.ask(management, `allow c${at}@example.com`, "may see you");
    const before = said(management, BOT).length;
    // All at once, a slow machine would not answer every call in time.
    const calls = rows.map(
      ({ sent }, at) =>
        async (): Promise<void> =>
          send(contacts[at] ?? expect.fail(), sent),
    );
    while (calls.length > 0) await Promise.all(calls.splice(0, 6).map(async (call) => call()));
    const notices = (at: number): string[] => {
      const name = new RegExp(`Contact ${at}(?!\\d)`, "u");
      return said(management, BOT)
        .slice(before)
        .filter((body) => name.test(body));
    };
    for (const [at, { what, shown, told }] of rows.entries()) {
      const passport = `c${at}@example.com`;
      const room = await bridge.joinRoomOf(passport);
      const words = (): string[] => said(room, ghostOf(passport));
      await until(`the end of ${what}`, () => words().includes("that is all"));
      if (told !== undefined) await until(`the notice of ${what}`, () => notices(at).length > 0);
      const [first, ...rest] = words();
      if (shown === undefined) expect([first, ...rest], what).to.deep.equal(["that is all"]);
      else expect(first, what).to.include(shown);
    }
    for (const [at, { what, told }] of rows.entries()) {
      expect(notices(at), what).to.have.length(told === undefined ? 0 : 1);
      expect(notices(at)[0] ?? "", what).to.include(told ?? "");
    }
  });

  it("is told once an hour for each kind, in the chat where there is one, and is answered each time", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const answers: string[] = [];
    nils.onPayload = (bytes) => answers.push(bytes.toString("latin1"));
    await nils.say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    const wink = payload(DATACAST, `ID: 2\r\nData: ${OBJECT}\r\n`);
    const file = session("5D3E02AB-6190-11d3-BBBB-00C04F795683");
    await send(nils, [wink, file, wink, file, wink, file]);
    await until("the end", () => said(room, ghostOf(NILS)).includes("that is all"));
    const notices = said(room, ghostOf(NILS)).filter((body) => body !== "hello" && body !== "that is all");
    expect(notices).to.deep.equal([
      "Nils sent you a wink. This bridge cannot show it yet.",
      "Nils wants to send you a file in a way that this bridge does not support yet, so it was declined. Ask Nils for a link " +
        "to the file.",
    ]);
    const declined = (): string[] => answers.filter((bytes) => bytes.includes("MSNSLP/1.0 603 Decline"));
    await until("every answer", () => declined().length === 3);
    expect(answers.filter((bytes) => bytes.includes("application/x-msnmsgrp2p"))).to.have.length(6);
  });

  it("of the server is told: what people wrote before, what it announces, and nothing twice", async () => {
    const announce = (from: string[], bytes: Buffer): void => bridge.sandbox.announce(MIA.passport, "MSG", from, bytes);
    announce(["Hotmail", "Hotmail"], payload("application/x-msmsgssystemmessage", "Type: 1\r\nArg1: 5\r\n"));
    const welcome = payload("text/plain; charset=UTF-8", "Welcome back.\r\nOur rules have changed.");
    announce(["Hotmail", "Escargot"], welcome);
    announce(["Hotmail", "Escargot"], welcome);
    const alert =
      "<NOTIFICATION siteid='1'><MSG><BODY><TEXT><![CDATA[Caf\u00E9 & more]]></TEXT></BODY></MSG></NOTIFICATION>";
    bridge.sandbox.announce(MIA.passport, "NOT", [], Buffer.from(alert));
    bridge.sandbox.announce(
      MIA.passport,
      "IPG",
      [],
      Buffer.from(alert.replace("more", "a page &#x1F600;").replace(/<!\[CDATA\[|\]\]>/gu, "")),
    );
    const oim = "Mail-Data: <MD><M><T>11</T><E>olga@example.com</E><I>1</I></M><M><E>olga@example.com</E></M></MD>\r\n";
    announce(["Hotmail", "Hotmail"], payload("text/x-msmsgsinitialmdatanotification", oim));
    announce(["Hotmail", "Hotmail"], payload("text/x-msmsgsinitialemailnotification", "Inbox-Unread: 3\r\n"));
    announce([NILS, "Nils"], payload("text/plain; charset=UTF-8", "were you away?"));
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "were you away?");
    bridge.alice.say(management, "version");
    const all = await until("all", () => {
      const bodies = said(management, BOT);
      const at = bodies.findIndex((body) => body.includes("maintenance"));
      return at !== -1 && bodies.length >= at + 6 ? bodies.slice(at) : undefined;
    });
    expect(all[0]).to.match(/^\S.* says that it goes down for maintenance at \d{4}-\d\d-\d\d \d\d:\d\d UTC\. /u);
    expect(all[1]).to.match(/ says:\n> Welcome back\.\n> Our rules have changed\.$/u);
    expect(all[2]).to.match(/ says:\n> Café & more$/u);
    expect(all[3]).to.match(/ says:\n> Café & a page 😀$/u);
    expect(all[4]).to.match(/^olga@example\.com wrote to you while you were offline\. /u);
    expect(all).to.have.length(6);
  });

  it("of other people in the room is said once not to cross", async () => {
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const room = bridge.alice.createRoom({ preset: "public_chat", is_direct: true, invite: [ghostOf(NILS)] });
    await until("the contact's ghost", () => bridge.fake.room(room).membership(ghostOf(NILS)) === "join");
    bridge.alice.say(room, "mine");
    await until("the owner's words", () => nils.received.length > 0);
    const bob = bridge.fake.user("bob");
    bob.join(room);
    for (const text of ["hi", "is anybody there?"]) bob.say(room, text);
    await bridge.reads(bridge.alice, room, "reaches nobody on MSN");
    bridge.alice.say(room, "only mine crosses");
    await until("the end", () => nils.received.length > 1);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["mine", "only mine crosses"]);
    expect(said(room, ghostOf(NILS)).filter((body) => body.includes("reaches nobody"))).to.have.length(1);
  });
});
