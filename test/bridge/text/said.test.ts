import { expect } from "chai";
import { readSaid, type Said } from "../../../src/bridge/text/said.ts";

const MAP = "https://www.openstreetmap.org/?mlat=51.5&mlon=-0.12";
const QUESTION = { "m.text": [{ body: "Tea?" }] };
const OLD_QUESTION = { "org.matrix.msc1767.text": "Tea?" };

function words(text: string): Said {
  return { type: "words", kind: "text", text };
}

describe("bridge/text/said", () => {
  const EVENTS: Array<[what: string, type: string, content: Record<string, unknown>, said: Said]> = [
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
    ["a kind nobody knows", "m.room.message", { msgtype: "x.image", body: "a" }, { type: "other" }],
    ["a type nobody knows", "x.image", { body: "a" }, { type: "nothing" }],
    ["a sticker", "m.sticker", { body: " A\ncat " }, words("[sticker: A cat]")],
    ["a sticker without words", "m.sticker", { url: "mxc://a/b" }, words("[sticker]")],
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
    ["the end of a poll", "m.poll.end", { "m.text": [{ body: "Yes" }] }, { type: "nothing" }],
  ];
  for (const [what, type, content, said] of EVENTS) {
    it(`reads ${what}`, () => expect(readSaid(type, content, false)).to.deep.equal(said));
  }
});
