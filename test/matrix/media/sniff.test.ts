import { expect } from "chai";
import * as fc from "fast-check";
import { sniff, SNIFF_BYTES } from "../../../src/matrix/media/sniff.ts";

const begin = (text: string): Buffer => Buffer.concat([Buffer.from(text, "latin1"), Buffer.alloc(100)]);
const PNG = begin("\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
const ZIP = begin("PK\x03\x04\x14\0\0\0\0\0");
const DOC = Buffer.from("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "latin1");

describe("matrix/media/sniff", () => {
  const table: Array<[what: string, bytes: Uint8Array, name: string, mimetype: string, kind: string]> = [
    ["a PNG", PNG, "a.png", "image/png", "image"],
    ["a JPEG", begin("\xff\xd8\xff\xe0\0\x10JFIF\0"), "a.jpg", "image/jpeg", "image"],
    ["a GIF", begin("GIF89a"), "a.gif", "image/gif", "image"],
    ["a WebP", begin("RIFF\x24\0\0\0WEBPVP8 "), "a.webp", "image/webp", "image"],
    ["a BMP", begin("BM\x36\0\0\0"), "a.bmp", "image/bmp", "image"],
    ["a TIFF, which few can draw", begin("II*\0\x08\0\0\0"), "a.tif", "image/tiff", "file"],
    ["an MP3", begin("ID3\x03\0\0\0\0\0\0\xff\xfb\x90\x00"), "a.mp3", "audio/mpeg", "audio"],
    ["an Ogg", begin(`OggS\0\x02${"\0".repeat(20)}\x01\x13OpusHead`), "a.ogg", "audio/ogg", "audio"],
    ["a WAV", begin("RIFF\x24\0\0\0WAVEfmt "), "a.wav", "audio/wav", "audio"],
    ["an MP4", begin("\0\0\0\x18ftypmp42"), "a.mp4", "video/mp4", "video"],
    ["an AVI", begin("RIFF\x24\0\0\0AVI LIST"), "a.avi", "video/vnd.avi", "video"],
    ["a PDF", begin("%PDF-1.4\n"), "a.pdf", "application/pdf", "file"],
    ["a ZIP", ZIP, "a.zip", "application/zip", "file"],
    ["a program", begin("MZ"), "a.exe", "application/x-msdownload", "file"],
    ["a Word file", DOC, "a.doc", "application/msword", "file"],
    ["an OpenDocument", ZIP, "A.ODT", "application/vnd.oasis.opendocument.text", "file"],
    ["a picture with the name of a text", PNG, "a.txt", "image/png", "image"],
    ["a program with the name of a picture", begin("MZ"), "a.png", "application/x-msdownload", "file"],
    ["text", Buffer.from("hello\r\nyou"), "a.txt", "text/plain", "file"],
    ["text of a Windows of then", Buffer.from("sm\xf6rg\xe5s", "latin1"), "a", "text/plain", "file"],
    ["text with the name of a picture", Buffer.from("hello"), "a.png", "text/plain", "file"],
    ["text with the name of a property", Buffer.from("hello"), "a.constructor", "text/plain", "file"],
    ["HTML", Buffer.from("<html><script>"), "a.html", "text/html", "file"],
    ["SVG", Buffer.from("<?xml version='1.0'?><svg/>"), "a.svg", "image/svg+xml", "file"],
    ["bytes with the name of a picture", Buffer.from([1, 2, 3, 0]), "a.png", "application/octet-stream", "file"],
    ["nothing", Buffer.alloc(0), "a.txt", "application/octet-stream", "file"],
  ];
  for (const [what, bytes, name, mimetype, kind] of table) {
    it(`knows ${what}`, async () => expect(await sniff(bytes, name)).to.deep.equal({ mimetype, kind }));
  }

  it("bears any bytes, and beginnings that are cut anywhere", async () => {
    const starts = table.map(([, bytes]) => bytes);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...starts),
        fc.nat(120),
        fc.uint8Array({ maxLength: SNIFF_BYTES }),
        async (start, cut, rest) => {
          const { mimetype } = await sniff(Buffer.concat([start.subarray(0, cut), rest]), "a.zip");
          expect(mimetype).to.match(/^[\w.+-]+\/[\w.+-]+$/);
        },
      ),
    );
  });
});
