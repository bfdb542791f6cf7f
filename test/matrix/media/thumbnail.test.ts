import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import sharp, { type Sharp } from "sharp";
import { imageSize } from "../../../src/matrix/media/image-size.ts";
import { thumbnail } from "../../../src/matrix/media/thumbnail.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const picture = (width: number, height: number, channels: 3 | 4 = 3): Sharp =>
  sharp({ create: { width, height, channels, background: "#c0ffee80" } });

describe("matrix/media/thumbnail", () => {
  it("makes a large picture small, from memory or from a file", async () => {
    const folder = tempFolder();
    const files = {
      jpeg: await picture(1600, 800).jpeg().toBuffer(),
      png: await picture(1600, 800).png().toBuffer(),
      webp: await picture(1600, 800).webp().toBuffer(),
      gif: await picture(1600, 800).gif().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(folder.path, name);
      writeFileSync(path, bytes);
      for (const input of [bytes, path]) {
        const made = await thumbnail(input);
        expect(made, name).to.deep.include({ w: 800, h: 400 });
        expect(imageSize(made?.bytes ?? Buffer.alloc(0))).to.deep.equal({ w: 800, h: 400 });
      }
    }
    folder.remove();
  });

  it("keeps what can be seen through, and turns what lies on its side", async () => {
    expect((await thumbnail(await picture(900, 900, 4).png().toBuffer()))?.mimetype).to.equal("image/png");
    const lying = await picture(1200, 600).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await thumbnail(lying)).to.deep.include({ w: 300, h: 600, mimetype: "image/jpeg" });
  });

  it("makes none of what is small, broken, too large to be true, or of another kind", async () => {
    const small = await picture(800, 600).png().toBuffer();
    const broken = (await picture(1600, 800).jpeg().toBuffer()).subarray(0, 100);
    const bomb = await picture(10_000, 6000).png().toBuffer();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="2000"/>');
    for (const bytes of [small, broken, bomb, svg, Buffer.alloc(0), Buffer.from("hello")]) {
      expect(await thumbnail(bytes)).to.equal(undefined);
    }
    expect(await thumbnail("/no/such/file")).to.equal(undefined);
  });
});
