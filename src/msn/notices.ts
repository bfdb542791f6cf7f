import { parseMime, type MimeMessage } from "./wire/mime.ts";
import { decodeBytes, decodeForeign } from "./wire/text.ts";

/** Something the notification server tells, beside contacts and presence (docs/msnp.md 3.8). */
export type Notice =
  /** What the server knows of the account; sent after signing in. Field names are lower case. */
  | { readonly type: "profile"; readonly fields: ReadonlyMap<string, string> }
  /** How much mail is waiting; numbers are NaN where the server gives none. */
  | { readonly type: "mailbox"; readonly unread: number; readonly unreadInFolders: number; readonly url: string }
  | {
      readonly type: "mail";
      readonly from: string;
      readonly address: string;
      readonly subject: string;
      readonly url: string;
    }
  /** Mail was read or moved; the folders are the server's own names. */
  | { readonly type: "mail-moved"; readonly from: string; readonly to: string; readonly count: number }
  /** The server will go down in so many minutes. */
  | { readonly type: "maintenance"; readonly minutes: number }
  /** A message for people, from NOT. */
  | { readonly type: "alert"; readonly text: string };

/** Reads a MSG of the notification server; undefined for kinds that nobody needs. */
export function parseNotice(payload: Buffer): Notice | undefined {
  const message = parseMime(payload);
  const contentType = message.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  switch (contentType) {
    case "text/x-msmsgsprofile":
      return { type: "profile", fields: message.headers };
    case "text/x-msmsgsinitialemailnotification": {
      const fields = bodyFields(message);
      const [unread, unreadInFolders] = [count(fields, "inbox-unread"), count(fields, "folders-unread")];
      return { type: "mailbox", unread, unreadInFolders, url: fields.get("inbox-url") ?? "" };
    }
    case "text/x-msmsgsemailnotification": {
      const fields = bodyFields(message);
      const text = (name: string): string => decodeWords(fields.get(name) ?? "");
      return {
        type: "mail",
        from: text("from"),
        address: text("from-addr"),
        subject: text("subject"),
        url: text("message-url"),
      };
    }
    case "text/x-msmsgsactivemailnotification": {
      const fields = bodyFields(message);
      const text = (name: string): string => fields.get(name) ?? "";
      return {
        type: "mail-moved",
        from: text("src-folder"),
        to: text("dest-folder"),
        count: count(fields, "message-delta"),
      };
    }
    case "application/x-msmsgssystemmessage":
      return { type: "maintenance", minutes: count(bodyFields(message), "arg1") };
    default:
      return undefined;
  }
}

// Of the service's own notes (docs/msnp.md 8.1).
const INTERNAL_SITE = /siteid="45705"/u;

/** Reads the XML of a NOT; undefined for what is not for people. Malformed XML gives what text can be found. */
export function parseAlert(payload: Buffer): Notice | undefined {
  const xml = decodeBytes(payload);
  const text = /<TEXT[^>]*>([^<]*)<\/TEXT>/iu.exec(xml)?.[1]?.trim();
  return text === undefined || text === "" || INTERNAL_SITE.test(xml)
    ? undefined
    : { type: "alert", text: decodeEntities(text) };
}

// The body of these messages is header lines too.
function bodyFields({ body }: MimeMessage): ReadonlyMap<string, string> {
  return parseMime(body).headers;
}

function count(fields: ReadonlyMap<string, string>, name: string): number {
  const value = fields.get(name) ?? "";
  return /^-?\d{1,9}$/u.test(value) ? Number(value) : Number.NaN;
}

// RFC 2047: names and subjects of mail are encoded words.
function decodeWords(text: string): string {
  return text.replaceAll(
    /=\?([\w-]+)\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/giu,
    (_, charset: string, kind: string, data: string) => {
      const bytes = kind.toLowerCase() === "b" ? Buffer.from(data, "base64") : decodeQuoted(data);
      return decodeForeign(bytes, charset) ?? decodeBytes(bytes);
    },
  );
}

function decodeQuoted(data: string): Buffer {
  const text = data.replaceAll("_", " ");
  return Buffer.from(
    text.replaceAll(/=([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/gu, (whole, name: string) => ENTITIES[name] ?? whole);
}
