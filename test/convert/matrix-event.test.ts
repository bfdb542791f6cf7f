import { expect } from "chai";
import * as fc from "fast-check";
import {
  displayNameIn,
  isState,
  readMatrixEvent,
  replacementIn,
  withContent,
  withUnsigned,
  type MatrixEvent,
} from "../../src/convert/matrix-event.ts";
import { matrixEvent } from "../support/matrix-event.ts";

type Row = [what: string, fields: object, kind: MatrixEvent["kind"], more?: object];

const ENVELOPE = { event_id: "$one", room_id: "!r:x", sender: "@mia:x", origin_server_ts: 7 };
const HELLO = { msgtype: "m.text", body: "hello" };

function related(relation: object, content: object = HELLO): object {
  return { type: "m.room.message", content: { ...content, "m.relates_to": relation } };
}

function state(type: string, stateKey: unknown, content: unknown): object {
  return { type, state_key: stateKey, content };
}

const replace = { rel_type: "m.replace", event_id: "$old" };
const answer = { "m.in_reply_to": { event_id: "$old" } };

describe("convert/matrix-event", () => {
  const ROWS: Row[] = [
    ["a text", { type: "m.room.message", content: HELLO }, "message", { replyTo: undefined, isReply: false }],
    ["a sticker", { type: "m.sticker", content: { body: "cat" } }, "message"],
    ["a poll of a proposal", { type: "org.matrix.msc3381.poll.start", content: { a: 1 } }, "message"],
    ["a type with a text for all", { type: "org.example.x", content: { "m.text": "hi" } }, "message"],
    ["an answer", related(answer), "message", { replyTo: "$old", isReply: true }],
    [
      "what stands last in a thread",
      related({ rel_type: "m.thread", event_id: "$root", is_falling_back: true, ...answer }),
      "message",
      { replyTo: undefined, isReply: "unknown" },
    ],
    [
      "an edit",
      related(replace, { body: "* x", "m.new_content": { msgtype: "m.text", body: "x" } }),
      "edit",
      { target: "$old", newContent: { msgtype: "m.text", body: "x" } },
    ],
    ["an edit without its target", related({ rel_type: "m.replace" }), "message"],
    [
      "a reaction",
      { type: "m.reaction", content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$old", key: "👍" } } },
      "reaction",
      { target: "$old", key: "👍" },
    ],
    ["a reaction without a key", { type: "m.reaction", content: { "m.relates_to": { event_id: "$old" } } }, "other"],
    ["a redaction", { type: "m.room.redaction", content: {}, redacts: "$old" }, "redaction", { target: "$old" }],
    ["one of newer rooms", { type: "m.room.redaction", content: { redacts: "$old" } }, "redaction", { target: "$old" }],
    ["a redaction of nothing", { type: "m.room.redaction", content: { redacts: 1 }, redacts: {} }, "other"],
    ["an encrypted event", { type: "m.room.encrypted", content: { ciphertext: "x" } }, "encrypted"],
    ["an encrypted edit", { ...related(replace), type: "m.room.encrypted" }, "encrypted"],
    ["a deleted message", { type: "m.room.message", content: {} }, "other"],
    ["a message whose content is none", { type: "m.room.message", content: 1 }, "other", { content: {} }],
    ["a call", { type: "m.call.invite", content: { call_id: "1" } }, "other"],
    [
      "somebody's invitation",
      state("m.room.member", "@nils:x", { membership: "invite", displayname: "Nils" }),
      "member",
      { userId: "@nils:x", membership: "invite", displayName: "Nils" },
    ],
    [
      "a member whose name is none",
      state("m.room.member", "@nils:x", { membership: "join", displayname: 1 }),
      "member",
      { displayName: undefined },
    ],
    ["an unknown membership", state("m.room.member", "@nils:x", { membership: "hover" }), "state"],
    ["a name", state("m.room.name", "", { name: " Us " }), "room-name", { name: "Us" }],
    ["no name any more", state("m.room.name", "", {}), "room-name", { name: "" }],
    ["a name that is none", state("m.room.name", "", { name: ["x"] }), "room-name", { name: "" }],
    ["a name of something in the room", state("m.room.name", "x", { name: "Us" }), "state"],
    ["a tombstone", state("m.room.tombstone", "", { replacement_room: "!new" }), "tombstone", { replacement: "!new" }],
    ["the end of a room", state("m.room.tombstone", "", {}), "tombstone", { replacement: undefined }],
    ["a tombstone for somebody", state("m.room.tombstone", "@nils:x", { replacement_room: "!new" }), "state"],
    ["a message that is state", state("m.room.message", "", HELLO), "state"],
  ];
  for (const [what, fields, kind, more = {}] of ROWS) {
    it(`takes ${what} for: ${kind}`, () => {
      const event = readMatrixEvent({ ...ENVELOPE, ...fields });
      expect(event).to.deep.include({ id: "$one", roomId: "!r:x", sender: "@mia:x", sentAt: 7, kind, ...more });
      if (event === undefined) return;
      expect(isState(event)).to.equal("state_key" in fields);
      const kept = readMatrixEvent(JSON.parse(JSON.stringify(event.source)));
      expect(JSON.stringify(kept), "as it is kept").to.equal(JSON.stringify(event));
    });
  }

  const NONE: Array<[what: string, event: unknown]> = [
    ["nothing", undefined],
    ["null", null],
    ["a list", [{ ...ENVELOPE, type: "m.room.message", content: HELLO }]],
    ["an event without an id", { ...ENVELOPE, event_id: undefined, type: "m.room.message", content: HELLO }],
    ["an event without a sender", { ...ENVELOPE, sender: 1, type: "m.room.message", content: HELLO }],
    ["an event without a room", { ...ENVELOPE, room_id: undefined, type: "m.room.message", content: HELLO }],
    ["an event without a type", { ...ENVELOPE, content: HELLO }],
    ["state that is nobody's", { ...ENVELOPE, ...state("m.room.member", 1, { membership: "join" }) }],
  ];
  for (const [what, event] of NONE)
    it(`takes ${what} for no event`, () => expect(readMatrixEvent(event)).to.equal(undefined));

  it("takes an event for one of the room that was asked for it, where it does not say of which it is", () => {
    const unnamed = { ...ENVELOPE, room_id: undefined, type: "m.room.message", content: HELLO };
    const { room_id: none, ...without } = unnamed;
    expect(none).to.equal(undefined);
    expect(readMatrixEvent(without, "!asked")?.roomId).to.equal("!asked");
    expect(readMatrixEvent({ ...without, room_id: "!own" }, "!asked")?.roomId).to.equal("!own");
    for (const nothing of [undefined, null, 1, "x", []]) expect(readMatrixEvent(nothing, "!asked")).to.equal(undefined);
  });

  it("says anew what an event is when something else is put in it", () => {
    const message = matrixEvent({ content: HELLO });
    expect(withContent(message, {})).to.include({ kind: "other", id: message.id, sender: message.sender });
    const edit = withContent(message, { ...HELLO, "m.relates_to": replace });
    expect(edit).to.include({ kind: "edit", target: "$old" });
    expect(withContent(edit, HELLO)).to.deep.equal(message);
    expect(withUnsigned(message, { a: 1 })).to.deep.include({ kind: "message", unsigned: { a: 1 } });
  });

  it("reads the content of state that was asked for alone", () => {
    expect([displayNameIn({ displayname: "Nils" }), replacementIn({ replacement_room: "!new" })]).to.deep.equal([
      "Nils",
      "!new",
    ]);
    for (const none of [undefined, null, 1, [], {}, { displayname: 1, replacement_room: null }])
      expect([displayNameIn(none), replacementIn(none)]).to.deep.equal([undefined, undefined]);
  });

  it("never throws, and what it has read is read as the same again", () => {
    const key = fc.constantFrom("m.relates_to", "m.new_content", "membership", "redacts", "body", "name", "m.text");
    const relation = fc.record(
      {
        rel_type: fc.constantFrom("m.replace", "m.annotation", "m.thread", 1),
        event_id: fc.constantFrom("$old", 1, null),
        key: fc.constantFrom("👍", 1),
        "m.in_reply_to": fc.anything(),
      },
      { requiredKeys: [] },
    );
    const event = fc.record(
      {
        type: fc.constantFrom("m.room.message", "m.reaction", "m.room.redaction", "m.room.member", "m.room.name", "x"),
        state_key: fc.constantFrom("", "@nils:x", 1, null),
        redacts: fc.anything(),
        unsigned: fc.anything(),
        origin_server_ts: fc.anything(),
        content: fc.oneof(fc.anything(), fc.dictionary(key, fc.oneof(relation, fc.jsonValue()))),
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), event), (fields) => {
        const whole = typeof fields === "object" && fields !== null ? { ...ENVELOPE, ...fields } : fields;
        const read = readMatrixEvent(whole);
        if (read !== undefined) expect(readMatrixEvent(read.source)).to.deep.equal(read);
      }),
    );
  });
});
