import { fittingLength } from "../base/text-split.ts";

const MAX_FILE_BYTES = 255;
const MAX_EXTENSION_BYTES = 32;

/**
 * What is left of a file's name without path, separators, control characters, characters that turn the direction of
 * writing, and dots in front; at most 255 bytes, of which the extension is kept. Empty when nothing is left.
 */
export function cleanFileName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/u).at(-1) ?? "";
  const clean = last
    .replaceAll(/[:\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "")
    .replace(/^[.\s]+/u, "")
    .trimEnd();
  if (Buffer.byteLength(clean) <= MAX_FILE_BYTES) return clean;
  const dot = clean.lastIndexOf(".");
  const ending = dot === -1 ? "" : clean.slice(dot);
  const extension = Buffer.byteLength(ending) <= MAX_EXTENSION_BYTES ? ending : "";
  const room = MAX_FILE_BYTES - Buffer.byteLength(extension);
  return `${clean.slice(0, fittingLength(clean, room)).trimEnd()}${extension}`;
}
