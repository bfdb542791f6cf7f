import { expect } from "chai";
import * as fc from "fast-check";
import { withExtension, type TypeHints } from "../../../src/bridge/files/extension.ts";

const JPEG: TypeHints = { mimetype: "image/jpeg" };
const OCTETS = "application/octet-stream";

describe("bridge/files/extension", () => {
  const TABLE: Array<[what: string, name: string, hints: TypeHints, wanted: string]> = [
    ["a voice message", "Voice message", { mimetype: "audio/ogg" }, "Voice message.ogg"],
    ["a type with parameters", "Voice message", { mimetype: "Audio/OGG; codecs=opus" }, "Voice message.ogg"],
    ["a picture that is only called one", "image", JPEG, "image.jpg"],
    ["a title with points in it", "Holiday v1.2", JPEG, "Holiday v1.2.jpg"],
    ["a sentence", "Well. Here we are", { mimetype: "video/mp4" }, "Well. Here we are.mp4"],
    ["a word behind a point", "report.final", { mimetype: "application/pdf" }, "report.final.pdf"],
    ["what only the uploader has told", "scan", { mimetype: OCTETS, contentType: "image/png" }, "scan.png"],
    ["what only the bytes tell", "scan", { contentType: OCTETS, sniffed: "image/webp" }, "scan.webp"],
    ["several that differ", "scan", { mimetype: "image/gif", contentType: "image/png" }, "scan.gif"],
    ["a type that the bytes contradict", "scan", { mimetype: "image/gif", sniffed: "video/mp4" }, "scan.mp4"],
    ["a type that nobody knows", "scan", { mimetype: "x/y", contentType: "x/z", sniffed: "audio/mpeg" }, "scan.mp3"],
    ["nothing known", "scan", {}, "scan"],
    ["octets", "core", { mimetype: OCTETS, contentType: OCTETS, sniffed: OCTETS }, "core"],
    ["text by its bytes alone", "Makefile", { sniffed: "text/plain" }, "Makefile"],
    ["text as its sender says", "notes", { mimetype: "text/plain" }, "notes.txt"],
    ["a good name", "a.jpg", JPEG, "a.jpg"],
    ["another usual extension", "a.JPEG", { ...JPEG, sniffed: "image/jpeg" }, "a.JPEG"],
    ["a name that the type contradicts, but not the bytes", "a.png", JPEG, "a.png"],
    ["a name that the bytes contradict", "a.png", { mimetype: "image/png", sniffed: "image/jpeg" }, "a.jpg"],
    ["a sound that is called a picture", "a.gif", { sniffed: "audio/mpeg" }, "a.mp3"],
    ["a picture that is called a text", "a.txt", { sniffed: "image/png" }, "a.txt.png"],
    ["the same container", "a.m4a", { mimetype: "audio/mp4", sniffed: "video/mp4" }, "a.m4a"],
    ["the same container, Ogg", "a.oga", { sniffed: "audio/opus" }, "a.oga"],
    ["a document in an archive", "a.docx", { sniffed: "application/zip" }, "a.docx"],
    ["an extension nobody knows", "a.apk", { sniffed: "application/zip" }, "a.apk"],
    ["a program's text", "main.rs", { mimetype: "text/plain", sniffed: "text/plain" }, "main.rs"],
    ["a part of an archive", "a.7z.001", { sniffed: "application/x-7z-compressed" }, "a.7z.001"],
    ["a program that is called a picture", "a.jpg", { sniffed: "application/x-msdownload" }, "a.jpg"],
    ["names of what every object has", "a.constructor", { mimetype: "toString" }, "a.constructor"],
  ];
  for (const [what, name, hints, wanted] of TABLE) {
    it(`knows ${what}: ${name}`, () => expect(withExtension(name, hints)).to.equal(wanted));
  }

  it("changes nothing more the second time, and the end of the name only", () => {
    const type = fc.constantFrom(undefined, "image/jpeg", "audio/ogg", "video/mp4", "text/plain", "x/y", OCTETS);
    const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("a.jpg", "a.txt", "a", ".", "a.ogg.", "a.b.c"));
    fc.assert(
      fc.property(name, type, type, type, (before, mimetype, contentType, sniffed) => {
        const hints = { mimetype, contentType, sniffed };
        const once = withExtension(before, hints);
        expect(withExtension(once, hints)).to.equal(once);
        expect(once.startsWith(before.replace(/\.[^.]*$/u, ""))).to.equal(true);
      }),
    );
  });
});
