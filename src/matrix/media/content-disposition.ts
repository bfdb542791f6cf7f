/** A header that makes a browser keep the file under this name instead of showing it. RFC 6266. */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/gu, "_").replaceAll(/["\\%]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${percentEncode(name)}`;
}

/** The name in such a header, as it stands there: it has to be made safe before a file gets it. */
export function fileNameIn(header: string | undefined): string | undefined {
  const text = header ?? "";
  const [, encoded] = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(text) ?? [];
  const decoded = encoded === undefined ? undefined : decode(encoded);
  if (decoded !== undefined) return decoded;
  const [, quoted, token] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i.exec(text) ?? [];
  return quoted?.replaceAll(/\\(.)/g, "$1") ?? token;
}

/** As encodeURIComponent, and also the signs that end an address where people write it into a text. */
export function percentEncode(text: string): string {
  const wellFormed = text.toWellFormed();
  return encodeURIComponent(wellFormed).replaceAll(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
