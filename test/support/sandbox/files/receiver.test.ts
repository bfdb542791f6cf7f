import { createHash } from "node:crypto";

import { expect } from "chai";

import type { ReceiverBehaviour } from "./behaviour.ts";
import type { ReceiveOutcome } from "./outcome.ts";
import type { OfferAnswer } from "./receive-file.ts";
import { until } from "../../until.ts";
import type { RawClient } from "../../../sandbox/raw-client.ts";
import { RawDoor, RawPeer, unfold } from "./raw-peer.ts";
import { hears, says, Stage } from "./stage.ts";

const OFFER =
  "Application-Name: Datei⏎Application-GUID: {5d3e02ab-6190-11d3-bbbb-00c04f795683}⏎Invitation-Command: INVITE⏎" +
  "Invitation-Cookie: 33267⏎Application-File: a.txt⏎Application-FileSize: 10";
const YES = "Invitation-Command: ACCEPT⏎Invitation-Cookie: 33267";
const BARE = `${YES}⏎Launch-Application: FALSE⏎Request-Data: IP-Address:`;
const LISTENS = `${YES}⏎IP-Address: <address>⏎Port: <port>⏎AuthCookie: <auth>⏎Sender-Connect: TRUE⏎Launch-Application: FALSE⏎Request-Data: IP-Address:`;
const CANCEL = "Invitation-Command: CANCEL⏎Invitation-Cookie: 33267⏎Cancel-Code: ";

const USR = "VER MSNFTP⏎USR nils@example.com 77⏎";
const HELLO = `${USR}TFR⏎`;
const ALL = "[000400]0123[000400]4567[000200]89";

describe("sandbox receivers", () => {
  let stage: Stage;
  let board: RawClient;
  let door: RawDoor;

  beforeEach(async () => {
    stage = await Stage.set();
    door = await RawDoor.open();
  });
  afterEach(async () => {
    await stage.sandbox.stop();
    door.close();
  });

  /** Mia offers a file of ten bytes. */
  async function offer(answer: OfferAnswer, fields = OFFER): Promise<void> {
    stage.nils.onOffer = () => answer;
    board = await stage.call();
    await says(board, fields);
  }

  /** Mia says where she listens; the connection that comes, or the n-th of them. */
  async function invite(): Promise<RawPeer> {
    await hears(board, BARE);
    await says(board, `${YES}⏎IP-Address: 203.0.113.7⏎Port: ${door.port}⏎AuthCookie: 77`);
    return door.next();
  }

  async function offerAndInvite(behaviour?: ReceiverBehaviour): Promise<RawPeer> {
    await offer(behaviour === undefined ? "accept" : { behaviour });
    return invite();
  }

  async function outcome(): Promise<ReceiveOutcome> {
    return until("the outcome", () => stage.nils.fileOutcomes[0]?.outcome);
  }

  it("receive a file, and wait for the sender to close", async () => {
    const peer = await offerAndInvite();
    await peer.read("VER MSNFTP⏎");
    const before = stage.clock.waiting;
    peer.say("VER MSNFTP", "FIL 10");
    expect(await peer.read(HELLO.slice(HELLO.indexOf("USR")))).to.equal(HELLO.slice(HELLO.indexOf("USR")));
    for (const byte of unfold(ALL)) peer.send(Buffer.from([byte]));
    expect(await peer.read("BYE 16777989⏎")).to.equal("BYE 16777989⏎");
    const bytes = Buffer.from("0123456789");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const file = { from: "mia@example.com", name: "a.txt", size: 10, sha256, bytes, shortBlocks: 2 };
    expect(stage.nils.files).to.deep.equal([file]);
    expect(stage.nils.fileOutcomes).to.deep.equal([]);
    peer.close();
    const announced = { address: "203.0.113.7", port: door.port };
    expect(await outcome()).to.deep.equal({ type: "received", trailing: 0, bytes: 10, announced });
    expect(stage.nils.fileOutcomes[0]?.offer).to.deep.equal({
      from: "mia@example.com",
      name: "a.txt",
      size: 10,
      cookie: "33267",
    });
    // It was waiting for the sender's word.
    await until("no timer of hers", () => stage.clock.waiting === before - 1);
  });

  it("count what comes after the end, and close after five seconds", async () => {
    const peer = await offerAndInvite();
    peer.say("VER 1 MSNFTP", "FIL 10");
    await peer.read(HELLO);
    peer.send(unfold(`[000000]${ALL}[010000]`));
    await peer.read("BYE 16777989⏎");
    await stage.clock.advance(5000);
    expect((await peer.readEnd()).rest).to.equal("");
    expect(await outcome()).to.include({ type: "received", trailing: 3 });
  });

  it("need no blocks for an empty file", async () => {
    await offer("accept", OFFER.replace("Size: 10", "Size: 0"));
    const peer = await invite();
    peer.say("VER MSNFTP", "FIL 0");
    expect(await peer.read(`${HELLO}BYE 16777989⏎`)).to.equal(`${HELLO}BYE 16777989⏎`);
    expect(stage.nils.files[0]).to.deep.include({ size: 0, bytes: Buffer.alloc(0) });
    peer.close();
  });

  const misbehaved = { type: "failed", reason: "misbehaved" };
  const wires: { behaviour: ReceiverBehaviour; wire: string; end?: string; is?: object }[] = [
    { behaviour: { type: "silent", before: "VER" }, wire: "", is: misbehaved },
    { behaviour: { type: "silent", before: "USR" }, wire: "VER MSNFTP⏎", is: misbehaved },
    { behaviour: { type: "silent", before: "TFR" }, wire: USR, is: misbehaved },
    { behaviour: { type: "silent", before: "BYE" }, wire: HELLO, is: misbehaved },
    { behaviour: { type: "says", insteadOf: "VER", line: "HELLO" }, wire: "HELLO⏎USR nils@example.com 77⏎TFR⏎" },
    { behaviour: { type: "says", insteadOf: "USR", line: "USR" }, wire: "VER MSNFTP⏎USR⏎TFR⏎" },
    { behaviour: { type: "says", insteadOf: "BYE", line: "BYE" }, wire: `${HELLO}BYE⏎` },
    { behaviour: { type: "wrong-cookie" }, wire: "VER MSNFTP⏎USR nils@example.com 78⏎TFR⏎" },
    { behaviour: { type: "CCL", after: 6 }, wire: `${HELLO}CCL⏎`, is: { type: "cancelled", by: "me", code: "CCL" } },
    {
      behaviour: { type: "bye", after: 10, code: 2147942405 },
      wire: `${HELLO}BYE 2147942405⏎`,
      is: { ...misbehaved, code: "2147942405" },
    },
    { behaviour: { type: "stalls", after: 6 }, wire: HELLO },
    { behaviour: { type: "closes", after: 0 }, wire: HELLO, end: "end", is: { ...misbehaved, bytes: 0 } },
    { behaviour: { type: "resets", after: 6 }, wire: HELLO, end: "reset", is: { ...misbehaved, bytes: 6 } },
    {
      behaviour: { type: "cancels", at: "connected", code: "FAIL" },
      wire: USR,
      end: "end",
      is: { type: "cancelled", by: "me", code: "FAIL" },
    },
  ];
  for (const { behaviour, wire, end, is } of wires) {
    it(`can do otherwise: ${JSON.stringify(behaviour)}`, async () => {
      const peer = await offerAndInvite(behaviour);
      peer.say("VER MSNFTP", "FIL 10");
      if (wire.startsWith(HELLO) || wire.endsWith("TFR⏎")) {
        await peer.read(wire.slice(0, wire.indexOf("TFR⏎")));
        if (end !== "end") peer.send(unfold(ALL));
      }
      const rest = wire.includes("TFR⏎") ? wire.slice(wire.indexOf("TFR⏎")) : wire;
      expect(await peer.read(rest)).to.equal(rest);
      if (end === undefined)
        expect(peer.isQuiet || behaviour.type === "says" || behaviour.type === "wrong-cookie").to.equal(true);
      else expect((await peer.readEnd()).rest).to.equal("");
      peer.close();
      if (is !== undefined) expect(await outcome()).to.include(is);
    });
  }

  const senders: [wire: string, is: object][] = [
    ["", { type: "failed", reason: "closed" }],
    ["VER MSNP8⏎", { type: "failed", reason: "garbage" }],
    ["VER MSNFTP⏎FIL x⏎", { type: "failed", reason: "garbage" }],
    ["VER MSNFTP⏎FIL 11⏎", { type: "failed", reason: "size" }],
    ["VER MSNFTP⏎FIL 10⏎[000400]01", { type: "failed", reason: "closed", bytes: 2 }],
    ["VER MSNFTP⏎FIL 10⏎[000400]0123[010000]", { type: "cancelled", by: "other", code: "01", bytes: 4 }],
    ["VER MSNFTP⏎FIL 10⏎[00fe07]", { type: "failed", reason: "garbage" }],
  ];
  for (const [wire, is] of senders) {
    it(`see through a sender who says ${wire === "" ? "nothing" : wire}`, async () => {
      const peer = await offerAndInvite();
      peer.send(unfold(wire));
      await peer.read("VER MSNFTP⏎");
      if (/closed/u.test(JSON.stringify(is))) setImmediate(() => peer.close());
      expect(await outcome()).to.include(is);
      await peer.readEnd();
      expect(stage.nils.files).to.deep.equal([]);
    });
  }

  it("decline, ignore, and cancel with any code", async () => {
    await offer("decline");
    await hears(board, `${CANCEL}REJECT`);
    await until("the outcome", () => stage.nils.fileOutcomes.length === 1);
    stage.nils.onOffer = () => ({ behaviour: { type: "cancels", at: "offered", code: "REJECT_NOT_INSTALLED" } });
    await says(board, OFFER);
    await hears(board, `${CANCEL}REJECT_NOT_INSTALLED`);
    stage.nils.onOffer = () => ({ behaviour: { type: "cancels", at: "accepted", code: "OUTBANDCANCEL" } });
    await says(board, OFFER);
    await hears(board, BARE);
    await hears(board, `${CANCEL}OUTBANDCANCEL`);
    delete stage.nils.onOffer;
    await says(board, OFFER);
    await says(board, `${CANCEL}TIMEOUT`);
    const codes = await until("four outcomes", () => stage.nils.fileOutcomes.length === 4 && stage.nils.fileOutcomes);
    expect(codes.map(({ outcome: { type, ...rest } }) => [type, "code" in rest && rest.code])).to.deep.equal([
      ["cancelled", "REJECT"],
      ["cancelled", "REJECT_NOT_INSTALLED"],
      ["cancelled", "OUTBANDCANCEL"],
      ["cancelled", "TIMEOUT"],
    ]);
  });

  it("think about it as long as they like, and take no for an answer meanwhile", async () => {
    const thinking = Promise.withResolvers<OfferAnswer>();
    stage.nils.onOffer = async () => thinking.promise;
    board = await stage.call();
    await says(board, OFFER);
    await says(board, OFFER);
    thinking.resolve("accept");
    await hears(board, BARE);
    await says(board, `${CANCEL}OUTBANDCANCEL`);
    expect(await outcome()).to.deep.equal({ type: "cancelled", by: "other", code: "OUTBANDCANCEL", bytes: 0 });
  });

  it("cancel when their signal is aborted", async () => {
    const stop = new AbortController();
    await offer({ signal: stop.signal });
    const peer = await invite();
    peer.say("VER MSNFTP", "FIL 10");
    await peer.read(HELLO);
    stop.abort();
    await hears(board, `${CANCEL}OUTBANDCANCEL`);
    expect((await outcome()).type).to.equal("cancelled");
    await peer.readEnd();
  });

  it("are slow when told so", async () => {
    await offer({ bytesPerSecond: 2 });
    const peer = await invite();
    peer.say("VER MSNFTP", "FIL 10");
    await peer.read(HELLO);
    peer.send(unfold(ALL));
    await stage.clock.advance(4999);
    expect(peer.isQuiet).to.equal(true);
    await until("thanks", async () => {
      await stage.clock.advance(1);
      return !peer.isQuiet;
    });
    peer.close();
  });

  it("listen when the sender cannot", async () => {
    await offer("accept", `${OFFER}⏎Connectivity: N`);
    const facts = await hears(board, LISTENS);
    const silent = await RawPeer.connect(Number(facts["port"]));
    const peer = await RawPeer.connect(Number(facts["port"]));
    const own = `USR nils@example.com ${facts["auth"]}⏎`;
    await silent.read("VER MSNFTP⏎");
    peer.say("VER MSNFTP", "FIL 10");
    expect(await peer.read(`VER MSNFTP⏎${own}TFR⏎`)).to.equal(`VER MSNFTP⏎${own}TFR⏎`);
    expect((await silent.readEnd()).rest).to.equal("");
    peer.send(unfold(ALL));
    expect(await peer.read("BYE 16777989⏎")).to.equal("BYE 16777989⏎");
    peer.close();
    expect(await outcome()).to.deep.equal({ type: "received", trailing: 0, bytes: 10 });
  });

  it("listen when they like, and name any address", async () => {
    const fields = [["PortX", "1"] as const];
    await offer({ listens: true, behaviour: { type: "announces", address: "10.1.2.3" }, fields });
    const facts = await hears(board, `${LISTENS}⏎PortX: 1`);
    expect(facts["address"]).to.equal("10.1.2.3");
    await stage.clock.advance(60_000);
    await hears(board, `${CANCEL}FTTIMEOUT`);
    expect(await outcome()).to.include({ type: "failed", reason: "no-connection" });
  });

  it("cancel when nobody says where, nobody is there, or the sender says nonsense", async () => {
    await offer("accept");
    await hears(board, BARE);
    await stage.clock.advance(60_000);
    await hears(board, `${CANCEL}FTTIMEOUT`);
    expect(await outcome()).to.include({ type: "failed", reason: "no-address" });
    await says(board, OFFER);
    await hears(board, BARE);
    await says(board, `${YES}⏎IP-Address: x⏎Port: 0⏎AuthCookie: 1`);
    await hears(board, `${CANCEL}FAIL`);
    await says(board, OFFER);
    await hears(board, BARE);
    const { port } = door;
    door.close();
    await says(board, `${YES}⏎IP-Address: 127.0.0.1⏎Port: ${port}⏎AuthCookie: 1`);
    await hears(board, `${CANCEL}FTTIMEOUT`);
    const last = await until("three outcomes", () => stage.nils.fileOutcomes[2]?.outcome);
    expect(last).to.include({ type: "failed", reason: "no-connection" });
  });

  it("do not connect when told so", async () => {
    await offer({ behaviour: { type: "never-connects" } });
    await hears(board, BARE);
    await says(board, `${YES}⏎IP-Address: 127.0.0.1⏎Port: ${door.port}⏎AuthCookie: 77`);
    await says(board, `${CANCEL}FTTIMEOUT`);
    expect(await outcome()).to.include({ type: "cancelled", by: "other", code: "FTTIMEOUT" });
  });

  const intruders: [type: "stranger-first" | "connects-twice", reply: string | undefined, fate: string][] = [
    ["stranger-first", undefined, "closed"],
    ["stranger-first", "FIL 10", "answered"],
    ["connects-twice", undefined, "closed"],
    ["connects-twice", "FIL 10", "answered"],
  ];
  for (const [type, reply, fate] of intruders) {
    it(`connect with an intruder: ${type}, ${fate}`, async () => {
      const first = await offerAndInvite({ type });
      const isFirst = type === "connects-twice";
      if (isFirst) first.say("VER MSNFTP", "FIL 10");
      else greetIntruder(first, reply);
      const wrong = await first.read(USR);
      expect(wrong).to.equal(isFirst ? USR : USR.replace("77", "78"));
      if (!isFirst && reply === undefined) first.close();
      const second = await door.next();
      if (isFirst) greetIntruder(second, reply);
      else second.say("VER MSNFTP", "FIL 10");
      await second.read(USR);
      if (isFirst && reply === undefined) second.close();
      const peer = isFirst ? first : second;
      peer.send(unfold(ALL));
      await peer.read("TFR⏎BYE 16777989⏎");
      peer.close();
      expect(await outcome()).to.include({ type: "received", intruder: fate });
    });
  }

  function greetIntruder(peer: RawPeer, reply: string | undefined): void {
    peer.say("VER MSNFTP");
    if (reply !== undefined) peer.say(reply);
  }

  it("end everything with the board before the agreement, and with their session after it", async () => {
    await offer("accept");
    await hears(board, BARE);
    board.close();
    expect(await outcome()).to.include({ type: "failed", reason: "board-closed" });
    const peer = await offerAndInvite();
    await peer.read("VER MSNFTP⏎");
    board.close();
    await until("no board", () => stage.sandbox.boards() === 0);
    expect(peer.isQuiet).to.equal(true);
    stage.nils.signOut();
    await peer.readEnd();
    const last = await until("the outcome", () => stage.nils.fileOutcomes[1]?.outcome);
    expect(last).to.include({ type: "failed", reason: "signed-out" });
  });
});
