import { expect } from "chai";
import * as fc from "fast-check";
import { cleanText } from "../../../src/convert/text/clean.ts";
import { EMOTICONS, toEmoji } from "../../../src/convert/text/emoticons.ts";
import { toMatrix } from "../../../src/convert/to-matrix.ts";
import { toMsn, type Crossing } from "../../../src/convert/to-msn.ts";
import { readContent, parseContent } from "../../../src/msn/content/content-types.ts";
import { encodeContent } from "../../../src/msn/content/encode-content.ts";
import type { OutgoingContent } from "../../../src/msn/content/content.ts";
import { DEFAULT_STYLE } from "../../../src/msn/index.ts";
import { parseMime } from "../../../src/msn/wire/mime.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { anyText } from "../../support/any-text.ts";

interface Shown {
  readonly msgtype: unknown;
  readonly body: string;
  readonly html: unknown;
}

/** What arrives in Matrix of what is sent, over the bytes that MSN carries. */
function throughMsn(contents: readonly OutgoingContent[], emoticons: boolean): Shown[] {
  return contents.map((outgoing) => {
    const content = parseContent(encodeContent(outgoing, "alice@example.com"));
    if (content.type !== "text") throw new Error(`a text became ${content.type}`);
    const { text, style } = content;
    const options = { owner: "@alice:hs.example", emoticons };
    const shown = toMatrix({ type: "text", text, ...(style && { style }) }, "row-1", options);
    return { msgtype: shown["msgtype"], body: String(shown["body"]), html: shown["formatted_body"] };
  });
}

function crossed(content: Record<string, unknown>, emoticons: boolean): Shown[] {
  const options = { emoticons, replies: "short", reactions: "off", notices: false } as const;
  const crossing: Crossing = toMsn(matrixEvent({ type: "m.room.message", content }), options);
  return crossing.type === "send" ? throughMsn(crossing.contents, emoticons) : [];
}

// What a letter has beyond itself is lost with intent: colours of skin, and that it is an emoji.
function bare(text: string): string {
  return text.replaceAll(/\u{FE0F}|[\u{1F3FB}-\u{1F3FF}]/gu, "");
}

const words = fc.array(
  fc.constantFrom(
    "a",
    "Word",
    "grüß",
    "שלום",
    " ",
    "\n",
    "\t",
    "  ",
    "<b>",
    "&amp;",
    "😀‍",
    "👩‍👩‍👧",
    "https://a.example/:P",
    "\u0301",
    "*",
  ),
  { minLength: 1, maxLength: 40 },
);
const anything = fc.string({ unit: "grapheme", minLength: 1, maxLength: 3000 });
const EFFECTS = { b: "bold", i: "italic", u: "underline", del: "strike" } as const;

describe("a text from Matrix to MSN and back", () => {
  it("is the same, whatever it is made of and however long it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((list) => list.join("")),
          anything,
        ),
        (body) => {
          const back = crossed({ msgtype: "m.text", body: `a${body}` }, false);
          expect(back.map((one) => one.body).join("")).to.equal(cleanText(`a${body}`));
          for (const { msgtype, html } of back) expect([msgtype, html]).to.deep.equal(["m.text", undefined]);
        },
      ),
    );
  });

  it("has the same emoticons", () => {
    const emoji = fc.constantFrom(
      ...EMOTICONS.flatMap(({ emoji: one, codes }) => [one, codes[0] ?? one]),
      "😂",
      " ",
      "x",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(emoji, { maxLength: 60 }), (list) => {
        const body = `a ${list.join("")}`;
        const [back, ...more] = crossed({ msgtype: "m.text", body }, true);
        expect(more).to.deep.equal([]);
        expect(bare(back?.body ?? "")).to.equal(bare(toEmoji(body)));
      }),
    );
  });

  it("is an emote if it was one", () => {
    fc.assert(
      fc.property(words, (list) => {
        const body = `w${list.join("")}`;
        const [back] = crossed({ msgtype: "m.emote", body }, false);
        expect(back).to.include({ msgtype: "m.emote", body: cleanText(body) });
      }),
    );
  });

  it("looks the same if all of it looked the same", () => {
    const tags = fc.subarray(["b", "i", "u", "del"] as const);
    fc.assert(
      fc.property(tags, fc.option(fc.constantFrom("#ff0000", "#0000ff", "#123456")), (chosen, color) => {
        const dressed = chosen.reduceRight(
          (html: string, tag) => `<${tag}>${html}</${tag}>`,
          "Hello &lt;you&gt;<br/>there",
        );
        const html = color === null ? dressed : `<font color="${color}" data-mx-color="${color}">${dressed}</font>`;
        const content = { msgtype: "m.text", body: "x", format: "org.matrix.custom.html", formatted_body: html };
        const isPlain = chosen.length === 0 && color === null;
        expect(crossed(content, true)).to.deep.equal([
          { msgtype: "m.text", body: "Hello <you>\nthere", html: isPlain ? undefined : html },
        ]);
      }),
    );
  });

  it("reaches MSN in parts that every server takes, with the look on each", () => {
    fc.assert(
      fc.property(
        anyText({ minLength: 1, maxLength: 4000 }),
        fc.constantFrom(...(["b", "i", "u", "del"] as const)),
        (raw, tag) => {
          const text = raw.replaceAll(/[<&]/gu, "x");
          const content = {
            msgtype: "m.text",
            body: "a",
            format: "org.matrix.custom.html",
            formatted_body: `<${tag}>a${text}</${tag}>`,
          };
          const crossing = toMsn(matrixEvent({ type: "m.room.message", content }), {
            emoticons: true,
            replies: "off",
            reactions: "off",
            notices: false,
          });
          for (const part of crossing.type === "send" ? crossing.contents : []) {
            const payload = encodeContent(part, "alice@example.com");
            expect(payload.length).to.be.at.most(1664);
            const read = readContent(parseMime(payload));
            expect(read)
              .to.have.property("style")
              .that.includes({
                ...DEFAULT_STYLE,
                [EFFECTS[tag]]: true,
                rightToLeft: read.type === "text" && read.style?.rightToLeft,
              });
            expect(read)
              .to.have.property("text")
              .that.matches(/^[\P{Cc}\n\t]*$/u);
            expect(new TextDecoder("utf-8", { fatal: true }).decode(payload)).to.be.a("string");
          }
        },
      ),
    );
  });
});
