import type sharp from "sharp";

/** A small picture that stands for a large one until a user asks for that. */
export interface Thumbnail {
  readonly bytes: Buffer;
  readonly w: number;
  readonly h: number;
  readonly mimetype: "image/jpeg" | "image/png";
}

const MAX = { width: 800, height: 600 };
// About 200 MB while it is made small. A file of a few bytes can say that it is a million times as large.
const MAX_PIXELS = 50_000_000;
const MAX_SECONDS = 10;

// Strangers choose the bytes, so nothing but these formats is ever tried.
const LOADERS = ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif"];

let loading: Promise<typeof sharp> | undefined;

/**
 * Makes one, of the first frame where it moves, turned as it is to be shown. Undefined when the picture is small already,
 * or when it is none that can be read; a thumbnail is never worth an error.
 * @param picture the whole file, or where it is: nothing but the picture itself is held then
 */
export async function thumbnail(picture: string | Uint8Array): Promise<Thumbnail | undefined> {
  loading ??= load();
  const open = await loading;
  try {
    const image = open(picture, { limitInputPixels: MAX_PIXELS, pages: 1 }).timeout({ seconds: MAX_SECONDS });
    const { width, height, hasAlpha } = await image.metadata();
    if (width <= MAX.width && height <= MAX.height) return undefined;
    const small = image.autoOrient().resize({ ...MAX, fit: "inside", withoutEnlargement: true });
    const { data, info } = await (hasAlpha ? small.png() : small.jpeg()).toBuffer({ resolveWithObject: true });
    const mimetype = hasAlpha ? "image/png" : "image/jpeg";
    return { bytes: data, w: info.width, h: info.height, mimetype };
  } catch {
    return undefined;
  }
}

// It takes 20 MB, so it is not loaded before the first picture comes.
async function load(): Promise<typeof sharp> {
  const { default: loaded } = await import("sharp");
  loaded.cache(false);
  loaded.concurrency(1);
  loaded.block({ operation: ["VipsForeignLoad"] });
  loaded.unblock({ operation: LOADERS });
  return loaded;
}
