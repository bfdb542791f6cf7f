import { expect } from "chai";
import { z } from "zod";
import {
  bundledEdit,
  changeOf,
  corrected,
  editedEvent,
  isEditOf,
  latestEdit,
  withEdit,
  withoutEdit,
} from "../../src/convert/event-edits.ts";

type Fields = Record<string, unknown>;
const ORIGINAL = {
  event_id: "$one",
  room_id: "!r",
  sender: "@mia:x",
  type: "m.room.message",
  origin_server_ts: 1,
  content: { msgtype: "m.text", body: "meet at 5" },
};

/** The event of an edit; `more` replaces what is in it. */
function edit(id: string, body: string, at: number, more: Fields = {}): Fields & { content: Fields } {
  const relation = { rel_type: "m.replace", event_id: "$one" };
  const content = {
    msgtype: "m.text",
    body: `* ${body}`,
    "m.new_content": { msgtype: "m.text", body },
    "m.relates_to": relation,
  };
  return { ...ORIGINAL, event_id: id, origin_server_ts: at, content, ...more };
}

const event = z.object({ event_id: z.string(), content: z.record(z.string(), z.unknown()) });
const bodyOf = (one: unknown): unknown => event.parse(one).content["body"];

describe("convert/event-edits", () => {
  const SIX = edit("$six", "meet at 6", 2);
  const CHANGED: Array<[what: string, edit: unknown, original: unknown, isValid: boolean]> = [
    ["one's own message", SIX, ORIGINAL, true],
    ["one whose room is not named", { ...SIX, room_id: undefined }, ORIGINAL, true],
    [
      "one without its new form",
      edit("$six", "x", 2, { content: { body: "* x", "m.relates_to": { rel_type: "m.replace", event_id: "$one" } } }),
      ORIGINAL,
      true,
    ],
    ["somebody else's", SIX, { ...ORIGINAL, sender: "@eve:x" }, false],
    ["one in another room", SIX, { ...ORIGINAL, room_id: "!other" }, false],
    ["one of another type", SIX, { ...ORIGINAL, type: "m.sticker" }, false],
    ["an encrypted one", SIX, { ...ORIGINAL, type: "m.room.encrypted", content: { ciphertext: "x" } }, false],
    ["another one", SIX, { ...ORIGINAL, event_id: "$other" }, false],
    ["the state of a room", SIX, { ...ORIGINAL, state_key: "" }, false],
    [
      "an edit",
      edit("$seven", "x", 3, {
        content: { ...SIX.content, "m.relates_to": { rel_type: "m.replace", event_id: "$six" } },
      }),
      SIX,
      false,
    ],
    ["what was deleted", SIX, { ...ORIGINAL, content: {} }, false],
    ["nothing", SIX, undefined, false],
    ["what is changed by a deletion", { ...SIX, content: {} }, ORIGINAL, false],
    ["what is changed by state", { ...SIX, state_key: "" }, ORIGINAL, false],
    [
      "what is changed by an answer",
      { ...SIX, content: { body: "x", "m.relates_to": { "m.in_reply_to": { event_id: "$one" } } } },
      ORIGINAL,
      false,
    ],
  ];
  for (const [what, change, original, isValid] of CHANGED) {
    it(`${isValid ? "changes" : "does not change"} ${what}`, () =>
      expect(isEditOf(change, original)).to.equal(isValid));
  }

  const LATEST: Array<[what: string, edits: readonly unknown[], id: string | undefined]> = [
    ["the latest", [edit("$b", "7", 3), SIX], "$b"],
    ["the latest by time, not by place", [SIX, edit("$b", "7", 3), edit("$c", "8", 2)], "$b"],
    ["of two at once the greater id", [edit("$b", "7", 2), edit("$a", "8", 2)], "$b"],
    ["no one that is not allowed", [SIX, edit("$b", "7", 3, { sender: "@eve:x" })], "$six"],
    ["no one that was deleted", [SIX, edit("$b", "7", 3, { content: {} })], "$six"],
    ["none of none", [], undefined],
    ["none of rubbish", [1, null, {}], undefined],
  ];
  for (const [what, edits, id] of LATEST) {
    it(`counts ${what}`, () => expect(event.safeParse(latestEdit(ORIGINAL, edits)).data?.event_id).to.equal(id));
  }

  it("keeps edits with an event, and lets go of them", () => {
    const both = withEdit(withEdit(ORIGINAL, SIX), edit("$seven", "meet at 7", 3));
    expect(bodyOf(editedEvent(ORIGINAL))).to.equal("meet at 5");
    expect(bodyOf(editedEvent(both))).to.equal("meet at 7");
    expect(bodyOf(editedEvent(withoutEdit(both, "$seven")))).to.equal("meet at 6");
    expect(bodyOf(editedEvent(withoutEdit(withoutEdit(both, "$seven"), "$six")))).to.equal("meet at 5");
    expect(bodyOf(editedEvent(withEdit(both, SIX, true)))).to.equal("meet at 6");
    expect(editedEvent(both)).to.deep.include({ event_id: "$one", sender: "@mia:x", unsigned: {} });
  });

  it("leaves what an event answers as it was, whatever an edit says", () => {
    const reply = { "m.in_reply_to": { event_id: "$nils" } };
    const answer = { ...ORIGINAL, content: { ...ORIGINAL.content, "m.relates_to": reply } };
    expect(corrected(answer, SIX)).to.have.nested.property("content.m\\.relates_to").that.deep.equals(reply);
    const other = edit("$six", "6", 2);
    const { content } = other;
    const sly = { ...other, content: { ...content, "m.new_content": { body: "6", "m.relates_to": reply } } };
    expect(corrected(ORIGINAL, sly)).to.not.have.nested.property("content.m\\.relates_to");
    expect(changeOf(sly)).to.deep.equal({ type: "edit", eventId: "$one" });
  });

  it("finds what a homeserver bundles, whole or by its id", () => {
    const bundle = (one: unknown): unknown => ({ ...ORIGINAL, unsigned: { "m.relations": { "m.replace": one } } });
    expect(bundledEdit(bundle(SIX))).to.deep.equal(SIX);
    expect(bundledEdit(bundle({ event_id: "$six", sender: "@mia:x" }))).to.include({ event_id: "$six" });
    for (const none of [ORIGINAL, bundle(1), bundle({}), bundle(undefined), null, 1])
      expect(bundledEdit(none)).to.equal(undefined);
  });
});
