import { expect } from "chai";
import { isSpoken, readSaid, spokenText, type EventText } from "../../../src/convert/text/event-text.ts";

const MAP = "https://www.openstreetmap.org/?mlat=51.5&mlon=-0.12";
const QUESTION = { "m.text": [{ body: "Tea?" }] };
const OLD_QUESTION = { "org.matrix.msc1767.text": "Tea?" };

function words(text: string, kind: "text" | "emote" | "notice" = "text"): EventText {
  return { type: "words", kind, text };
}

const NO_FILE: EventText = { type: "file", mxc: undefined, isEncrypted: false, name: "a" };

describe("convert/text/event-text", () => {
  const EVENTS: Array<[what: string, type: string, content: Record<string, unknown>, said: EventText]> = [
    ["a text", "m.room.message", { msgtype: "m.text", body: "a" }, words("a")],
    ["an emote", "m.room.message", { msgtype: "m.emote", body: "a" }, { type: "words", kind: "emote", text: "a" }],
    ["a notice", "m.room.message", { msgtype: "m.notice", body: "a" }, { type: "words", kind: "notice", text: "a" }],
    [
      "a picture",
      "m.room.message",
      { msgtype: "m.image", body: "a.png", url: "mxc://a/b" },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "a.png" },
    ],
    [
      "a voice message",
      "org.matrix.msc3245.voice.v2",
      { body: "a" },
      { type: "file", mxc: undefined, isEncrypted: false, name: "a" },
    ],
    [
      "a file as an event of its own",
      "m.file",
      {
        "m.text": [{ body: "a.pdf (7 bytes)" }],
        "m.file": { url: "mxc://a/b", name: "a.pdf", mimetype: "application/pdf" },
      },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "a.pdf", mimetype: "application/pdf" },
    ],
    [
      "a picture as an event of its own, with words",
      "org.matrix.msc1767.image",
      {
        "org.matrix.msc1767.file": { url: "mxc://a/b", name: "a.png" },
        "org.matrix.msc1767.caption": { "org.matrix.msc1767.text": [{ body: "Look" }] },
      },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "a.png", caption: { text: "Look" } },
    ],
    [
      "an encrypted file as an event of its own",
      "m.audio",
      { "m.file": { url: "mxc://a/b", name: "a.ogg", key: { k: "x" }, v: "v2" } },
      { type: "file", mxc: undefined, isEncrypted: true, name: "a.ogg" },
    ],
    [
      "a message that describes its file in both ways",
      "m.room.message",
      {
        msgtype: "m.audio",
        body: "a.ogg",
        url: "mxc://a/b",
        "org.matrix.msc1767.file": { url: "mxc://a/b", name: "x" },
      },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "a.ogg" },
    ],
    ["a file whose description is none", "m.file", { body: "a", "m.file": { url: 7 } }, NO_FILE],
    ["an effect", "m.room.message", { msgtype: "nic.custom.confetti", body: "party" }, words("party")],
    ["snow", "m.room.message", { msgtype: "io.element.effect.snowfall", body: "❄" }, words("❄")],
    ["a kind nobody knows", "m.room.message", { msgtype: "x.image", body: "a" }, words("a")],
    ["a kind of Matrix's that nobody knows yet", "m.room.message", { msgtype: "m.hologram", body: "a" }, words("a")],
    ["no kind", "m.room.message", { body: "a" }, words("a")],
    ["a kind that is none", "m.room.message", { msgtype: 7, body: "a" }, words("a")],
    ["a kind nobody knows without words", "m.room.message", { msgtype: "x.y", body: " " }, { type: "other" }],
    [
      "a kind nobody knows whose words are none",
      "m.room.message",
      { msgtype: "x.y", body: { a: 1 } },
      { type: "other" },
    ],
    ["HTML alone", "m.room.message", { msgtype: "m.text", formatted_body: "<p>a</p>b" }, words("a\n\nb")],
    ["HTML of no kind", "m.room.message", { formatted_body: "a<br>b", body: 3 }, words("a\nb")],
    ["HTML beside an empty body", "m.room.message", { msgtype: "m.text", body: "", formatted_body: "a" }, words("a")],
    ["an extensible text", "m.room.message", { msgtype: "m.text", "m.text": [{ body: "a" }] }, words("a")],
    ["the oldest extensible text", "m.room.message", { "org.matrix.msc1767.text": "a" }, words("a")],
    [
      "an extensible text that stands alone",
      "m.message",
      { "m.text": { body: "a", mimetype: "text/plain" } },
      words("a"),
    ],
    [
      "an extensible message as it was proposed",
      "org.matrix.msc1767.message",
      { "org.matrix.msc1767.message": [{ body: "<b>a</b> b", mimetype: "text/html" }, { body: "a b" }] },
      words("*a* b"),
    ],
    ["an extensible message with a body", "m.message", { body: "a" }, words("a")],
    ["an extensible emote", "org.matrix.msc3954.emote", { "m.text": [{ body: "a" }] }, words("a", "emote")],
    ["an extensible notice", "m.notice", { "m.text": [{ body: "a" }] }, words("a", "notice")],
    [
      "what a program sent by itself",
      "m.message",
      { "m.text": [{ body: "a" }], "org.matrix.msc3955.automated": true },
      words("a", "notice"),
    ],
    ["an extensible text with rubbish in it", "m.message", { "m.text": [1, null, {}, { body: "a" }] }, words("a")],
    ["an extensible text of rubbish", "m.message", { "m.text": [1, null, {}] }, { type: "other" }],
    ["an unknown type with words for those who do not know it", "x.card", { "m.text": [{ body: "a" }] }, words("a")],
    [
      "a file of a kind nobody knows",
      "m.room.message",
      { msgtype: "x.scan", body: "a.pdf", url: "mxc://a/b" },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "a.pdf" },
    ],
    [
      "a gallery",
      "m.room.message",
      {
        msgtype: "dm.filament.gallery",
        body: "From the park",
        itemtypes: [
          { itemtype: "m.image", body: "a.png", url: "mxc://a/1" },
          { itemtype: "m.video", body: "Look", filename: "b.mp4", url: "mxc://a/2" },
        ],
      },
      {
        type: "gallery",
        caption: { text: "From the park" },
        files: [
          { type: "file", mxc: "mxc://a/1", isEncrypted: false, name: "a.png" },
          { type: "file", mxc: "mxc://a/2", isEncrypted: false, name: "b.mp4", caption: { text: "Look" } },
        ],
      },
    ],
    [
      "a gallery without words, by its stable name",
      "m.room.message",
      { msgtype: "m.gallery", body: "", itemtypes: [{ itemtype: "m.file", body: "a", url: "mxc://a/1" }] },
      { type: "gallery", files: [{ type: "file", mxc: "mxc://a/1", isEncrypted: false, name: "a" }] },
    ],
    ["an empty gallery", "m.room.message", { msgtype: "m.gallery", body: "a", itemtypes: [] }, words("a")],
    ["a gallery of rubbish", "m.room.message", { msgtype: "m.gallery", body: "a", itemtypes: [1] }, words("a")],
    [
      "a wish to verify",
      "m.room.message",
      { msgtype: "m.key.verification.request", body: "Your client does not support it" },
      { type: "verification" },
    ],
    ["a step of a verification", "m.key.verification.start", { method: "m.sas.v1", body: "a" }, { type: "nothing" }],
    ["a type nobody knows", "x.image", { body: "a" }, { type: "nothing" }],
    ["a sticker", "m.sticker", { body: " A\ncat " }, words("[sticker: A cat]")],
    ["a sticker without anything", "m.sticker", { info: {} }, words("[sticker]")],
    [
      "a sticker with its picture",
      "m.sticker",
      { body: " A\ncat ", url: "mxc://a/b", info: { mimetype: "image/png" } },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "A cat", mimetype: "image/png" },
    ],
    [
      "a picture without words as a sticker",
      "m.sticker",
      { url: "mxc://a/b", info: null },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "sticker" },
    ],
    [
      "a sticker that is encrypted",
      "m.sticker",
      { body: "A cat", file: { url: "mxc://a/b" } },
      { type: "file", mxc: undefined, isEncrypted: true, name: "A cat" },
    ],
    [
      "a voice message",
      "m.room.message",
      { msgtype: "m.audio", body: "Voice message", url: "mxc://a/b", info: { mimetype: "audio/ogg", size: 7 } },
      { type: "file", mxc: "mxc://a/b", isEncrypted: false, name: "Voice message", mimetype: "audio/ogg" },
    ],
    [
      "a place",
      "m.room.message",
      { msgtype: "m.location", body: "The park", geo_uri: "geo:51.5,-0.12" },
      words(`The park ${MAP}`),
    ],
    [
      "a place without a name",
      "m.room.message",
      { msgtype: "m.location", body: "Location geo:51.5,-0.12 at noon", geo_uri: "geo:51.5,-0.12;u=35" },
      words(`Location: ${MAP}`),
    ],
    [
      "a place by its newer description",
      "m.room.message",
      {
        msgtype: "m.location",
        body: "x",
        "org.matrix.msc3488.location": { uri: "geo:51.5,-0.12,7", description: "Here" },
      },
      words(`Here ${MAP}`),
    ],
    ["a place as an event", "m.location", { "m.location": { uri: "geo:51.5,-0.12" } }, words(`Location: ${MAP}`)],
    [
      "a place that is none",
      "m.room.message",
      { msgtype: "m.location", body: "Mars", geo_uri: "geo:91,0" },
      words("Mars"),
    ],
    ["a place with more in it", "m.location", { "m.location": { uri: "geo:1,2&x=<script>" } }, { type: "other" }],
    [
      "a poll",
      "m.poll.start",
      {
        "m.poll": {
          question: QUESTION,
          answers: [{ "m.id": "1", "m.text": [{ body: "Yes" }] }, { "m.text": [{ body: "No" }] }],
        },
      },
      words("Poll: Tea?\n1. Yes\n2. No"),
    ],
    [
      "a poll as it was proposed",
      "org.matrix.msc3381.poll.start",
      { "org.matrix.msc3381.poll.start": { question: OLD_QUESTION, answers: [{ "org.matrix.msc1767.text": "Yes" }] } },
      words("Poll: Tea?\n1. Yes"),
    ],
    ["a poll without a question", "m.poll.start", { "m.poll": { answers: [] } }, { type: "other" }],
    ["the end of a poll", "m.poll.end", { "m.text": [{ body: "Tea has won" }] }, words("Tea has won")],
    ["an answer to a poll", "m.poll.response", { "m.poll.response": { answers: ["1"] } }, { type: "nothing" }],
    ["a poll that only says that it is one", "m.poll.start", { "org.matrix.msc1767.text": "Tea?" }, words("Tea?")],
  ];
  for (const [what, type, content, said] of EVENTS) {
    it(`reads ${what}`, () => expect(readSaid(type, content, false)).to.deep.equal(said));
  }

  const SPOKEN: Array<[what: string, content: Record<string, unknown>, text: string | undefined]> = [
    ["a text", { msgtype: "m.text", body: "help" }, "help"],
    ["an emote", { msgtype: "m.emote", body: "help" }, "help"],
    ["an effect", { msgtype: "nic.custom.confetti", body: "help 🎉" }, "help 🎉"],
    ["no kind", { body: "help" }, "help"],
    [
      "what was typed, not how it looks",
      { msgtype: "m.text", body: "a*b*", format: "org.matrix.custom.html", formatted_body: "a<i>b</i>" },
      "a*b*",
    ],
    ["HTML alone", { msgtype: "m.text", formatted_body: "<p>help</p>" }, "help"],
    ["a notice", { msgtype: "m.notice", body: "help" }, undefined],
    ["a place", { msgtype: "m.location", body: "help", geo_uri: "geo:1,2" }, undefined],
    ["a picture", { msgtype: "m.image", body: "help", url: "mxc://a/b" }, undefined],
    ["a wish to verify", { msgtype: "m.key.verification.request", body: "help" }, undefined],
    ["a body that is none", { msgtype: "m.text", body: 1 }, undefined],
  ];
  for (const [what, content, text] of SPOKEN) {
    it(`hears ${text ?? "nothing"} in ${what}`, () => {
      expect(spokenText("m.room.message", content, false)).to.equal(text);
    });
  }

  it("knows what people say to others from what programs say, and from what is no message", () => {
    const itemtypes = [{ itemtype: "m.image", body: "a", url: "mxc://a/1" }];
    const spoken = [
      { msgtype: "m.text", body: "a" },
      { msgtype: "m.gallery", body: "", itemtypes },
      { msgtype: "m.image" },
    ];
    for (const content of spoken) expect(isSpoken("m.room.message", content), content.msgtype).to.equal(true);
    expect(isSpoken("m.room.message", { msgtype: "m.notice", body: "a" })).to.equal(false);
    expect(isSpoken("m.reaction", {})).to.equal(false);
  });
});
