import { expect } from "chai";
import {
  bundledEdit,
  corrected,
  editedEvent,
  isEditOf,
  latestEdit,
  withEdit,
  withoutEdit,
} from "../../src/convert/event-edits.ts";
import { readMatrixEvent, type EventOf, type MatrixEvent } from "../../src/convert/matrix-event.ts";
import { matrixEvent } from "../support/matrix-event.ts";

type Fields = Record<string, unknown>;
const RAW = {
  event_id: "$one",
  room_id: "!r",
  sender: "@mia:x",
  type: "m.room.message",
  origin_server_ts: 1,
  content: { msgtype: "m.text", body: "meet at 5" },
};

const ORIGINAL = matrixEvent(RAW);

/** An edit as it is sent; `more` replaces what is in it. */
function rawEdit(id: string, body: string, at: number, more: Fields = {}): Fields & { content: Fields } {
  const relation = { rel_type: "m.replace", event_id: "$one" };
  const content = {
    msgtype: "m.text",
    body: `* ${body}`,
    "m.new_content": { msgtype: "m.text", body },
    "m.relates_to": relation,
  };
  return { ...RAW, event_id: id, origin_server_ts: at, content, ...more };
}

function edit(...what: Parameters<typeof rawEdit>): MatrixEvent {
  return matrixEvent(rawEdit(...what));
}

function validEdit(...what: Parameters<typeof rawEdit>): EventOf<"edit"> {
  const event = edit(...what);
  if (event.kind !== "edit") throw new Error(`it is no edit, but: ${event.kind}`);
  return event;
}

const bodyOf = ({ content }: MatrixEvent): unknown => content["body"];

describe("convert/event-edits", () => {
  const RAW_SIX = rawEdit("$six", "meet at 6", 2);
  const SIX = validEdit("$six", "meet at 6", 2);
  const other = (more: Fields): MatrixEvent => matrixEvent({ ...RAW, ...more });
  const CHANGED: Array<[what: string, edit: MatrixEvent, original: MatrixEvent, isValid: boolean]> = [
    ["one's own message", SIX, ORIGINAL, true],
    [
      "one without its new form",
      edit("$six", "x", 2, { content: { body: "* x", "m.relates_to": { rel_type: "m.replace", event_id: "$one" } } }),
      ORIGINAL,
      true,
    ],
    ["somebody else's", SIX, other({ sender: "@eve:x" }), false],
    ["one in another room", SIX, other({ room_id: "!other" }), false],
    ["one of another type", SIX, other({ type: "m.sticker" }), false],
    ["an encrypted one", SIX, other({ type: "m.room.encrypted", content: { ciphertext: "x" } }), false],
    ["another one", SIX, other({ event_id: "$other" }), false],
    ["the state of a room", SIX, other({ state_key: "" }), false],
    [
      "an edit",
      edit("$seven", "x", 3, {
        content: { ...RAW_SIX.content, "m.relates_to": { rel_type: "m.replace", event_id: "$six" } },
      }),
      SIX,
      false,
    ],
    ["what was deleted", SIX, other({ content: {} }), false],
    ["what is changed by a deletion", matrixEvent({ ...RAW_SIX, content: {} }), ORIGINAL, false],
    ["what is changed by state", matrixEvent({ ...RAW_SIX, state_key: "" }), ORIGINAL, false],
    [
      "what is changed by an answer",
      matrixEvent({ ...RAW_SIX, content: { body: "x", "m.relates_to": { "m.in_reply_to": { event_id: "$one" } } } }),
      ORIGINAL,
      false,
    ],
  ];
  for (const [what, change, original, isValid] of CHANGED) {
    it(`${isValid ? "changes" : "does not change"} ${what}`, () =>
      expect(isEditOf(change, original)).to.equal(isValid));
  }

  const LATEST: Array<[what: string, edits: readonly MatrixEvent[], id: string | undefined]> = [
    ["the latest", [edit("$b", "7", 3), SIX], "$b"],
    ["the latest by time, not by place", [SIX, edit("$b", "7", 3), edit("$c", "8", 2)], "$b"],
    ["of two at once the greater id", [edit("$b", "7", 2), edit("$a", "8", 2)], "$b"],
    ["no one that is not allowed", [SIX, edit("$b", "7", 3, { sender: "@eve:x" })], "$six"],
    ["no one that was deleted", [SIX, edit("$b", "7", 3, { content: {} })], "$six"],
    ["none of none", [], undefined],
    ["none of what is no edit", [ORIGINAL], undefined],
  ];
  for (const [what, edits, id] of LATEST) {
    it(`counts ${what}`, () => expect(latestEdit(ORIGINAL, edits)?.id).to.equal(id));
  }

  it("keeps edits with an event, and lets go of them", () => {
    const both = withEdit(withEdit(ORIGINAL, SIX), edit("$seven", "meet at 7", 3));
    expect(bodyOf(editedEvent(ORIGINAL))).to.equal("meet at 5");
    expect(bodyOf(editedEvent(both))).to.equal("meet at 7");
    expect(bodyOf(editedEvent(withoutEdit(both, "$seven")))).to.equal("meet at 6");
    expect(bodyOf(editedEvent(withoutEdit(withoutEdit(both, "$seven"), "$six")))).to.equal("meet at 5");
    expect(bodyOf(editedEvent(withEdit(both, SIX, true)))).to.equal("meet at 6");
    expect(editedEvent(both)).to.deep.include({ id: "$one", sender: "@mia:x", unsigned: {} });
    expect(readMatrixEvent(both.source), "what the journal gives back").to.deep.equal(both);
  });

  it("leaves what an event answers as it was, whatever an edit says", () => {
    const reply = { "m.in_reply_to": { event_id: "$nils" } };
    const answer = other({ content: { ...RAW.content, "m.relates_to": reply } });
    expect(corrected(answer, SIX)).to.have.nested.property("content.m\\.relates_to").that.deep.equals(reply);
    const { content } = SIX;
    const sly = validEdit("$six", "6", 2, {
      content: { ...content, "m.new_content": { body: "6", "m.relates_to": reply } },
    });
    expect(corrected(ORIGINAL, sly)).to.not.have.nested.property("content.m\\.relates_to");
  });

  it("finds what a homeserver bundles, whole or by its id", () => {
    const bundle = (one: unknown): MatrixEvent => other({ unsigned: { "m.relations": { "m.replace": one } } });
    expect(bundledEdit(bundle(RAW_SIX))).to.deep.equal(SIX);
    const { room_id: room, ...unnamed } = RAW_SIX;
    expect(bundledEdit(bundle(unnamed)), "where the room goes without saying").to.deep.equal(
      matrixEvent({ ...unnamed, room_id: room }),
    );
    expect(bundledEdit(bundle({ event_id: "$six", sender: "@mia:x" }))).to.deep.equal({ id: "$six" });
    expect(bundledEdit(bundle({ ...RAW_SIX, sender: "@eve:x" })), "one that is not valid").to.deep.equal({
      id: "$six",
    });
    for (const none of [ORIGINAL, bundle(1), bundle({}), bundle(undefined)])
      expect(bundledEdit(none)).to.equal(undefined);
  });
});
