import { expect } from "chai";
import * as fc from "fast-check";
import { toMsn, type Crossing } from "../../src/bridge/to-msn.ts";

function text(body: unknown, more: Record<string, unknown> = {}): unknown {
  return { type: "m.room.message", content: { msgtype: "m.text", body, ...more } };
}

/** What is sent, put together again. */
function sent(crossing: Crossing): string | undefined {
  if (crossing.type !== "send") return undefined;
  return crossing.contents.map((content) => (content.type === "text" ? content.text : `<${content.type}>`)).join("");
}

function reaction(key: unknown, event: unknown = "$one"): unknown {
  return {
    type: "m.reaction",
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } },
  };
}

describe("bridge/to-msn", () => {
  const TEXTS: Array<[what: string, event: unknown, text: string]> = [
    ["a text", text("hello"), "hello"],
    ["its plain form, whatever the other form says", text("hi", { formatted_body: "<b>ho</b>" }), "hi"],
    ["line ends in the one form", text("a\r\nb\rc\nd"), "a\nb\nc\nd"],
    ["letters of all kinds", text("grüß 你好 👩‍👩‍👧"), "grüß 你好 👩‍👩‍👧"],
    ["spaces at the ends", text("  x  "), "  x  "],
  ];
  for (const [what, event, wanted] of TEXTS) {
    it(`sends ${what}`, () => expect(sent(toMsn(event))).to.equal(wanted));
  }

  const OTHER_MESSAGES = [
    "m.message",
    "m.image",
    "m.file",
    "m.video",
    "m.audio",
    "m.voice",
    "m.location",
    "m.poll.start",
    "org.matrix.msc1767.image",
    "org.matrix.msc3245.voice.v2",
    "org.matrix.msc3381.poll.start",
    "org.matrix.msc3488.location",
  ];
  type Other = [what: string, event: unknown, type: Crossing["type"], words?: string];
  const OTHERS: Other[] = [
    ["a picture", { type: "m.room.message", content: { msgtype: "m.image", body: "x.png" } }, "refuse", "only text"],
    ["a file", { type: "m.room.message", content: { msgtype: "m.file", body: "x.pdf" } }, "refuse", "only text"],
    ["a kind nobody knows", { type: "m.room.message", content: { msgtype: "x.y", body: "" } }, "refuse", "only text"],
    ["a sticker", { type: "m.sticker", content: { body: "x" } }, "refuse", "only text"],
    ...OTHER_MESSAGES.map((type): Other => [
      `an event ${type}`,
      { type, content: { body: "x" } },
      "refuse",
      "only text",
    ]),
    ["a call", { type: "m.call.invite", content: { call_id: "1" } }, "refuse", "cannot carry calls"],
    ["a ringing", { type: "m.rtc.notification", content: { a: 1 } }, "refuse", "cannot carry calls"],
    ["what else belongs to a call", { type: "m.call.candidates", content: { call_id: "1" } }, "ignore"],
    ["a redacted call", { type: "m.call.invite", content: {} }, "ignore"],
    ["a redacted sticker", { type: "m.sticker", content: {} }, "ignore"],
    ["a message without a kind", { type: "m.room.message", content: { body: "x" } }, "refuse", "only text"],
    ["a message without a body", { type: "m.room.message", content: { msgtype: "m.text" } }, "refuse", "only text"],
    ["a redaction", { type: "m.room.redaction", content: { redacts: "$a" } }, "ignore"],
    ["a receipt", { type: "m.receipt", content: { $a: {} } }, "ignore"],
    ["the answer to a poll", { type: "m.poll.response", content: { a: 1 } }, "ignore"],
    ["a type nobody knows", { type: "org.example.image", content: { a: 1 } }, "ignore"],
    ["a state event", { type: "m.location", state_key: "", content: { a: 1 } }, "ignore"],
    ["an encrypted event", { type: "m.room.encrypted", content: { ciphertext: "x" } }, "refuse", "encrypted"],
    ["what bots say", { type: "m.room.message", content: { msgtype: "m.notice", body: "x" } }, "ignore"],
    ["a redacted message", { type: "m.room.message", content: {} }, "ignore"],
    ["a message whose text is none", text(42), "refuse", "only text"],
    ["a message without content", { type: "m.room.message" }, "ignore"],
    ["a reaction", { type: "m.reaction", content: {} }, "ignore"],
    ["a member", { type: "m.room.member", state_key: "@a:b", content: { membership: "leave" } }, "ignore"],
    ["an event without a type", { content: { msgtype: "m.text", body: "x" } }, "ignore"],
    ["no event at all", null, "ignore"],
    ["a list", [text("x")], "ignore"],
  ];
  for (const [what, event, type, words] of OTHERS) {
    it(`does not send ${what}: ${type}`, () => {
      const crossing = toMsn(event);
      expect(crossing.type).to.equal(type);
      if (crossing.type === "refuse") expect(crossing.sentence).to.include(words).and.match(/\.$/u);
    });
  }

  it("takes one reaction for the wish to send again, however clients spell it, and no other", () => {
    for (const key of ["🔁", "🔁\u{fe0f}"])
      expect(toMsn(reaction(key))).to.deep.equal({ type: "retry", eventId: "$one" });
    for (const other of [reaction("👍"), reaction("🔁🔁"), reaction(1), reaction("🔁", 1)])
      expect(toMsn(other)).to.deep.equal({ type: "ignore" });
  });

  it("marks what is to be said once only in a room", () => {
    expect(toMsn({ type: "m.room.encrypted", content: {} })).to.include({ type: "refuse", once: "encrypted" });
    expect(toMsn({ type: "m.sticker", content: { body: "x" } })).to.not.have.property("once");
  });

  it("never throws, and sends a text of any length whole, in parts that fit", () => {
    const body = fc.oneof(fc.string({ unit: "grapheme", maxLength: 4000 }), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(body, (written) => {
        const crossing = toMsn(text(written));
        if (written === "") {
          expect(crossing).to.deep.equal({ type: "ignore" });
          return;
        }
        expect(sent(crossing)).to.equal(written.toWellFormed().replaceAll(/\r\n?/gu, "\n"));
        if (crossing.type !== "send") return;
        for (const content of crossing.contents) {
          const bytes = content.type === "text" ? Buffer.byteLength(content.text.replaceAll("\n", "\r\n")) : 0;
          expect(bytes).to.be.at.most(1400);
        }
      }),
    );
    fc.assert(fc.property(fc.anything(), (anything) => void toMsn(anything)));
  });
});
