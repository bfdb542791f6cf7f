import { createHash } from "node:crypto";

import { expect } from "chai";

import type { ReceiverBehaviour, SenderBehaviour } from "./behaviour.ts";
import { TestSandbox, type ScriptedContact } from "../test-sandbox.ts";
import { rejection } from "../../rejection.ts";
import { until } from "../../until.ts";

const SIZES = [0, 1, 2044, 2045, 2046, 1_000_000];
const SMALL = { name: "a.txt", content: Buffer.from("Hello world!") };

/** Bytes in which no two places are alike. */
function bytesFrom(offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = ((offset + at) * 2_654_435_761) >>> 13;
  return bytes;
}

/** How many sockets and listeners this process has. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource.startsWith("TCP")).length;
}

for (const profile of ["today", "official"] as const) {
  describe(`sandbox contacts and files, on ${profile} servers`, () => {
    let sandbox: TestSandbox;
    let mia: ScriptedContact;
    let nils: ScriptedContact;

    beforeEach(async () => {
      sandbox = await TestSandbox.start({ profile });
      mia = sandbox.contact("mia@example.com", "Mia");
      nils = sandbox.contact("nils@example.com", "Nils");
      mia.onOffer = () => "accept";
    });
    afterEach(async () => sandbox.stop());

    for (const [connectivity, listens] of [
      [undefined, undefined],
      ["Y", true],
      ["N", undefined],
    ] as const) {
      const who = listens === true || connectivity === "N" ? "receiver" : "sender";
      it(`arrive byte by byte where the ${who} listens and the sender says ${connectivity ?? "nothing"}`, async () => {
        mia.onOffer = () => (listens === undefined ? "accept" : { listens });
        for (const size of SIZES) {
          const content = bytesFrom(7, size);
          const file = { name: `größe ${size}.bin`, content, ...(connectivity && { connectivity }) };
          expect(await nils.offerFile("mia@example.com", file), `${size} bytes`).to.include({
            type: "sent",
            bytes: size,
          });
          const received = mia.files.at(-1);
          expect(received).to.include({ from: "nils@example.com", name: file.name, size, shortBlocks: 0 });
          expect(received?.bytes?.equals(content), `${size} bytes`).to.equal(true);
        }
        expect(sandbox.boards(), "one board was enough").to.equal(1);
        const ends = await until("all ends", () => mia.fileOutcomes.length === SIZES.length && mia.fileOutcomes);
        for (const { outcome } of ends) expect(outcome).to.include({ type: "received", trailing: 0 });
      });
    }

    it("can be too large to be kept", async () => {
      const size = 20_000_000;
      const hash = createHash("sha256");
      const content = (offset: number, length: number): Buffer => {
        const bytes = Buffer.alloc(length, offset % 251);
        hash.update(bytes);
        return bytes;
      };
      expect((await nils.offerFile("mia@example.com", { name: "a", content, size })).type).to.equal("sent");
      expect(mia.files[0]).to.deep.include({ size, bytes: undefined, sha256: hash.digest("hex") });
    });

    it("need a board with nobody else", async () => {
      const olga = sandbox.contact("olga@example.com");
      await nils.gather("mia@example.com", "olga@example.com");
      const offers: string[] = [];
      olga.onOffer = ({ name }) => {
        offers.push(name);
        return "ignore";
      };
      expect((await nils.offerFile("mia@example.com", SMALL)).type).to.equal("sent");
      expect(offers).to.deep.equal([]);
      expect(sandbox.boards()).to.equal(2);
    });

    it("leave no connection and no port behind when the server stops", async () => {
      const before = sockets();
      const listening = mia.offerFile("nils@example.com", { ...SMALL, behaviour: { type: "silent", before: "VER" } });
      nils.onOffer = () => "accept";
      const stalled = nils.offerFile("mia@example.com", { ...SMALL, behaviour: { type: "stalls", after: 5 } });
      mia.onOffer = () => ({ listens: true });
      // Of the first a listener and both ends of a connection, of the second both ends.
      await until("both connections", () => sockets() === before + 5);
      await sandbox.stop();
      const signedOut = { type: "failed", reason: "signed-out" };
      expect(await listening).to.include(signedOut);
      expect(await stalled).to.include(signedOut);
      await until("nothing of it, nor of the server", () => sockets() < before);
    });

    it("can cross each other", async () => {
      nils.onOffer = () => "accept";
      const both = await Promise.all([
        nils.offerFile("mia@example.com", SMALL),
        mia.offerFile("nils@example.com", { ...SMALL, connectivity: "N" }),
        nils.offerFile("mia@example.com", SMALL),
      ]);
      expect(both.map(({ type }) => type)).to.deep.equal(["sent", "sent", "sent"]);
      expect([mia.files.length, nils.files.length]).to.deep.equal([2, 1]);
    });

    it("cannot be offered to those who are not there, or with too long a name", async () => {
      expect((await rejection(nils.offerFile("nobody@example.com", SMALL))).message).to.contain(
        "cannot be called: 217",
      );
      const long = { ...SMALL, name: "n".repeat(2000) };
      expect((await rejection(nils.offerFile("mia@example.com", long))).message).to.contain("too long");
      const endless = { name: "a", content: () => Buffer.alloc(0) };
      expect((await rejection(nils.offerFile("mia@example.com", endless))).message).to.contain("needs a size");
      const short = { ...endless, size: 5 };
      expect((await rejection(nils.offerFile("mia@example.com", short))).message).to.contain("asked for 5 bytes");
      nils.signOut();
      expect((await rejection(nils.offerFile("mia@example.com", SMALL))).message).to.contain("is signed out");
    });

    const decided: [answer: "accept" | "decline", file: SenderBehaviour | undefined, sent: object, received: object][] =
      [
        ["decline", undefined, { type: "declined", code: "REJECT" }, { type: "cancelled", by: "me" }],
        ["accept", { type: "late-block" }, { type: "sent" }, { type: "received", trailing: 7 }],
        ["accept", { type: "sends-more", bytes: 5 }, { type: "sent", bytes: 17 }, { type: "received", trailing: 5 }],
        ["accept", { type: "marker", after: 12 }, { type: "sent" }, { type: "received", trailing: 3 }],
        [
          "accept",
          { type: "marker", after: 5 },
          { type: "cancelled", by: "me" },
          { type: "cancelled", code: "01", bytes: 5 },
        ],
        ["accept", { type: "closes", after: 5 }, { type: "failed" }, { type: "failed", reason: "closed", bytes: 5 }],
        ["accept", { type: "resets", after: 0 }, { type: "failed" }, { type: "failed", reason: "closed" }],
        ["accept", { type: "lies", fil: 11 }, { type: "failed" }, { type: "failed", reason: "size" }],
        ["accept", { type: "lies", invitation: 9 }, { type: "failed" }, { type: "failed", reason: "size" }],
        ["accept", { type: "never-connects" }, { type: "cancelled" }, { type: "failed", reason: "no-connection" }],
        [
          "accept",
          { type: "garbage-block", after: 3, bytes: Buffer.from("ffffff", "hex") },
          { type: "failed", reason: "closed" },
          { type: "failed", reason: "garbage", bytes: 3 },
        ],
        [
          "accept",
          { type: "cancels", at: 6, code: "FTTIMEOUT" },
          { type: "cancelled", by: "me" },
          { type: "cancelled", by: "other", code: "FTTIMEOUT" },
        ],
      ];
    for (const [answer, behaviour, sent, received] of decided) {
      it(`end as they should: ${answer} ${JSON.stringify(behaviour ?? {})}`, async () => {
        mia.onOffer = () => answer;
        const outcome = await nils.offerFile("mia@example.com", { ...SMALL, ...(behaviour && { behaviour }) });
        expect(outcome).to.include(sent);
        const end = await until("the end", () => mia.fileOutcomes[0]?.outcome);
        expect(end).to.include(received);
      });
    }

    const receivers: [behaviour: ReceiverBehaviour, sent: object][] = [
      [
        { type: "CCL", after: 5 },
        { type: "cancelled", by: "other", code: "CCL" },
      ],
      [
        { type: "bye", after: 12, code: 2164261682 },
        { type: "cancelled", by: "other", code: "2164261682" },
      ],
      [
        { type: "closes", after: 5 },
        { type: "failed", reason: "closed" },
      ],
      [
        { type: "resets", after: 5 },
        { type: "failed", reason: "closed" },
      ],
      [
        { type: "says", insteadOf: "TFR", line: "GET" },
        { type: "failed", reason: "garbage" },
      ],
      [{ type: "stranger-first" }, { type: "sent" }],
      [{ type: "connects-twice" }, { type: "sent" }],
      [
        { type: "cancels", at: 5, code: "OUTBANDCANCEL" },
        { type: "cancelled", by: "other", code: "OUTBANDCANCEL" },
      ],
    ];
    for (const [behaviour, sent] of receivers) {
      it(`end as they should: ${JSON.stringify(behaviour)}`, async () => {
        mia.onOffer = () => ({ behaviour });
        expect(await nils.offerFile("mia@example.com", SMALL)).to.include(sent);
        const { outcome } = await until("the end", () => mia.fileOutcomes[0]);
        if (outcome.type !== "received") return;
        expect(outcome.intruder).to.equal(behaviour.type === "stranger-first" ? "closed" : "refused");
      });
    }
  });
}
