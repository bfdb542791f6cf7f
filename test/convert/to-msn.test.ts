import { expect } from "chai";
import * as fc from "fast-check";
import { corrected } from "../../src/convert/event-edits.ts";
import { cleanText } from "../../src/convert/text/clean.ts";
import { commandText, refersTo, textOf, toMsn, type Crossing, type ToMsnOptions } from "../../src/convert/to-msn.ts";
import type { MatrixEvent } from "../../src/convert/matrix-event.ts";
import { anyText } from "../support/any-text.ts";
import { matrixEvent } from "../support/matrix-event.ts";

const OPTIONS: ToMsnOptions = { emoticons: true, replies: "short", reactions: "off", notices: false };
const HTML = "org.matrix.custom.html";
const PLAIN: ToMsnOptions = { ...OPTIONS, emoticons: false };
const ABOUT = { name: "Nils", text: "Shall we\ngo? 🙂" };

function text(body: unknown, more: Record<string, unknown> = {}): MatrixEvent {
  return matrixEvent({ type: "m.room.message", content: { msgtype: "m.text", body, ...more } });
}

/** What is sent, put together again. */
function sent(crossing: Crossing): string | undefined {
  if (!("contents" in crossing)) return undefined;
  return crossing.contents.map((content) => (content.type === "text" ? content.text : `<${content.type}>`)).join("");
}

function reaction(key: unknown, event: unknown = "$one"): MatrixEvent {
  return matrixEvent({
    type: "m.reaction",
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } },
  });
}

function reply(body: string, more: Record<string, unknown> = {}): MatrixEvent {
  return text(body, { "m.relates_to": { "m.in_reply_to": { event_id: "$one" } }, ...more });
}

/** Words in a thread, after others there, or as an answer to them. */
function inThread(body: string, isFallingBack = true): MatrixEvent {
  const last = { "m.in_reply_to": { event_id: "$one" } };
  return text(body, {
    "m.relates_to": { rel_type: "m.thread", event_id: "$root", is_falling_back: isFallingBack, ...last },
  });
}

function edit(content: Record<string, unknown>, more: Record<string, unknown> = {}): MatrixEvent {
  const relation = { rel_type: "m.replace", event_id: "$one" };
  return text("* old form", { "m.new_content": content, "m.relates_to": relation, ...more });
}

describe("convert/to-msn", () => {
  const TEXTS: Array<[what: string, event: MatrixEvent, text: string]> = [
    ["a text", text("hello"), "hello"],
    [
      "its other form where that says more",
      text("**ho**", { format: HTML, formatted_body: "<p>a</p><b>ho</b>" }),
      "a\n\n*ho*",
    ],
    ["its plain form beside an unknown one", text("hi", { format: "x", formatted_body: "<b>ho</b>" }), "hi"],
    ["emoji as emoticons", text("🙂 ❤️"), ":-) (L)"],
    ["no emoticons in code", text("x", { format: HTML, formatted_body: "<pre>🙂</pre>" }), "🙂"],
    ["an emote", text("waves 👍", { msgtype: "m.emote" }), "/me waves (Y)"],
    [
      "a place",
      text("Here", { msgtype: "m.location", geo_uri: "geo:1,2" }),
      "Here https://www.openstreetmap.org/?mlat=1&mlon=2",
    ],
    ["a sticker", matrixEvent({ type: "m.sticker", content: { body: "A cat" } }), "[sticker: A cat]"],
    ["a nudge", reaction("🔔"), "<nudge>"],
    ["an answer to something unknown", reply("yes"), "yes"],
    ["no controls", text("a\u0000b\u2028c\uD83D"), "ab\nc\uFFFD"],
    ["line ends in the one form", text("a\r\nb\rc\nd"), "a\nb\nc\nd"],
    ["letters of all kinds", text("grüß 你好 👩‍👩‍👧"), "grüß 你好 👩‍👩‍👧"],
    ["spaces at the ends", text("  x  "), "  x  "],
  ];
  for (const [what, event, wanted] of TEXTS) {
    it(`sends ${what}`, () => expect(sent(toMsn(event, OPTIONS))).to.equal(wanted));
  }

  const FILES: Array<[what: string, content: Record<string, unknown>, name: string, caption: string]> = [
    ["a file", { msgtype: "m.file", body: "a.pdf" }, "a.pdf", ""],
    ["a file with its name twice", { msgtype: "m.file", body: "a.pdf", filename: "a.pdf" }, "a.pdf", ""],
    ["a picture with words", { msgtype: "m.image", body: "Look 🙂", filename: "a.png" }, "a.png", "Look :-)"],
    ["a name that is a path", { msgtype: "m.audio", body: "../..\\a.ogg" }, "a.ogg", ""],
    ["a film without a name", { msgtype: "m.video" }, "file", ""],
  ];
  for (const [what, content, name, caption] of FILES) {
    it(`hands over ${what}`, () => {
      const crossing = toMsn(
        matrixEvent({ type: "m.room.message", content: { ...content, url: "mxc://a/b" } }),
        OPTIONS,
      );
      expect(crossing).to.deep.include({ type: "file", file: { mxc: "mxc://a/b", name } });
      expect(sent(crossing)).to.equal(caption);
    });
  }

  const PICTURES = [
    { itemtype: "m.image", body: "a.png", url: "mxc://a/1" },
    { itemtype: "m.image", body: "Look", filename: "../b.png", url: "mxc://a/2" },
  ];
  const gallery = (body: string, itemtypes: readonly unknown[]): MatrixEvent =>
    text(body, { msgtype: "dm.filament.gallery", itemtypes });

  it("hands over a gallery file by file, after its words and theirs", () => {
    const crossing = toMsn(gallery("Park 🙂", PICTURES), OPTIONS);
    const next = { mxc: "mxc://a/2", name: "b.png" };
    expect(crossing).to.deep.include({ type: "file", file: { mxc: "mxc://a/1", name: "a.png", next } });
    expect(sent(crossing)).to.equal("Park :-)Look");
    const locked = { itemtype: "m.image", body: "c.png", file: { url: "mxc://a/3", key: {} } };
    expect(toMsn(gallery("", [...PICTURES, locked]), OPTIONS))
      .to.have.property("sentence")
      .that.includes("encrypted");
    expect(toMsn(gallery("", [...PICTURES, { body: "c.png" }]), OPTIONS))
      .to.have.property("sentence")
      .that.includes("no file");
  });

  const picture = (url: string, body?: string): Record<string, unknown> => ({
    msgtype: "m.image",
    body: body ?? "a.png",
    filename: "a.png",
    url,
  });
  type Replaced = [
    what: string,
    before: MatrixEvent,
    content: Record<string, unknown>,
    type: string,
    mxc: string,
    words: string,
  ];
  const REPLACED: Replaced[] = [
    ["another file", text("", picture("mxc://a/1")), picture("mxc://a/2"), "file", "mxc://a/2", ""],
    [
      "another file with the same words",
      text("", picture("mxc://a/1", "x")),
      picture("mxc://a/2", "x"),
      "file",
      "mxc://a/2",
      "",
    ],
    [
      "another file with other words",
      text("", picture("mxc://a/1", "x")),
      picture("mxc://a/2", "y"),
      "file",
      "mxc://a/2",
      "* y",
    ],
    ["other words", text("", picture("mxc://a/1", "x")), picture("mxc://a/1", "y"), "edit", "", "* y"],
    ["words where there were none", text("", picture("mxc://a/1")), picture("mxc://a/1", "y"), "edit", "", "* y"],
    ["no change", text("", picture("mxc://a/1", "x")), picture("mxc://a/1", "x"), "ignore", "", ""],
    ["no words any more", text("", picture("mxc://a/1", "x")), picture("mxc://a/1"), "ignore", "", ""],
    [
      "other words, without the file",
      text("", { ...picture("mxc://a/1", "x"), format: HTML, formatted_body: "<b>x</b>" }),
      { msgtype: "m.image", body: "y" },
      "edit",
      "",
      "* y",
    ],
    [
      "words where there were none, without the file",
      text("", { msgtype: "m.image", body: "a.png", url: "mxc://a/1" }),
      { msgtype: "m.image", body: "y" },
      "edit",
      "",
      "* y",
    ],
    [
      "other words, without the file's name",
      text("", picture("mxc://a/1", "x")),
      { msgtype: "m.image", body: "y", url: "mxc://a/1" },
      "edit",
      "",
      "* y",
    ],
    [
      "no words any more, without the file's name",
      text("", picture("mxc://a/1", "x")),
      { msgtype: "m.image", body: "a.png", url: "mxc://a/1" },
      "ignore",
      "",
      "",
    ],
    ["a file for a text", text("x"), picture("mxc://a/1"), "file", "mxc://a/1", ""],
    ["a text for a file", text("", picture("mxc://a/1")), { msgtype: "m.text", body: "x" }, "edit", "", "* x"],
    [
      "one more picture",
      gallery("x", PICTURES.slice(0, 1)),
      { msgtype: "m.gallery", body: "x", itemtypes: PICTURES },
      "file",
      "mxc://a/2",
      "Look",
    ],
    [
      "an encrypted file",
      text("", picture("mxc://a/1")),
      { ...picture("mxc://a/1"), url: undefined, file: { url: "mxc://a/2" } },
      "refuse",
      "",
      "",
    ],
    [
      "the same text in another look that is not seen",
      text("x"),
      { msgtype: "m.text", body: "x", format: HTML, formatted_body: "<p>x</p>" },
      "ignore",
      "",
      "",
    ],
    ["the same text as an emote", text("x"), { msgtype: "m.emote", body: "x" }, "edit", "", "* /me x"],
    [
      "the same text in bold",
      text("x"),
      { msgtype: "m.text", body: "x", format: HTML, formatted_body: "<b>x</b>" },
      "edit",
      "",
      "* x",
    ],
  ];
  for (const [what, before, content, type, mxc, words] of REPLACED) {
    it(`takes an edit for ${what}`, () => {
      const crossing = toMsn(edit(content), { ...OPTIONS, before });
      expect(crossing.type).to.equal(type);
      expect(crossing.type === "file" ? crossing.file.mxc : "").to.equal(mxc);
      expect(sent(crossing) ?? "").to.equal(words);
    });
  }

  const NO_FILES: Array<[url: unknown, words: string]> = [
    ["", "Send the file again"],
    [undefined, "Send the file again"],
    [7, "Send the file again"],
    ["mxc://", "Send the file again"],
    ["mxc://example.org/../x", "Send the file again"],
    ["data:image/png;base64,AAAA", "Send the file again"],
    ["http://example.org/a.png", "Send the file itself, or its address as text"],
    ["HTTPS://example.org/a.png", "Send the file itself, or its address as text"],
  ];
  for (const [url, words] of NO_FILES) {
    it(`says what to do about a file that is named ${JSON.stringify(url)}`, () => {
      const crossing = toMsn(
        matrixEvent({ type: "m.room.message", content: { msgtype: "m.file", body: "a.png", url } }),
        OPTIONS,
      );
      expect(crossing).to.have.property("type", "refuse");
      expect(crossing).to.have.property("sentence").that.includes(words);
    });
  }

  it("corrects what was said with a file", () => {
    const event = edit({ msgtype: "m.image", body: "Look there", filename: "a.png", url: "mxc://a/b" });
    const crossing = toMsn(event, OPTIONS);
    expect(crossing).to.deep.include({ type: "edit", eventId: "$one" });
    expect(sent(crossing)).to.equal("* Look there");
  });

  const OTHER_MESSAGES = [
    "m.image",
    "m.file",
    "m.video",
    "m.audio",
    "m.voice",
    "m.poll.start",
    "org.matrix.msc1767.image",
    "org.matrix.msc3245.voice.v2",
    "org.matrix.msc3381.poll.start",
  ];
  type Other = [what: string, event: MatrixEvent, type: Crossing["type"], words?: string];
  const OTHERS: Other[] = [
    [
      "a picture that is nowhere",
      matrixEvent({ type: "m.room.message", content: { msgtype: "m.image", body: "x.png" } }),
      "refuse",
      "no file",
    ],
    [
      "an encrypted file",
      matrixEvent({
        type: "m.room.message",
        content: { msgtype: "m.file", body: "x.pdf", file: { url: "mxc://a/b", key: {} } },
      }),
      "refuse",
      "is encrypted",
    ],
    ["another caption that is none", edit({ msgtype: "m.image", body: "x.png", url: "mxc://a/b" }), "ignore"],
    [
      "a kind nobody knows",
      matrixEvent({ type: "m.room.message", content: { msgtype: "x.y", body: "" } }),
      "refuse",
      "only text",
    ],
    ...OTHER_MESSAGES.map((type): Other => [
      `an event ${type}`,
      matrixEvent({ type, content: { name: "x" } }),
      "refuse",
      /image|file|video|audio|voice/u.test(type) ? "no file" : "only text",
    ]),
    ["a call", matrixEvent({ type: "m.call.invite", content: { call_id: "1" } }), "refuse", "cannot carry calls"],
    ...["m.rtc.notification", "m.call.notify", "org.matrix.msc4075.call.notify"].map((type): Other => [
      `a ringing ${type}`,
      matrixEvent({ type, content: { a: 1 } }),
      "refuse",
      "cannot carry calls",
    ]),
    ["what else belongs to a call", matrixEvent({ type: "m.call.candidates", content: { call_id: "1" } }), "ignore"],
    ["a redacted call", matrixEvent({ type: "m.call.invite", content: {} }), "ignore"],
    ["a redacted sticker", matrixEvent({ type: "m.sticker", content: {} }), "ignore"],
    [
      "a kind without a text",
      matrixEvent({ type: "m.room.message", content: { msgtype: "x.y", body: [1] } }),
      "refuse",
      "only text",
    ],
    [
      "a wish to verify",
      matrixEvent({ type: "m.room.message", content: { msgtype: "m.key.verification.request", body: "x" } }),
      "refuse",
      "cannot be verified",
    ],
    [
      "a message without a body",
      matrixEvent({ type: "m.room.message", content: { msgtype: "m.text" } }),
      "refuse",
      "only text",
    ],
    ["a redaction of nothing", matrixEvent({ type: "m.room.redaction", content: {} }), "ignore"],
    ["blanks", text(" \n "), "ignore"],
    ["a receipt", matrixEvent({ type: "m.receipt", content: { $a: {} } }), "ignore"],
    ["the answer to a poll", matrixEvent({ type: "m.poll.response", content: { a: 1 } }), "ignore"],
    ["a type nobody knows", matrixEvent({ type: "org.example.image", content: { a: 1 } }), "ignore"],
    ["a state event", matrixEvent({ type: "m.location", state_key: "", content: { a: 1 } }), "ignore"],
    [
      "an encrypted event",
      matrixEvent({ type: "m.room.encrypted", content: { ciphertext: "x" } }),
      "refuse",
      "encrypted",
    ],
    ["what bots say", matrixEvent({ type: "m.room.message", content: { msgtype: "m.notice", body: "x" } }), "ignore"],
    ["a redacted message", matrixEvent({ type: "m.room.message", content: {} }), "ignore"],
    ["a message whose text is none", text(42), "refuse", "only text"],
    ["a message without content", matrixEvent({ type: "m.room.message" }), "ignore"],
    ["a reaction", matrixEvent({ type: "m.reaction", content: {} }), "ignore"],
    ["a member", matrixEvent({ type: "m.room.member", state_key: "@a:b", content: { membership: "leave" } }), "ignore"],
  ];
  for (const [what, event, type, words] of OTHERS) {
    it(`does not send ${what}: ${type}`, () => {
      const crossing = toMsn(event, OPTIONS);
      expect(crossing.type).to.equal(type);
      if (crossing.type === "refuse") expect(crossing.sentence).to.include(words).and.match(/\.$/u);
    });
  }

  it("takes one reaction for the wish to send again, however clients spell it, and no other", () => {
    for (const key of ["🔁", "🔁\u{fe0f}"])
      expect(toMsn(reaction(key), OPTIONS)).to.deep.equal({ type: "retry", eventId: "$one" });
    for (const other of [reaction("👍"), reaction("🔁🔁"), reaction(1), reaction("🔁", 1)])
      expect(toMsn(other, OPTIONS)).to.deep.equal({ type: "ignore" });
  });

  it("marks what is to be said once only in a room", () => {
    expect(toMsn(matrixEvent({ type: "m.room.encrypted", content: {} }), OPTIONS)).to.include({
      type: "refuse",
      once: "encrypted",
    });
    expect(toMsn(matrixEvent({ type: "m.image", content: { body: "x" } }), OPTIONS)).to.not.have.property("once");
  });

  const REPLIES: Array<[what: string, event: MatrixEvent, options: Partial<ToMsnOptions>, parts: string[]]> = [
    ["the beginning of what it answers", reply("yes"), {}, ["> Nils: Shall we go? :-)\nyes"]],
    ["all of it", reply("yes"), { replies: "full" }, ["> Nils: Shall we\n> go? :-)\nyes"]],
    ["nothing of it", reply("yes"), { replies: "off" }, ["yes"]],
    ["it once", reply("> <@a:b> x\n\nyes"), {}, ["> Nils: Shall we go? :-)\nyes"]],
    ["it before an emote", reply("nods", { msgtype: "m.emote" }), {}, ["> Nils: Shall we go? :-)", "/me nods"]],
    [
      "it once where a name stands for the id",
      reply("> <Nils> Shall we\n> go?\n\nyes"),
      {},
      ["> Nils: Shall we go? :-)\nyes"],
    ],
    ["what somebody quotes in an answer", reply("> mine\n\nyes"), { replies: "off" }, ["> mine\n\nyes"]],
    [
      "nothing of what an old client puts before words in a thread",
      inThread("> <@a:b> x\n\nyes"),
      { about: undefined },
      ["yes"],
    ],
    ["what somebody quotes in a thread", inThread("> mine\n\nyes"), { about: undefined }, ["> mine\n\nyes"]],
    ["what is answered in a thread", inThread("> <@a:b> x\n\nyes", false), {}, ["> Nils: Shall we go? :-)\nyes"]],
    ["nothing of it to what stands for itself", text("> <@a:b> x\n\nyes"), {}, ["> <@a:b> x\n\nyes"]],
  ];
  for (const [what, event, options, parts] of REPLIES) {
    it(`quotes ${what}`, () => {
      const crossing = toMsn(event, { ...OPTIONS, about: ABOUT, ...options });
      const contents = crossing.type === "send" ? crossing.contents : [];
      expect(contents.map((content) => (content.type === "text" ? content.text : ""))).to.deep.equal(parts);
    });
  }

  it("gives every part of a long text its look", () => {
    const formatted = { format: HTML, formatted_body: `<b>${"word ".repeat(1000)}</b>` };
    const crossing = toMsn(reply("x", formatted), { ...OPTIONS, about: ABOUT });
    expect(crossing.type === "send" && crossing.contents.length).to.be.greaterThan(3);
    if (crossing.type !== "send") return;
    for (const content of crossing.contents) expect(content).to.have.nested.property("style.bold", true);
  });

  const REACTIONS: Array<[event: MatrixEvent, options: Partial<ToMsnOptions>, text: string | undefined]> = [
    [reaction("👍"), {}, '/me reacted (Y) to "Shall we go? 🙂"'],
    [reaction("👍"), { about: { name: "Nils", text: "x".repeat(50) } }, `/me reacted (Y) to "${"x".repeat(39)}…"`],
    [reaction("so true\n!"), { about: undefined }, "/me reacted so true !"],
    [reaction("mxc://a/b"), { about: undefined }, "/me reacted with a picture"],
    [reaction("👍"), { reactions: "off" }, undefined],
    [reaction("👍"), { about: "ours" }, undefined],
    [reaction(""), {}, undefined],
  ];
  for (const [event, options, wanted] of REACTIONS) {
    it(`tells a reaction as ${wanted ?? "nothing"}`, () => {
      expect(sent(toMsn(event, { ...OPTIONS, reactions: "text", about: ABOUT, ...options }))).to.equal(wanted);
    });
  }

  it("sends what bots say if that is wished", () => {
    expect(sent(toMsn(text("beep", { msgtype: "m.notice" }), { ...OPTIONS, notices: true }))).to.equal("beep");
  });

  const EDITS: Array<[what: string, event: MatrixEvent, starred: string, instead: string]> = [
    ["a text", edit({ msgtype: "m.text", body: "new" }), "* new", "new"],
    ["an emote", edit({ msgtype: "m.emote", body: "waves" }), "* /me waves", "/me waves"],
    ["a text of which there is only the old form", edit({}, { "m.new_content": 1 }), "* old form", "old form"],
    ["an effect", edit({ msgtype: "nic.custom.confetti", body: "new" }), "* new", "new"],
    [
      "an answer of an old client",
      edit({ msgtype: "m.text", body: "> <@nils:localhost> hello\n\nnew" }),
      "* new",
      "new",
    ],
    ["one to many lines", edit({ msgtype: "m.text", body: "> <@a:b> x\r\n> z\r\n\r\nnew" }), "* new", "new"],
    ["one without its new form", edit({}, { "m.new_content": 1, body: "> <@a:b> x\n\n* new" }), "* new", "new"],
    ["one that begins with the star", edit({}, { "m.new_content": 1, body: "* > <@a:b> x\n\nnew" }), "* new", "new"],
    [
      "one in HTML",
      edit({
        msgtype: "m.text",
        body: "> <@a:b> x\n\nnew",
        format: HTML,
        formatted_body: "<mx-reply><blockquote>x</blockquote></mx-reply>new",
      }),
      "* new",
      "new",
    ],
    [
      "one that is nothing but a quotation in HTML",
      edit({ msgtype: "m.text", body: "> <@a:b> x\n\nnew", format: HTML, formatted_body: "<mx-reply>x</mx-reply>" }),
      "* new",
      "new",
    ],
    ["somebody's own quote", edit({ msgtype: "m.text", body: "> mine\n\nnew" }), "* > mine\n\nnew", "> mine\n\nnew"],
    ["a text to one with a star", edit({ msgtype: "m.text", body: "* new" }), "* * new", "* new"],
  ];
  for (const [what, event, starred, instead] of EDITS) {
    it(`corrects ${what}`, () => {
      const crossing = toMsn(event, { ...OPTIONS, about: ABOUT });
      expect(crossing).to.include({ type: "edit", eventId: "$one" });
      expect(sent(crossing)).to.equal(starred);
      const original = text("old", { msgtype: "m.text" });
      if (event.kind !== "edit") return expect.fail(event.kind);
      expect(sent(toMsn(corrected(original, event), OPTIONS))).to.equal(instead);
    });
  }

  it("corrects nothing to what cannot cross", () => {
    expect(toMsn(edit({ msgtype: "x.y", body: "" }), OPTIONS).type).to.equal("refuse");
    expect(toMsn(edit({ msgtype: "m.text", body: "" }), OPTIONS).type).to.equal("ignore");
    expect(toMsn(edit({ msgtype: "m.notice", body: "x" }), OPTIONS).type).to.equal("ignore");
    expect(toMsn(edit({ body: "x" }, { msgtype: "m.notice" }), OPTIONS).type).to.equal("ignore");
  });

  const COMMANDS: Array<[what: string, event: MatrixEvent, text: string | undefined]> = [
    ["a text", text("help"), "help"],
    ["an answer", reply("> <@bot:x> hello\n\nhelp"), "help"],
    ["an answer to a name", reply("> <MSN bot> hello\n> you\n\nhelp"), "help"],
    ["what stands last in a thread", inThread("> <@bot:x> hello\n\nhelp"), "help"],
    ["an answer in HTML alone", reply("", { formatted_body: "<mx-reply>hello</mx-reply>help" }), "help"],
    ["an edit", edit({ msgtype: "m.text", body: "help" }), "help"],
    ["an edited answer", edit({ msgtype: "m.text", body: "> <@bot:x> hello\n\nhelp" }), "help"],
    ["an edit to an emote", edit({ msgtype: "m.emote", body: "help" }), "help"],
    ["an edit to a notice", edit({ msgtype: "m.notice", body: "help" }), undefined],
    ["a reaction", reaction("help"), undefined],
    ["a sticker", matrixEvent({ type: "m.sticker", content: { body: "help" } }), undefined],
  ];
  for (const [what, event, wanted] of COMMANDS) {
    it(`reads ${wanted ?? "no command"} in ${what}`, () => {
      expect(commandText(event)).to.equal(wanted);
    });
  }

  it("knows what is taken back, in rooms of every version", () => {
    const wanted = { type: "redaction", eventId: "$one" };
    expect(toMsn(matrixEvent({ type: "m.room.redaction", content: { redacts: "$one" } }), OPTIONS)).to.deep.equal(
      wanted,
    );
    expect(toMsn(matrixEvent({ type: "m.room.redaction", content: {}, redacts: "$one" }), OPTIONS)).to.deep.equal(
      wanted,
    );
  });

  it("says which event it wants to know about", () => {
    for (const event of [reply("x"), reaction("👍")]) expect(refersTo(event)).to.equal("$one");
    for (const event of [text("x"), inThread("x"), edit({}), reaction("🔔"), reaction("🔁\u{fe0f}")])
      expect(refersTo(event), event.kind).to.equal(undefined);
  });

  it("reads what an event says that another one is about", () => {
    expect(textOf(reply("> <@a:b> x\n\nyes"))).to.equal("yes");
    expect(textOf(text("x", { format: HTML, formatted_body: "a <b>b</b>" }))).to.equal("a *b*");
    expect(textOf(matrixEvent({ type: "m.room.message", content: { msgtype: "m.image", body: "x.png" } }))).to.equal(
      "x.png",
    );
    expect(textOf(matrixEvent({ type: "m.room.message", content: {} }))).to.equal(undefined);
  });

  it("never throws, and sends a text of any length whole, in parts that fit", () => {
    const body = fc.oneof(fc.string({ unit: "grapheme", maxLength: 4000 }), anyText());
    fc.assert(
      fc.property(body, (written) => {
        const crossing = toMsn(text(written), PLAIN);
        if (cleanText(written).trim() === "") {
          expect(crossing).to.deep.equal({ type: "ignore" });
          return;
        }
        expect(sent(crossing)).to.equal(cleanText(written));
        if (crossing.type !== "send") return;
        for (const content of crossing.contents) {
          const bytes = content.type === "text" ? Buffer.byteLength(content.text.replaceAll("\n", "\r\n")) : 0;
          expect(bytes).to.be.at.most(1400);
        }
      }),
    );
    const contents = fc.dictionary(fc.constantFrom("body", "msgtype", "m.relates_to", "url", "x"), fc.anything());
    const types = fc.constantFrom("m.room.message", "m.reaction", "m.sticker", "m.poll.start", "x");
    fc.assert(fc.property(types, contents, (type, content) => void toMsn(matrixEvent({ type, content }), OPTIONS)));
  });
});
