import { expect } from "chai";

import type { SenderBehaviour } from "./behaviour.ts";
import type { SendOutcome } from "./outcome.ts";
import type { FileToSend } from "./send-file.ts";
import { until } from "../../until.ts";
import type { Facts, RawClient } from "../../../sandbox/raw-client.ts";
import { RawDoor, RawPeer } from "./raw-peer.ts";
import { hears, says, Stage } from "./stage.ts";

const OFFER =
  "Application-Name: File Transfer⏎Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}⏎" +
  "Invitation-Command: INVITE⏎Invitation-Cookie: <cookie>⏎Application-File: a.txt⏎Application-FileSize: <size>";
const COOKIE = "Invitation-Cookie: <cookie>";
const YES = `Invitation-Command: ACCEPT⏎${COOKIE}⏎Launch-Application: FALSE⏎Request-Data: IP-Address:`;
const WHERE =
  `Invitation-Command: ACCEPT⏎${COOKIE}⏎IP-Address: <address>⏎Port: <port>⏎AuthCookie: <auth>⏎` +
  "Launch-Application: FALSE⏎Request-Data: IP-Address:";

const HELLO = "VER MSNFTP⏎FIL 10⏎";
const ALL = "[000400]0123[000400]4567[000200]89";
const SIX = "[000400]0123[000200]45";
const CUT = "[000400]0123[000400]45";

describe("sandbox senders", () => {
  let stage: Stage;
  let board: RawClient;
  let outcome: Promise<SendOutcome>;

  beforeEach(async () => (stage = await Stage.set()));
  afterEach(async () => stage.sandbox.stop());

  /** Nils offers ten bytes in blocks of four, and mia says yes; where he listens then. */
  async function offer(file: Partial<FileToSend> = {}, size = "10"): Promise<Facts> {
    const content = Buffer.from("0123456789");
    outcome = stage.nils.offerFile("mia@example.com", { name: "a.txt", content, blockLength: 4, ...file });
    board = await stage.follow();
    const { offer: more = [] } = file.fields ?? {};
    const odd = more.map(([name, value]) => `⏎${name}: ${value}`).join("");
    const connectivity = file.connectivity === undefined ? "" : `⏎Connectivity: ${file.connectivity}`;
    return hears(board, `${OFFER}${connectivity}${odd}`, { size });
  }

  async function offerAndAccept(behaviour?: SenderBehaviour, size?: string): Promise<Facts> {
    const facts = await offer(behaviour && { behaviour }, size);
    await says(board, YES, facts);
    return hears(board, WHERE, facts);
  }

  /** Mia connects, and has said all that is needed for the blocks to come. */
  async function connect(facts: Facts): Promise<RawPeer> {
    const peer = await RawPeer.connect(Number(facts["port"]));
    peer.say("VER MSNFTP", `USR mia@example.com ${facts["auth"]}`, "TFR");
    return peer;
  }

  it("send the file, and close when they are thanked", async () => {
    const facts = await offerAndAccept();
    const before = stage.clock.waiting;
    expect(facts["address"]).to.equal("127.0.0.1");
    const peer = await connect(facts);
    expect(await peer.read(`${HELLO}${ALL}`)).to.equal(`${HELLO}${ALL}`);
    peer.say("BYE 16777989");
    expect(await peer.readEnd()).to.deep.equal({ rest: "", end: "end" });
    expect(await outcome).to.deep.equal({ type: "sent", bytes: 10 });
    // It was waiting for the connection.
    await until("no timer of hers", () => stage.clock.waiting === before - 1);
  });

  it("go on when the board has closed after the agreement", async () => {
    const peer = await connect(await offerAndAccept());
    await peer.read(HELLO);
    board.close();
    await until("no board", () => stage.sandbox.boards() === 0);
    await peer.read(ALL);
    peer.say("BYE 16777989");
    expect((await outcome).type).to.equal("sent");
  });

  const wires: { behaviour: SenderBehaviour; wire: string; end?: string; size?: string; is: object }[] = [
    { behaviour: { type: "stalls", after: 6 }, wire: HELLO + CUT, is: { type: "failed", reason: "closed" } },
    { behaviour: { type: "stalls", after: 0 }, wire: HELLO, is: { type: "failed", reason: "closed" } },
    {
      behaviour: { type: "closes", after: 6 },
      wire: HELLO + CUT,
      end: "end",
      is: { type: "failed", reason: "misbehaved" },
    },
    {
      behaviour: { type: "resets", after: 6 },
      wire: HELLO + CUT,
      end: "reset",
      is: { type: "failed", reason: "misbehaved" },
    },
    {
      behaviour: { type: "marker", after: 6 },
      wire: `${HELLO}${SIX}[010000]`,
      end: "end",
      is: { type: "cancelled", by: "me", code: "01" },
    },
    {
      behaviour: { type: "garbage-block", after: 4, bytes: Buffer.from("fffff0", "hex") },
      wire: `${HELLO}[000400]0123[fffff0]`,
      is: { type: "failed", reason: "closed" },
    },
    {
      behaviour: { type: "cancels", at: 6, code: "FTTIMEOUT" },
      wire: HELLO + SIX,
      end: "end",
      is: { type: "cancelled", by: "me", code: "FTTIMEOUT" },
    },
    { behaviour: { type: "silent", before: "VER" }, wire: "", is: { type: "failed", reason: "misbehaved" } },
    { behaviour: { type: "silent", before: "FIL" }, wire: "VER MSNFTP⏎", is: { type: "failed", reason: "misbehaved" } },
    {
      behaviour: { type: "says", insteadOf: "VER", line: "VER MSNP8" },
      wire: `VER MSNP8⏎FIL 10⏎${ALL}`,
      is: { type: "failed", reason: "closed" },
    },
    {
      behaviour: { type: "says", insteadOf: "FIL", line: "FIL -1 \u0000" },
      wire: `VER MSNFTP⏎FIL -1 [00]⏎${ALL}`,
      is: { type: "failed", reason: "closed" },
    },
    {
      behaviour: { type: "lies", invitation: 7, fil: 20 },
      size: "7",
      wire: `VER MSNFTP⏎FIL 20⏎${ALL}`,
      is: { type: "failed", reason: "closed" },
    },
  ];
  for (const { behaviour, wire, end, size, is } of wires) {
    it(`can do otherwise: ${JSON.stringify(behaviour)}`, async () => {
      const peer = await connect(await offerAndAccept(behaviour, size));
      expect(await peer.read(wire)).to.equal(wire);
      if (end === undefined) expect(peer.isQuiet).to.equal(true);
      else expect(await peer.readEnd()).to.deep.equal({ rest: "", end });
      peer.close();
      expect(await outcome).to.include(is);
    });
  }

  const ends: { behaviour?: SenderBehaviour; wire: string; rest?: string; bytes?: number }[] = [
    { behaviour: { type: "marker", after: 10 }, wire: `${HELLO}${ALL}[010000]` },
    {
      behaviour: { type: "sends-more", bytes: 3 },
      wire: `${HELLO}[000400]0123[000400]4567[000400]89[eeee000100ee]`,
      bytes: 13,
    },
    { behaviour: { type: "late-block" }, wire: HELLO + ALL, rest: "[000400]late" },
  ];
  for (const { behaviour, wire, rest = "", bytes = 10 } of ends) {
    it(`can end otherwise: ${JSON.stringify(behaviour)}`, async () => {
      const peer = await connect(await offerAndAccept(behaviour));
      expect(await peer.read(wire)).to.equal(wire);
      peer.say("BYE 16777987");
      expect(await peer.readEnd()).to.deep.equal({ rest, end: "end" });
      expect(await outcome).to.deep.equal({ type: "sent", bytes });
    });
  }

  const answers: [line: string, is: object][] = [
    ["CCL", { type: "cancelled", by: "other", code: "CCL" }],
    ["BYE 2164261682", { type: "cancelled", by: "other", code: "2164261682" }],
    ["BYE 2147942405", { type: "failed", reason: "bye", code: "2147942405" }],
    ["BYE", { type: "failed", reason: "garbage" }],
    ["x".repeat(5000), { type: "failed", reason: "garbage" }],
  ];
  for (const [line, is] of answers) {
    it(`understand ${line.slice(0, 20)}`, async () => {
      const peer = await connect(await offerAndAccept());
      await peer.read(HELLO + ALL);
      peer.say(line);
      expect(await peer.readEnd()).to.deep.equal({ rest: line === "CCL" ? "[010000]" : "", end: "end" });
      expect(await outcome).to.include(is);
    });
  }

  it("stop in the middle when they are asked to", async () => {
    const content = (_: number, length: number): Buffer => Buffer.alloc(length);
    const facts = await offer({ content, size: 2 ** 40 }, String(2 ** 40));
    await says(board, YES, facts);
    const peer = await connect(await hears(board, WHERE, facts));
    await peer.read(`VER MSNFTP⏎FIL ${2 ** 40}⏎`);
    peer.say("CCL");
    expect((await peer.readEnd()).end).to.equal("end");
    expect(await outcome).to.include({ type: "cancelled", code: "CCL" });
  });

  it("cannot be thanked before the end", async () => {
    const facts = await offerAndAccept({ type: "stalls", after: 6 });
    const peer = await connect(facts);
    await peer.read(HELLO + CUT);
    peer.say("BYE 16777989");
    expect(await outcome).to.deep.equal({ type: "failed", reason: "bye", code: "16777989", bytes: 6 });
  });

  it("let in whoever knows the number, and nobody after her", async () => {
    const facts = await offerAndAccept();
    const silent = await RawPeer.connect(Number(facts["port"]));
    const wrong = await RawPeer.connect(Number(facts["port"]));
    wrong.say("VER 1 MSNFTP", "USR mia@example.com 0");
    expect(await wrong.readEnd()).to.deep.equal({ rest: "VER MSNFTP⏎", end: "end" });
    const garbage = await RawPeer.connect(Number(facts["port"]));
    garbage.say("GET / HTTP/1.1");
    expect(await garbage.readEnd()).to.deep.equal({ rest: "", end: "end" });
    const peer = await connect(facts);
    await peer.read(HELLO + ALL);
    expect((await silent.readEnd()).rest).to.equal("");
    const late = await RawPeer.connect(Number(facts["port"])).catch(() => "refused");
    expect(late).to.equal("refused");
    peer.say("BYE 16777989");
    expect((await outcome).type).to.equal("sent");
  });

  it("can take every number for wrong", async () => {
    const facts = await offerAndAccept({ type: "wrong-cookie" });
    const peer = await connect(facts);
    expect(await peer.readEnd()).to.deep.equal({ rest: "VER MSNFTP⏎", end: "end" });
    await stage.clock.advance(60_000);
    await hears(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: FTTIMEOUT`, facts);
    expect(await outcome).to.deep.equal({ type: "failed", reason: "no-connection", bytes: 0 });
  });

  it("name any address and port, with more lines if wanted", async () => {
    const behaviour = { type: "announces", address: "localhost", port: 80 } as const;
    const facts = await offer({ behaviour, fields: { address: [["PortX", "11178"]] } });
    await says(board, YES, facts);
    const where = await hears(board, `${WHERE}⏎PortX: 11178`, facts);
    expect(where).to.include({ address: "localhost", port: "80" });
  });

  it("name a port where nobody listens", async () => {
    const facts = await offerAndAccept({ type: "never-connects" });
    expect(await RawPeer.connect(Number(facts["port"])).catch(() => "refused")).to.equal("refused");
  });

  it("do not say where they listen", async () => {
    const facts = await offer({ behaviour: { type: "no-address" } });
    await says(board, YES, facts);
    await says(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: FTTIMEOUT`, facts);
    expect(await outcome).to.deep.equal({ type: "cancelled", by: "other", code: "FTTIMEOUT", bytes: 0 });
  });

  it("cancel right after the offer and after the yes, with any code", async () => {
    const facts = await offer({ behaviour: { type: "cancels", at: "offered", code: "OUTBANDCANCEL" } });
    await hears(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: OUTBANDCANCEL`, facts);
    expect(await outcome).to.deep.equal({ type: "cancelled", by: "me", code: "OUTBANDCANCEL", bytes: 0 });
    const behaviour = { type: "cancels", at: "accepted", code: "FAIL" } as const;
    outcome = stage.nils.offerFile("mia@example.com", { name: "a.txt", content: Buffer.from("x"), behaviour });
    const other = await hears(board, OFFER);
    await says(board, YES, other);
    await hears(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: FAIL`, other);
    expect(await outcome).to.include({ type: "cancelled", by: "me", code: "FAIL" });
  });

  it("connect to a receiver who listens", async () => {
    const door = await RawDoor.open();
    const facts = await offer({ connectivity: "N" });
    await says(board, `${YES}⏎IP-Address: 10.0.0.1⏎Port: ${door.port}⏎AuthCookie: 77⏎Sender-Connect: TRUE`, facts);
    const peer = await door.next();
    expect(peer.isQuiet).to.equal(true);
    peer.say("VER 1 MSNFTP", "USR mia@example.com 77", "TFR");
    expect(await peer.read(HELLO + ALL)).to.equal(HELLO + ALL);
    peer.say("BYE 16777989");
    const announced = { address: "10.0.0.1", port: door.port };
    expect(await outcome).to.deep.equal({ type: "sent", bytes: 10, announced });
    door.close();
  });

  for (const [type, fate] of [
    ["stranger-first", "closed"],
    ["connects-twice", "answered"],
  ] as const) {
    it(`connect with an intruder: ${type}`, async () => {
      const door = await RawDoor.open();
      const facts = await offer({ connectivity: "N", behaviour: { type } });
      await says(board, `${YES}⏎IP-Address: 1.1.1.1⏎Port: ${door.port}⏎AuthCookie: 77⏎Sender-Connect: TRUE`, facts);
      const first = await door.next();
      first.say("VER MSNFTP");
      if (type === "stranger-first") {
        expect(await first.read("HELLO⏎")).to.equal("HELLO⏎");
        first.close();
      } else first.say("USR mia@example.com 77", "TFR");
      const second = await door.next();
      second.say("VER MSNFTP", "USR mia@example.com 77", "TFR");
      const peer = type === "stranger-first" ? second : first;
      await peer.read(HELLO + ALL);
      peer.say("BYE 16777989");
      expect(await outcome).to.include({ type: "sent", intruder: fate });
      door.close();
    });
  }

  it("give up when they can neither listen nor connect", async () => {
    const facts = await offer({ connectivity: "N" });
    await says(board, YES, facts);
    await hears(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: FAIL`, facts);
    expect(await outcome).to.deep.equal({ type: "failed", reason: "no-address", bytes: 0 });
  });

  it("give up when nobody answers, nobody connects, or nothing comes any more", async () => {
    const facts = await offer();
    await stage.clock.advance(600_000);
    await hears(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: TIMEOUT`, facts);
    expect(await outcome).to.include({ type: "failed", reason: "no-answer" });
    outcome = stage.nils.offerFile("mia@example.com", { name: "a.txt", content: Buffer.from("x") });
    const peer = await connectFor(await hears(board, OFFER));
    await peer.read("VER MSNFTP⏎FIL 1⏎[000100]x");
    await stage.clock.advance(60_000);
    expect(await outcome).to.include({ type: "failed", reason: "stalled", bytes: 1 });
    expect((await peer.readEnd()).end).to.equal("end");
    expect(stage.clock.waiting).to.equal(0);
  });

  it("are slow when told so", async () => {
    const facts = await offer({ bytesPerSecond: 2 });
    await says(board, YES, facts);
    const peer = await connect(await hears(board, WHERE, facts));
    await peer.read(`${HELLO}[000400]0123`);
    await stage.clock.advance(1999);
    expect(peer.isQuiet).to.equal(true);
    await stage.clock.advance(1);
    expect(await peer.read("[000400]4567")).to.equal("[000400]4567");
    peer.close();
  });

  it("understand every code of a cancellation", async () => {
    const wanted = { REJECT: "declined", REJECT_NOT_INSTALLED: "declined", TIMEOUT: "cancelled", odd: "cancelled" };
    let facts = await offer();
    for (const [code, type] of Object.entries(wanted)) {
      await says(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: ${code}`, facts);
      expect(await outcome).to.include({ type, code });
      outcome = stage.nils.offerFile("mia@example.com", { name: "a.txt", content: Buffer.from("x") });
      facts = await hears(board, OFFER);
    }
    const peer = await connectFor(facts);
    await peer.read("VER MSNFTP⏎FIL 1⏎[000100]x");
    await says(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: REJECT`, facts);
    expect(await outcome).to.include({ type: "cancelled", by: "other", code: "REJECT", bytes: 1 });
    await peer.readEnd();
  });

  async function connectFor(facts: Facts): Promise<RawPeer> {
    await says(board, YES, facts);
    return connect(await hears(board, WHERE, facts));
  }

  it("cancel when their signal is aborted", async () => {
    const stop = new AbortController();
    const facts = await offer({ signal: stop.signal });
    stop.abort();
    await hears(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: OUTBANDCANCEL`, facts);
    expect(await outcome).to.include({ type: "cancelled", by: "me", code: "OUTBANDCANCEL" });
  });

  it("say doubled lines, paths and long names as they are told", async () => {
    const fields = { offer: [["Application-FileSize", "99"] as const] };
    const name = `../..\\${"n".repeat(1000)}.txt`;
    const sent = stage.nils.offerFile("mia@example.com", { name, content: Buffer.from("x"), fields });
    board = await stage.follow();
    const wire = OFFER.replace("a.txt", () => name).replace("<size>", "1⏎Application-FileSize: 99");
    const facts = await hears(board, wire);
    await says(board, `Invitation-Command: CANCEL⏎${COOKIE}⏎Cancel-Code: REJECT`, facts);
    expect((await sent).type).to.equal("declined");
  });
});
