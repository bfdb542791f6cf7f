import { expect } from "chai";
import * as fc from "fast-check";
import { keyOf, plainName, portalMessage, toMatrix, type ShownMessage } from "../../src/convert/to-matrix.ts";
import { DEFAULT_STYLE } from "../../src/msn/index.ts";
import { anyText } from "../support/any-text.ts";
import { matrixEvent } from "../support/matrix-event.ts";

const KEY = "matrix-appservice-msn.row";
const OPTIONS = { owner: "@alice:hs.example", emoticons: true };
const HTML = "org.matrix.custom.html";
const bold = { ...DEFAULT_STYLE, bold: true };
const fixed = { ...DEFAULT_STYLE, pitch: "fixed" } as const;

describe("convert/to-matrix", () => {
  const TABLE: Array<[what: string, message: ShownMessage, content: Record<string, unknown>]> = [
    ["a text", { type: "text", text: "hello" }, { msgtype: "m.text", body: "hello" }],
    ["lines and tabs", { type: "text", text: "a\n\tb" }, { msgtype: "m.text", body: "a\n\tb" }],
    ["no other controls", { type: "text", text: "\u0003a\u0000\u007Fb\r\n" }, { msgtype: "m.text", body: "ab\n" }],
    ["letters of all kinds", { type: "text", text: "grüß 😀" }, { msgtype: "m.text", body: "grüß 😀" }],
    ["no half characters", { type: "text", text: "a\uD83D" }, { msgtype: "m.text", body: "a\uFFFD" }],
    ["no markup", { type: "text", text: "<b>*x*</b>" }, { msgtype: "m.text", body: "<b>*x*</b>" }],
    ["no more in a second form", { type: "text", text: "a", style: DEFAULT_STYLE }, { msgtype: "m.text", body: "a" }],
    [
      "the look of a text",
      { type: "text", text: "<a>\nb", style: bold },
      { msgtype: "m.text", body: "<a>\nb", format: HTML, formatted_body: "<b>&lt;a&gt;<br/>b</b>" },
    ],
    ["emoticons", { type: "text", text: "hi :-) (l)" }, { msgtype: "m.text", body: "hi 🙂 ❤️" }],
    [
      "emoticons in both forms",
      { type: "text", text: ":P", style: bold },
      { msgtype: "m.text", body: "😛", format: HTML, formatted_body: "<b>😛</b>" },
    ],
    [
      "no emoticons in columns",
      { type: "text", text: "a :P\nb", style: fixed },
      { msgtype: "m.text", body: "a :P\nb", format: HTML, formatted_body: "<pre><code>a :P\nb</code></pre>" },
    ],
    ["who says it nowhere", { type: "text", text: "a", from: "nils@example.com" }, { msgtype: "m.text", body: "a" }],
    ["an action", { type: "emote", text: "waves :)" }, { msgtype: "m.emote", body: "waves 🙂" }],
    ["an action that was typed", { type: "text", text: "/me waves" }, { msgtype: "m.emote", body: "waves" }],
    [
      "the look of an action",
      { type: "text", text: "/me  waves", style: bold },
      { msgtype: "m.emote", body: "waves", format: HTML, formatted_body: "<b>waves</b>" },
    ],
    ["words about /me", { type: "text", text: "say /me waves" }, { msgtype: "m.text", body: "say /me waves" }],
    ["no action without words", { type: "text", text: "/me " }, { msgtype: "m.text", body: "/me " }],
    [
      "a nudge, so that its owner hears of it",
      { type: "nudge" },
      {
        msgtype: "m.emote",
        body: "sent you a nudge",
        "m.mentions": { user_ids: ["@alice:hs.example"] },
        "matrix-appservice-msn.nudge": true,
      },
    ],
    [
      "a file",
      { type: "file", from: "a", name: "a.txt", kind: "file", mxc: "mxc://a/b", mimetype: "text/plain", size: 3 },
      {
        msgtype: "m.file",
        body: "a.txt",
        filename: "a.txt",
        url: "mxc://a/b",
        info: { mimetype: "text/plain", size: 3 },
      },
    ],
    [
      "a picture with a thumbnail",
      {
        type: "file",
        name: "a.png",
        kind: "image",
        mxc: "mxc://a/b",
        mimetype: "image/png",
        size: 9000,
        w: 2000,
        h: 1000,
        thumbnail: { mxc: "mxc://a/c", mimetype: "image/jpeg", size: 90, w: 800, h: 400 },
      },
      {
        msgtype: "m.image",
        body: "a.png",
        filename: "a.png",
        url: "mxc://a/b",
        info: {
          mimetype: "image/png",
          size: 9000,
          w: 2000,
          h: 1000,
          thumbnail_url: "mxc://a/c",
          thumbnail_info: { mimetype: "image/jpeg", size: 90, w: 800, h: 400 },
        },
      },
    ],
    ["a notice", { type: "notice", text: "It failed :(" }, { msgtype: "m.notice", body: "It failed :(" }],
    [
      "a notice about an event",
      { type: "notice", text: "It failed.", replyTo: "$one" },
      { msgtype: "m.notice", body: "It failed.", "m.relates_to": { "m.in_reply_to": { event_id: "$one" } } },
    ],
  ];
  for (const [what, message, content] of TABLE) {
    it(`shows ${what}`, () => {
      // Nobody is mentioned, unless the table says who.
      expect(toMatrix(message, "row-1", OPTIONS)).to.deep.equal({ "m.mentions": {}, ...content, [KEY]: "row-1" });
    });
  }

  it("leaves emoticons as they are if that is wished, or nothing is", () => {
    for (const options of [{ ...OPTIONS, emoticons: false }, undefined])
      expect(toMatrix({ type: "text", text: ":)" }, "row-1", options)).to.include({ body: ":)" });
    expect(toMatrix({ type: "nudge" }, "row-1")).to.deep.include({ "m.mentions": {} });
  });

  it("fits into an event, however long a text is and whatever is in it", () => {
    for (const letter of ["x", '"', "<", "\n", "😀", "e\u0301\u0301\u0301"]) {
      const content = toMatrix({ type: "text", text: letter.repeat(200_000), style: bold }, "row-1", OPTIONS);
      expect(Buffer.byteLength(JSON.stringify(content))).to.be.within(10_000, 61_000);
      expect(content["body"]).to.include("too long");
    }
  });

  it("recognises its own events by their key, whatever they say", () => {
    const message: fc.Arbitrary<ShownMessage> = fc.record({
      type: fc.constantFrom("text", "emote", "notice"),
      text: anyText(),
    });
    fc.assert(
      fc.property(message, fc.string(), (raw, key) => {
        const content = toMatrix(raw, key);
        const back: unknown = JSON.parse(JSON.stringify(content));
        expect(keyOf(matrixEvent({ content: back }))).to.equal(key);
        expect(content["body"]).to.match(/^[\P{Cc}\n\t]*$/u);
        expect(String(content["body"]).isWellFormed()).to.equal(true);
      }),
    );
  });

  it("finds no key in what is not ours", () => {
    for (const event of [{}, { content: {} }, { content: { [KEY]: 1 } }, { [KEY]: "row-1" }, { content: null }])
      expect(keyOf(matrixEvent(event)), JSON.stringify(event)).to.equal(undefined);
  });

  it("keeps in the journal what can be shown, and nothing else", () => {
    const members = [
      { type: "join", from: "nils@example.com", name: "Nils" },
      { type: "leave", from: "nils@example.com" },
    ];
    for (const message of [...TABLE.map(([, one]) => one), ...members])
      expect(portalMessage.parse(message)).to.deep.equal(message);
    for (const wrong of [{ type: "text" }, { type: "wink", text: "x" }, { text: "x" }, { type: "join" }, null])
      expect(portalMessage.safeParse(wrong).success, JSON.stringify(wrong)).to.equal(false);
  });

  const NAMES: Array<[name: string, plain: string]> = [
    ["Nils", "Nils"],
    ["  Nils\r\n", "Nils"],
    ["Nils\u00034\u0004 M", "Nils M"],
    ["one\ntwo", "one two"],
    ["\u0000\t", ""],
    ["\u200b\u200b", ""],
    ["x".repeat(4096), `${"x".repeat(99)}…`],
    ["😀".repeat(101), `${"😀".repeat(99)}…`],
    [`Ni\ud800ls \u202eevil`, "Ni\ufffdls evil"],
    [`N${"\u0301".repeat(4000)}ils`, `N${"\u0301".repeat(16)}ils`],
    ["🏳️‍🌈".repeat(50), "🏳️‍🌈".repeat(33)],
  ];
  for (const [name, plain] of NAMES) {
    it(`shows the name ${JSON.stringify(name.slice(0, 20))} as ${JSON.stringify(plain.slice(0, 20))}`, () => {
      expect(plainName(name)).to.equal(plain);
    });
  }
});
