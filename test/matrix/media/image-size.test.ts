import { expect } from "chai";
import * as fc from "fast-check";
import sharp from "sharp";
import { imageSize } from "../../../src/matrix/media/image-size.ts";

async function picture(width: number, height: number): Promise<ReturnType<typeof sharp>> {
  return Promise.resolve(sharp({ create: { width, height, channels: 3, background: "#c0ffee" } }));
}

function bmp(header: number, w: number, h: number): Buffer {
  const bytes = Buffer.alloc(54);
  bytes.write("BM");
  bytes.writeUInt32LE(header, 14);
  if (header === 12) {
    bytes.writeUInt16LE(w, 18);
    bytes.writeUInt16LE(h, 20);
  } else {
    bytes.writeInt32LE(w, 18);
    bytes.writeInt32LE(h, 22);
  }
  return bytes;
}

describe("matrix/media/image-size", () => {
  for (const [w, h] of [
    [1, 1],
    [640, 480],
    [3, 5000],
    [300, 7],
  ] as const) {
    it(`reads ${w}x${h} from pictures as programs write them`, async () => {
      const files = {
        png: await (await picture(w, h)).png().toBuffer(),
        gif: await (await picture(w, h)).gif().toBuffer(),
        jpeg: await (await picture(w, h)).jpeg().toBuffer(),
        progressive: await (await picture(w, h)).jpeg({ progressive: true }).toBuffer(),
        lossy: await (await picture(w, h)).webp().toBuffer(),
        lossless: await (await picture(w, h)).webp({ lossless: true }).toBuffer(),
        extended: await (await picture(w, h)).withMetadata().webp().toBuffer(),
        bmp: bmp(40, w, h),
        upsideDown: bmp(124, w, -h),
        os2: bmp(12, w, h),
      };
      for (const [name, bytes] of Object.entries(files)) {
        expect(imageSize(bytes.subarray(0, 65_536)), name).to.deep.equal({ w, h });
      }
    });
  }

  it("turns a JPEG as it says that it is turned", async () => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const bytes = await (await picture(40, 20)).withMetadata({ orientation }).jpeg().toBuffer();
      expect(imageSize(bytes)).to.deep.equal(orientation < 5 ? { w: 40, h: 20 } : { w: 20, h: 40 });
    }
  });

  it("says nothing of other files, of ones that are cut, and of sizes that cannot be", async () => {
    const png = await (await picture(3, 3)).png().toBuffer();
    const none = Buffer.from(png);
    none.writeUInt32BE(0, 16);
    const huge = Buffer.from(png);
    huge.writeUInt32BE(2 ** 31, 16);
    for (const bytes of [Buffer.alloc(0), Buffer.from("hello"), png.subarray(0, 20), none, huge, bmp(40, 0, 1)]) {
      expect(imageSize(bytes)).to.equal(undefined);
    }
  });

  it("bears any bytes after any beginning", () => {
    const starts = [
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
      "GIF89a",
      "RIFF\0\0\0\0WEBPVP8X",
      "BM",
      "\xff\xd8\xff\xe1\0\x20Exif\0\0II*\0",
    ];
    const start = fc.constantFrom(...starts).map((text) => Buffer.from(text, "latin1"));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (bytes, rest) => {
        const size = imageSize(Buffer.concat([bytes, rest]));
        if (size !== undefined) expect(Math.min(size.w, size.h)).to.be.greaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
