/** What is known of a file's type beside its name; the first that says something decides, unless the bytes disprove it. */
export interface TypeHints {
  /** As the sender's client says, in the event. */
  readonly mimetype?: string | undefined;
  /** As the uploader has told the homeserver. */
  readonly contentType?: string | undefined;
  /** As its first bytes say. */
  readonly sniffed?: string | undefined;
}

// The first extension is the usual one. Types in one row are the same container with other things in it, or other names
// of it: none of its extensions is wrong for the others.
const ROWS: ReadonlyArray<Readonly<Record<string, string>>> = [
  { "image/jpeg": "jpg jpeg jpe jfif", "image/jpg": "jpg" },
  { "image/png": "png", "image/apng": "png apng" },
  { "image/gif": "gif" },
  { "image/webp": "webp" },
  { "image/bmp": "bmp dib", "image/x-ms-bmp": "bmp" },
  { "image/svg+xml": "svg" },
  { "image/heic": "heic heif", "image/heif": "heif", "image/avif": "avif" },
  { "image/x-icon": "ico", "image/vnd.microsoft.icon": "ico" },
  { "image/tiff": "tif tiff" },
  { "audio/ogg": "ogg oga spx", "audio/opus": "opus", "video/ogg": "ogv", "application/ogg": "ogg ogx" },
  { "audio/mpeg": "mp3 mp2 mpga", "audio/mp3": "mp3" },
  {
    "video/mp4": "mp4 m4v",
    "audio/mp4": "m4a m4b m4r",
    "audio/x-m4a": "m4a",
    "audio/m4a": "m4a",
    "video/quicktime": "mov qt",
    "video/x-m4v": "m4v",
    "video/3gpp": "3gp",
    "audio/3gpp": "3gp",
    "video/3gpp2": "3g2",
  },
  { "audio/aac": "aac", "audio/aacp": "aac" },
  { "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/vnd.wave": "wav" },
  { "audio/flac": "flac", "audio/x-flac": "flac" },
  { "audio/amr": "amr" },
  { "audio/midi": "mid midi", "audio/x-midi": "mid" },
  { "audio/aiff": "aif aiff", "audio/x-aiff": "aif" },
  { "video/webm": "webm", "audio/webm": "webm weba", "video/matroska": "mkv mka", "video/x-matroska": "mkv" },
  { "video/x-msvideo": "avi", "video/vnd.avi": "avi", "video/avi": "avi" },
  { "video/mpeg": "mpg mpeg" },
  { "video/x-flv": "flv" },
  { "video/x-ms-wmv": "wmv", "audio/x-ms-wma": "wma", "video/x-ms-asf": "asf", "application/vnd.ms-asf": "asf" },
  { "application/pdf": "pdf" },
  { "application/zip": "zip", "application/x-zip-compressed": "zip" },
  { "application/gzip": "gz tgz", "application/x-gzip": "gz" },
  { "application/x-7z-compressed": "7z" },
  { "application/vnd.rar": "rar", "application/x-rar-compressed": "rar" },
  { "application/x-tar": "tar" },
  { "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt" },
  { "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx" },
  { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx" },
  { "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx" },
  { "application/vnd.oasis.opendocument.text": "odt" },
  { "application/rtf": "rtf", "text/rtf": "rtf" },
  { "application/json": "json" },
  { "text/plain": "txt log" },
  { "text/html": "html htm" },
  { "text/csv": "csv" },
  { "text/markdown": "md" },
  { "text/calendar": "ics" },
  { "text/vcard": "vcf", "text/x-vcard": "vcf" },
  { "application/xml": "xml", "text/xml": "xml" },
];

interface Extension {
  readonly usual: string;
  readonly row: number;
  /** A picture, a sound, a film or a document: of these the bytes say for certain what they are. */
  readonly isMedia: boolean;
}

const BY_TYPE = new Map<string, Extension>();
const BY_NAME = new Map<string, Extension>();
for (const [row, types] of ROWS.entries()) {
  for (const [type, names] of Object.entries(types)) {
    const [usual = ""] = names.split(" ");
    const extension = { usual, row, isMedia: /^(?:image|audio|video)\/|^application\/(?:pdf|ogg)$/u.test(type) };
    BY_TYPE.set(type, extension);
    for (const name of names.split(" ")) if (!BY_NAME.has(name)) BY_NAME.set(name, extension);
  }
}

/**
 * A file's name with an extension by which the other side's programs know what it is. One that is there is kept, unless the
 * bytes say that it is wrong; where there is none, or what looks like one is part of a title, it is added.
 */
export function withExtension(name: string, { mimetype, contentType, sniffed }: TypeHints): string {
  const found = extensionOf(sniffed);
  // That something is text is as good as nothing: everything that people type is.
  const told = extensionOf(mimetype) ?? extensionOf(contentType) ?? (isPlain(sniffed) ? undefined : found);
  const wanted = found?.isMedia === true && found.row !== told?.row ? found : told;
  const [, stem = name, written] = /^(.+)\.([A-Za-z0-9]{1,10})$/u.exec(name) ?? [];
  if (written === undefined) return wanted === undefined ? name : `${name}.${wanted.usual}`;
  const known = BY_NAME.get(written.toLowerCase());
  if (known === undefined) return wanted?.isMedia === true ? `${name}.${wanted.usual}` : name;
  if (found?.isMedia !== true || found.row === known.row) return name;
  return known.isMedia ? `${stem}.${found.usual}` : `${name}.${found.usual}`;
}

function extensionOf(type: string | undefined): Extension | undefined {
  return BY_TYPE.get(bare(type));
}

function isPlain(type: string | undefined): boolean {
  return bare(type) === "text/plain";
}

function bare(type = ""): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase();
}
