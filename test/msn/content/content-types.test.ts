import { expect } from "chai";
import * as fc from "fast-check";
import { encodeContent, MAX_MESSAGE_BYTES, textContents } from "../../../src/msn/content/encode-content.ts";
import { parseContent, CONTENT_TYPES, readContent, readNotice } from "../../../src/msn/content/content-types.ts";
import type { Content, OutgoingContent } from "../../../src/msn/content/content.ts";
import { DEFAULT_STYLE, type TextStyle } from "../../../src/msn/content/text-style.ts";
import { anyText } from "../../support/any-text.ts";

const RUNS = 300;

function parse(payload: string | Buffer): Content {
  return parseContent(Buffer.from(payload));
}

/** A message of a content type with a body. */
function message(type: string, body: string | Buffer = "", more = ""): Content {
  return parse(
    Buffer.concat([Buffer.from(`MIME-Version: 1.0\r\nContent-Type: ${type}\r\n${more}\r\n`), Buffer.from(body)]),
  );
}

function encode(content: OutgoingContent): string {
  return encodeContent(content, "mia@example.com").toString();
}

const bold: TextStyle = { ...DEFAULT_STYLE, bold: true };

describe("msn/content/content-types", () => {
  describe("text", () => {
    it("is read with its style and its author's other name", () => {
      const more =
        "X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=B; CO=0; CS=0; PF=0\r\nP4-Context: Nils (bot)\r\nUser-Agent: x\r\n";
      expect(message("text/plain; charset=UTF-8", "a\r\nb\rc\n\r\nd", more)).to.deep.equal({
        type: "text",
        text: "a\nb\nc\n\nd",
        style: bold,
        alias: "Nils (bot)",
      });
    });

    const TEXTS: Array<[what: string, payload: string]> = [
      ["no headers", "\r\nhi"],
      ["no Content-Type", "MIME-Version: 1.0\r\n\r\nhi"],
      ["a type that is none", "Content-Type: text\r\n\r\nhi"],
      ["half a type", "Content-Type: text/; charset=UTF-8\r\n\r\nhi"],
      ["a slash for a type", "Content-Type: /\r\n\r\nhi"],
      ["a type that objects have", "Content-Type: constructor\r\n\r\nhi"],
      ["no charset", "Content-Type: text/plain\r\n\r\nhi"],
      ["names in capitals and no space", "CONTENT-TYPE:TEXT/PLAIN;charset=utf-8\r\n\r\nhi"],
      ["names in lower case", "content-type: text/plain\r\np4-context:\r\n\r\nhi"],
      ["line feeds only", "Content-Type: text/plain\n\nhi"],
      ["a folded header", "Content-Type: text/plain;\r\n charset=UTF-8\r\n\r\nhi"],
      ["a colon in a value", "Message-URL: http://x:1\r\n\r\nhi"],
      ["a charset nobody knows", "Content-Type: text/plain; charset=x-klingon\r\n\r\nhi"],
    ];
    for (const [what, payload] of TEXTS) {
      it(`is read with ${what}`, () => {
        expect(parse(payload)).to.deep.equal({ type: "text", text: "hi" });
      });
    }

    it("is empty when there is no empty line", () => {
      expect(parse("Content-Type: text/plain\r\nhi: ho")).to.deep.equal({ type: "text", text: "" });
    });

    it("is UTF-8, unless its type names another charset or it cannot be", () => {
      const latin = Buffer.from([0x67, 0x72, 0xfc, 0xdf]);
      expect(message("text/plain; charset=iso-8859-1", latin)).to.deep.equal({ type: "text", text: "grüß" });
      expect(message('text/plain; format=x; Charset="windows-1252"', latin)).to.deep.equal({
        type: "text",
        text: "grüß",
      });
      expect(message("text/plain", latin)).to.deep.equal({ type: "text", text: "grüß" });
      expect(message("text/plain; charset=utf-8", "\u{feff}grüß")).to.deep.equal({
        type: "text",
        text: "\u{feff}grüß",
      });
    });

    it("is written byte for byte as other clients do", () => {
      expect(encode({ type: "text", text: "one\ntwo\r\nthree\rfour" })).to.equal(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n" +
          "X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0\r\n\r\none\r\ntwo\r\nthree\r\nfour",
      );
    });

    it("is written with its style, and what that leaves open as other clients do", () => {
      const style: TextStyle = { bold: true, italic: false, underline: false, strike: false, rightToLeft: true };
      expect(encode({ type: "text", text: "", style })).to.contain(
        "X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=B; CO=0; CS=0; PF=0; RL=1\r\n",
      );
    });

    it("is read as it was written", () => {
      const text = anyText().map((any) => any.toWellFormed().replaceAll(/\r\n?/gu, "\n"));
      fc.assert(
        fc.property(text, fc.boolean(), (said, italic) => {
          const content = { type: "text", text: said, style: { ...DEFAULT_STYLE, italic } } as const;
          expect(parseContent(encodeContent(content, "a@x"))).to.deep.equal(content);
        }),
        { numRuns: RUNS },
      );
    });

    it("of any length goes out in parts that all carry the style and keep to the limit, whatever the font", () => {
      const font = fc.oneof(anyText(), fc.constant("語".repeat(50)), fc.constant("😀\r\n".repeat(50)));
      const long = fc.string({ unit: "grapheme", minLength: 1000, maxLength: 4000, size: "max" });
      fc.assert(
        fc.property(long, font, (text, name) => {
          const style = { ...bold, font: name };
          const payloads = textContents(text, style).map((part) => encodeContent(part, "a@x"));
          for (const payload of payloads) expect(payload.length).to.be.at.most(MAX_MESSAGE_BYTES);
          const contents = payloads.map((payload) => parseContent(payload));
          expect(contents.every((content) => content.type === "text" && content.style?.bold === true)).to.equal(true);
          const joined = contents.map((content) => (content.type === "text" ? content.text : "?")).join("");
          expect(joined).to.equal(text.replaceAll(/\r\n?/gu, "\n"));
        }),
        { numRuns: 30 },
      );
    });

    it("leaves the headers of a long font name their room", () => {
      const style = { ...bold, font: "😀".repeat(31) };
      const [first] = textContents("x".repeat(3000), style);
      if (first === undefined) throw new Error("a text without parts");
      expect(encodeContent(first, "a@x").length).to.equal(MAX_MESSAGE_BYTES);
      expect(textContents("x".repeat(2800))).to.have.length(2);
    });
  });

  describe("control messages", () => {
    it("recognises typing", () => {
      const payload =
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: mia@example.com\r\n\r\n\r\n";
      expect(encode({ type: "typing" })).to.equal(payload);
      expect(parse(payload)).to.deep.equal({ type: "typing" });
      expect(parse("content-type:text/x-msmsgscontrol\ntypinguser:a@x")).to.deep.equal({ type: "typing" });
      expect(message("text/x-msmsgscontrol", "", "RecordingUser: a@x\r\n")).to.include({ type: "ignored" });
    });

    it("sends a nudge in exactly the bytes that other clients accept", () => {
      const payload = "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n";
      expect(payload).to.have.length(69);
      expect(encode({ type: "nudge" })).to.equal(payload);
    });

    it("reads nudges, however they end", () => {
      for (const body of ["ID: 1\r\n\r\n", "ID: 1\r\n", "ID: 1", "id:1\n", "X: 2\r\nID: 1\r\n\r\n"]) {
        expect(message("text/x-msnmsgr-datacast", body)).to.deep.equal({ type: "nudge" });
      }
    });

    it("knows actions, and by their number other things that people cast", () => {
      expect(message("text/x-msnmsgr-datacast", "ID: 4\r\nData: waves: hello\r\n\r\n")).to.deep.equal({
        type: "action",
        text: "waves: hello",
      });
      const cast: Array<[body: string, rest: object]> = [
        ["ID: 2\r\nData: <msnobj/>\r\n\r\n", { type: "unsupported", kind: "wink" }],
        ["Data: <msnobj/>\r\nid: 3", { type: "unsupported", kind: "voice-clip" }],
        ["ID: 11\r\n", { type: "unsupported", kind: "other" }],
        ["ID: constructor\r\n", { type: "unsupported", kind: "other" }],
        ["ID: 4\r\n\r\n", { type: "ignored" }],
        ...["ID:\r\n", "", "1"].map((body): [string, object] => [body, { type: "unknown" }]),
      ];
      for (const [body, rest] of cast) {
        const contentType = "text/x-msnmsgr-datacast";
        expect(message(contentType, body), body).to.deep.equal({ ...rest, contentType });
      }
    });

    it("writes actions, in one line", () => {
      const payload = encode({ type: "action", text: "waves\r\nID: 1" });
      expect(payload).to.match(/\r\n\r\nID: 4\r\nData: waves ID: 1\r\n\r\n$/u);
      expect(parse(payload)).to.deep.equal({ type: "action", text: "waves ID: 1" });
    });

    it("reads what program the other one uses", () => {
      const content = message(
        "text/x-clientcaps",
        "Client-Name: Purple/2.0\r\nChat-Logging: Y\r\n__proto__: x\r\n\r\n",
      );
      const fields = new Map([
        ["client-name", "Purple/2.0"],
        ["chat-logging", "Y"],
        ["__proto__", "x"],
      ]);
      expect(content).to.deep.equal({ type: "client-caps", fields });
    });

    it("carries invitations", () => {
      const invitation = { type: "cancel", cookie: "33267", code: "REJECT" } as const;
      const payload = encode({ type: "invitation", invitation });
      expect(payload).to.equal(
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n" +
          "Invitation-Command: CANCEL\r\nInvitation-Cookie: 33267\r\nCancel-Code: REJECT\r\n\r\n",
      );
      expect(parse(payload)).to.deep.equal({ type: "invitation", invitation });
    });

    it("tells what a person has sent from what programs tell each other, also of types that it does not know", () => {
      const kinds: Record<string, object> = {
        "image/gif": { type: "unsupported", kind: "ink" },
        "Application/X-MS-Ink; x=y": { type: "unsupported", kind: "ink" },
        "image/jpeg": { type: "unsupported", kind: "image" },
        "audio/wav": { type: "unsupported", kind: "voice-clip" },
        "text/html; charset=utf-8": { type: "unsupported", kind: "other" },
        "application/pdf": { type: "unsupported", kind: "other" },
        "text/x-mms-emoticon": { type: "ignored" },
        "text/x-mms-animemoticon": { type: "ignored" },
        "application/x-msnmsgrp2p": { type: "ignored" },
        "text/x-keepalive": { type: "ignored" },
        "text/x-something-new": { type: "unknown" },
      };
      for (const [type, rest] of Object.entries(kinds)) {
        const contentType = type.split(";")[0]?.toLowerCase();
        expect(message(type, "x"), type).to.deep.equal({ ...rest, contentType });
      }
      expect(message("A/x-".repeat(500), "x")).to.deep.equal({ type: "unknown", contentType: "a/x-".repeat(25) });
      expect(message("", "x")).to.deep.equal({ type: "text", text: "x" });
    });

    it("reads a text that was kept as mail", () => {
      const base64 = Buffer.from("Grüße").toString("base64");
      const as = (encoding: string, body: string): unknown =>
        message("text/plain; charset=utf-8", body, `Content-Transfer-Encoding: ${encoding}\r\n`);
      expect(as("base64", `${base64}\r\n`)).to.deep.equal({ type: "text", text: "Grüße" });
      expect(as("Quoted-Printable", "Gr=C3=BC=\r\n=C3=9Fe =3D")).to.deep.equal({ type: "text", text: "Grüße =" });
      expect(as("8bit", "Grüße")).to.deep.equal({ type: "text", text: "Grüße" });
    });
  });

  it("never fails on any bytes, of any type", () => {
    const types = [
      "text/plain",
      "text/plain; charset=utf-16le",
      "text/plain; charset=shift_jis",
      "text/plain; charset=replacement",
      "text/plain\r\nX-MMS-IM-Format: FN=%; EF",
      "text/x-msmsgscontrol\r\nTypingUser:",
      "text/x-msnmsgr-datacast",
      "text/x-clientcaps",
      "text/x-msmsgsinvite",
    ];
    fc.assert(
      fc.property(fc.constantFrom("", ...types), fc.uint8Array({ maxLength: 400 }), (type, bytes) => {
        const head = type === "" ? "" : `Content-Type: ${type}\r\n\r\n`;
        expect(parse(Buffer.concat([Buffer.from(head), bytes]))).to.have.property("type");
      }),
      { numRuns: RUNS },
    );
  });

  it("has one reader for each type, which makes something of any message of it", () => {
    for (const type of Object.keys(CONTENT_TYPES)) {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          const one = { headers: new Map([["content-type", type]]), body: Buffer.from(bytes) };
          expect(readContent(one)).to.have.property("type");
          readNotice(one);
        }),
        { numRuns: 20 },
      );
    }
  });

  it("believes only the server what a server says", () => {
    for (const [type, row] of Object.entries(CONTENT_TYPES)) {
      const one = { headers: new Map([["content-type", type]]), body: Buffer.from("Type: 1\r\nArg1: 5\r\n\r\n") };
      const isServers = row.for === "account";
      expect(readNotice(one) !== undefined, type).to.equal(isServers);
      if (isServers) expect(readContent(one), type).to.deep.equal({ type: "unknown", contentType: type });
    }
  });
});
