import { expect } from "chai";
import * as fc from "fast-check";
import { keyOf, plainName, portalMessage, toMatrix, type PortalMessage } from "../../src/bridge/to-matrix.ts";

const KEY = "matrix-appservice-msn.row";

describe("bridge/to-matrix", () => {
  const TABLE: Array<[what: string, message: PortalMessage, content: Record<string, unknown>]> = [
    ["a text", { type: "text", text: "hello" }, { msgtype: "m.text", body: "hello" }],
    ["lines and tabs", { type: "text", text: "a\n\tb" }, { msgtype: "m.text", body: "a\n\tb" }],
    [
      "no other control characters",
      { type: "text", text: "\u0003a\u0000\u007Fb\r\n" },
      { msgtype: "m.text", body: "ab\n" },
    ],
    ["letters of all kinds", { type: "text", text: "grüß 😀" }, { msgtype: "m.text", body: "grüß 😀" }],
    ["no half characters", { type: "text", text: "a\uD83D" }, { msgtype: "m.text", body: "a\uFFFD" }],
    ["no markup", { type: "text", text: "<b>*x*</b>" }, { msgtype: "m.text", body: "<b>*x*</b>" }],
    ["a notice", { type: "notice", text: "It failed." }, { msgtype: "m.notice", body: "It failed." }],
    [
      "a notice about an event",
      { type: "notice", text: "It failed.", replyTo: "$one" },
      { msgtype: "m.notice", body: "It failed.", "m.relates_to": { "m.in_reply_to": { event_id: "$one" } } },
    ],
  ];
  for (const [what, message, content] of TABLE) {
    it(`shows ${what}`, () => expect(toMatrix(message, "row-1")).to.deep.equal({ ...content, [KEY]: "row-1" }));
  }

  it("recognises its own events by their key, whatever they say", () => {
    const message = fc.record({ type: fc.constantFrom("text", "notice"), text: fc.string({ unit: "binary" }) });
    fc.assert(
      fc.property(message, fc.string(), (raw, key) => {
        const content = toMatrix(portalMessage.parse(raw), key);
        const back: unknown = JSON.parse(JSON.stringify({ type: "m.room.message", content }));
        expect(keyOf(back)).to.equal(key);
        expect(content["body"]).to.match(/^[\P{Cc}\n\t]*$/u);
        expect(String(content["body"]).isWellFormed()).to.equal(true);
      }),
    );
  });

  it("finds no key in what is not ours", () => {
    for (const event of [
      {},
      null,
      "x",
      { content: {} },
      { content: { [KEY]: 1 } },
      { [KEY]: "row-1" },
      { content: null },
    ])
      expect(keyOf(event), JSON.stringify(event)).to.equal(undefined);
  });

  it("keeps in the journal what can be shown, and nothing else", () => {
    for (const [, message] of TABLE) expect(portalMessage.parse(message)).to.deep.equal(message);
    for (const wrong of [{ type: "text" }, { type: "nudge", text: "x" }, { text: "x" }, null])
      expect(portalMessage.safeParse(wrong).success, JSON.stringify(wrong)).to.equal(false);
  });

  const NAMES: Array<[name: string, plain: string]> = [
    ["Nils", "Nils"],
    ["  Nils\r\n", "Nils"],
    ["Nils\u0003\u0004 M", "Nils  M"],
    ["one\ntwo", "one two"],
    ["\u0000\t", ""],
    ["😀".repeat(101), "😀".repeat(100)],
    [`x${"😀".repeat(100)}`, `x${"😀".repeat(99)}\uFFFD`],
  ];
  for (const [name, plain] of NAMES) {
    it(`shows the name ${JSON.stringify(name.slice(0, 20))} as ${JSON.stringify(plain.slice(0, 20))}`, () => {
      expect(plainName(name)).to.equal(plain);
    });
  }
});
