const MAX_BYTES = 255;
const FALLBACK = "file";

// Controls, line ends, marks of direction, other format characters, and halves of characters. Persian names, Indian ones
// and emoji need the two joiners.
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
// What Windows does not allow in names. A colon would also open a hidden stream of another file there.
const FORBIDDEN = /[<>:"|?*]/g;
// Devices, whatever the extension, and with spaces before it.
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i;

/**
 * A name that is safe to show, to send on, and to make a file of on any system, as much of `name` as can be: one part of
 * a path, visible characters only, no device, neither hidden nor ending in a dot, and short enough. Doing it twice
 * changes nothing more.
 * @param maxBytes in UTF-8; the end of the name, before its extension, is cut off; at least 16
 */
export function safeFileName(name: string, maxBytes = MAX_BYTES): string {
  const [last = ""] = name.split(/[/\\]/).filter(isName).slice(-1);
  const cut = cutBytes(trim(last.replaceAll(UNSEEN, "").replaceAll(FORBIDDEN, "_")), maxBytes);
  if (cut === "") return FALLBACK;
  return DEVICE.test(cut) ? `_${cutBytes(cut, maxBytes - 1)}` : cut;
}

// Of "photos/" the name is "photos".
function isName(part: string): boolean {
  return trim(part.replaceAll(UNSEEN, "")) !== "";
}

function trim(name: string): string {
  return name.replace(/^[\s.\u200c\u200d]+/u, "").replace(/[\s.\u200c\u200d]+$/u, "");
}

function cutBytes(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const [extension = ""] = /\.[^.\s]+$/u.exec(name) ?? [];
  const kept = Buffer.byteLength(extension) <= maxBytes / 2 ? extension : "";
  const stem = name.slice(0, name.length - kept.length);
  return trim(trim(takeBytes(stem, maxBytes - Buffer.byteLength(kept))) + kept);
}

/** As many whole code points of the beginning as fit. */
function takeBytes(text: string, maxBytes: number): string {
  let [taken, bytes] = ["", 0];
  for (const point of text) {
    bytes += Buffer.byteLength(point);
    if (bytes > maxBytes) break;
    taken += point;
  }
  return taken;
}
