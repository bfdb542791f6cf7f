/** The size of a picture in pixels, as it is shown. */
export interface ImageSize {
  readonly w: number;
  readonly h: number;
}

// Clients make room for a picture before they have it.
const MAX_SIDE = 100_000;

/**
 * Reads it from the beginning of a file. 64 KiB are enough nearly always: a JPEG may carry more before it tells its size.
 * Undefined when it is not a PNG, JPEG, GIF, WebP or BMP picture, or when these bytes do not say.
 */
export function imageSize(bytes: Uint8Array): ImageSize | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = read(view);
    return size !== undefined && isSide(size.w) && isSide(size.h) ? size : undefined;
  } catch (error) {
    // The bytes ended before the size.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isSide(pixels: number): boolean {
  return pixels > 0 && pixels <= MAX_SIDE;
}

function read(view: Buffer): ImageSize | undefined {
  const begins = (text: string, at = 0): boolean => view.toString("latin1", at, at + text.length) === text;
  if (begins("\x89PNG\r\n\x1a\n") && begins("IHDR", 12)) return { w: view.readUInt32BE(16), h: view.readUInt32BE(20) };
  if (begins("GIF87a") || begins("GIF89a")) return { w: view.readUInt16LE(6), h: view.readUInt16LE(8) };
  if (begins("RIFF") && begins("WEBP", 8)) return readWebp(view);
  if (begins("BM")) return readBmp(view);
  return begins("\xff\xd8\xff") ? readJpeg(view) : undefined;
}

// Google's "WebP Container Specification": one of three kinds of chunk comes first.
function readWebp(view: Buffer): ImageSize | undefined {
  switch (view.toString("latin1", 12, 16)) {
    case "VP8X":
      return { w: view.readUIntLE(24, 3) + 1, h: view.readUIntLE(27, 3) + 1 };
    case "VP8L": {
      const bits = view.readUInt32LE(21);
      return { w: (bits & 0x3fff) + 1, h: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return { w: view.readUInt16LE(26) & 0x3fff, h: view.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}

function readBmp(view: Buffer): ImageSize {
  // A header of 12 bytes is that of OS/2.
  if (view.readUInt32LE(14) === 12) return { w: view.readUInt16LE(18), h: view.readUInt16LE(20) };
  // The rows of a picture with a negative height begin at the top.
  return { w: Math.abs(view.readInt32LE(18)), h: Math.abs(view.readInt32LE(22)) };
}

function readJpeg(view: Buffer): ImageSize | undefined {
  let at = 2;
  let lies = false;
  for (;;) {
    while (view.readUInt8(at) === 0xff && view.readUInt8(at + 1) === 0xff) at += 1;
    if (view.readUInt8(at) !== 0xff) return undefined;
    const marker = view.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [h, w] = [view.readUInt16BE(at + 5), view.readUInt16BE(at + 7)];
      return lies ? { w: h, h: w } : { w, h };
    }
    // The picture's own bytes, or its end.
    if (marker === 0xda || marker === 0xd9) return undefined;
    const length = view.readUInt16BE(at + 2);
    if (marker === 0xe1) lies ||= isTurned(view.subarray(at + 4, at + 2 + length));
    at += 2 + length;
  }
}

// Exif 2.3, tag 0x0112: from 5 on the picture is shown lying on its side.
function isTurned(exif: Buffer): boolean {
  if (exif.toString("latin1", 0, 6) !== "Exif\0\0") return false;
  const tiff = exif.subarray(6);
  const isLittle = tiff.toString("latin1", 0, 2) === "II";
  const u16 = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  try {
    const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    for (let entry = directory + 2; entry < directory + 2 + u16(directory) * 12; entry += 12) {
      if (u16(entry) === 0x0112) return u16(entry + 8) >= 5 && u16(entry + 8) <= 8;
    }
  } catch (error) {
    // A directory that leads nowhere says nothing about the picture.
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}
