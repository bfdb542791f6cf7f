import { expect } from "chai";
import { bareKey, isReplyIn, relationOf, type Relation } from "../../../src/convert/text/relations.ts";

const MESSAGE = "m.room.message";

describe("convert/text/relations", () => {
  const ROWS: Array<[what: string, type: string, content: Record<string, unknown>, found: Relation | undefined]> = [
    ["nothing", MESSAGE, {}, undefined],
    ["what is no object", MESSAGE, { "m.relates_to": "$a" }, undefined],
    ["a reply", MESSAGE, { "m.relates_to": { "m.in_reply_to": { event_id: "$a" } } }, { type: "reply", eventId: "$a" }],
    [
      "a thread's last message, for clients without threads",
      MESSAGE,
      { "m.relates_to": { rel_type: "m.thread", is_falling_back: true, "m.in_reply_to": { event_id: "$a" } } },
      undefined,
    ],
    [
      "a reply in a thread",
      MESSAGE,
      { "m.relates_to": { rel_type: "m.thread", event_id: "$t", "m.in_reply_to": { event_id: "$a" } } },
      { type: "reply", eventId: "$a" },
    ],
    [
      "a reaction",
      "m.reaction",
      { "m.relates_to": { rel_type: "m.annotation", event_id: "$a", key: "✅" } },
      { type: "reaction", eventId: "$a", key: "✅" },
    ],
    ["a reaction without a key", "m.reaction", { "m.relates_to": { event_id: "$a" } }, undefined],
    ["a reaction to nothing", "m.reaction", { "m.relates_to": { key: "✅" } }, undefined],
    [
      "an edit",
      MESSAGE,
      {
        body: "* new",
        msgtype: "m.text",
        "m.new_content": { body: "new" },
        "m.relates_to": { rel_type: "m.replace", event_id: "$a" },
      },
      { type: "edit", eventId: "$a", content: { msgtype: "m.text", body: "new" } },
    ],
    [
      "an edit in its old form",
      MESSAGE,
      { body: " * new", msgtype: "m.text", "m.relates_to": { rel_type: "m.replace", event_id: "$a" } },
      { type: "edit", eventId: "$a", content: { msgtype: "m.text", body: "new" } },
    ],
    ["an edit of nothing", MESSAGE, { body: "x", "m.relates_to": { rel_type: "m.replace" } }, undefined],
  ];
  for (const [what, type, content, found] of ROWS)
    it(`are read: ${what}`, () => expect(relationOf(type, content)).to.deep.equal(found));

  it("say whether what is answered may stand before the text", () => {
    const answered = { "m.in_reply_to": { event_id: "$a" } };
    expect(isReplyIn(MESSAGE, { "m.relates_to": answered })).to.equal(true);
    expect(isReplyIn(MESSAGE, { "m.relates_to": { ...answered, is_falling_back: true } })).to.equal("unknown");
    expect(isReplyIn(MESSAGE, {})).to.equal(false);
  });

  it("know a reaction with and without the sign for colour", () => expect(bareKey("❤\u{fe0f}")).to.equal("❤"));
});
