export interface SniffedType {
  /** Without parameters. */
  readonly mimetype: string;
  /** How Matrix clients are to show it: an `image`, a `video` and an `audio` are what they can play. */
  readonly kind: "image" | "video" | "audio" | "file";
}

/** How many bytes of the beginning are enough to tell. */
export const SNIFF_BYTES = 4100;

const OCTETS = "application/octet-stream";

// Formats that are another one inside; which, the name tells.
const INSIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "application/zip": {
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    odt: "application/vnd.oasis.opendocument.text",
    jar: "application/java-archive",
  },
  "application/x-cfb": {
    doc: "application/msword",
    xls: "application/vnd.ms-excel",
    ppt: "application/vnd.ms-powerpoint",
  },
  "application/xml": { svg: "image/svg+xml", html: "text/html", xhtml: "application/xhtml+xml" },
  "application/vnd.ms-asf": { wma: "audio/x-ms-wma", wmv: "video/x-ms-wmv", asf: "video/x-ms-asf" },
};

// Text has no marks of its own.
const TEXTS: Readonly<Record<string, string>> = {
  htm: "text/html",
  html: "text/html",
  css: "text/css",
  csv: "text/csv",
  ics: "text/calendar",
  vcf: "text/vcard",
  md: "text/markdown",
  js: "text/javascript",
  json: "application/json",
  xml: "application/xml",
  svg: "image/svg+xml",
};

// What every client can draw.
const PICTURES = /^image\/(?:png|apng|jpeg|gif|webp|bmp)$/;

/**
 * Tells what a file is. What is in it decides; the name only where that cannot, and never against it.
 * @param beginning the first bytes, `SNIFF_BYTES` of them if there are as many
 */
export async function sniff(beginning: Uint8Array, name: string): Promise<SniffedType> {
  const extension = (/\.([^.]+)$/.exec(name)?.[1] ?? "").toLowerCase();
  const mimetype = (await typeByContent(beginning, extension)) ?? typeOfText(beginning, extension) ?? OCTETS;
  return { mimetype, kind: kindOf(mimetype) };
}

async function typeByContent(beginning: Uint8Array, extension: string): Promise<string | undefined> {
  // Its 40 modules are not loaded before the first file comes.
  const { fileTypeFromBuffer } = await import("file-type");
  const found = await fileTypeFromBuffer(beginning.subarray(0, SNIFF_BYTES));
  const [type] = found?.mime.split(";") ?? [];
  if (type === undefined) return undefined;
  return valueOf(INSIDE[type] ?? {}, extension) ?? type;
}

function typeOfText(beginning: Uint8Array, extension: string): string | undefined {
  if (beginning.length === 0 || !isText(beginning)) return undefined;
  return valueOf(TEXTS, extension) ?? "text/plain";
}

// Any of the old 8-bit encodings will do: what text never has is control characters.
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 || (byte >= 0x08 && byte <= 0x0d) || byte === 0x1b);
}

function kindOf(mimetype: string): SniffedType["kind"] {
  if (PICTURES.test(mimetype)) return "image";
  if (mimetype.startsWith("video/")) return "video";
  return mimetype.startsWith("audio/") ? "audio" : "file";
}

function valueOf(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
