import { decodeQuotedPrintable, parseMime, type MimeMessage } from "../wire/mime.ts";
import { decodeBytes, decodeForeign } from "../wire/text.ts";

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
  /** A message for people, from NOT or IPG. */
  | { readonly type: "alert"; readonly text: string }
  /** An operator of the server, by the name that they give themselves, says something to users. */
  | { readonly type: "text"; readonly from: string; readonly text: string }
  /** People wrote while we were away, and the server has it where this dialect does not reach; nobody is named if there are many. */
  | { readonly type: "offline-messages"; readonly from: readonly string[] }
  /** Nobody knows what it is. */
  | { readonly type: "unknown"; readonly contentType: string };

/** What the server knows of the account. */
export function readProfile({ headers }: MimeMessage): Notice {
  return { type: "profile", fields: headers };
}

export function readMailbox(message: MimeMessage): Notice {
  const fields = bodyFields(message);
  const [unread, unreadInFolders] = [count(fields, "inbox-unread"), count(fields, "folders-unread")];
  return { type: "mailbox", unread, unreadInFolders, url: fields.get("inbox-url") ?? "" };
}

export function readNewMail(message: MimeMessage): Notice {
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

export function readMailMoved(message: MimeMessage): Notice {
  const fields = bodyFields(message);
  const text = (name: string): string => fields.get(name) ?? "";
  return {
    type: "mail-moved",
    from: text("src-folder"),
    to: text("dest-folder"),
    count: count(fields, "message-delta"),
  };
}

/** @returns undefined for any but the only kind of system message that is known */
export function readSystemMessage(message: MimeMessage): Notice | undefined {
  const fields = bodyFields(message);
  const isMaintenance = (fields.get("type") ?? MAINTENANCE) === MAINTENANCE;
  return isMaintenance ? { type: "maintenance", minutes: count(fields, "arg1") } : undefined;
}

const MAINTENANCE = "1";

/** `<MD>` holds one `<M>` for each message, whose `<E>` is the sender's account (docs/msnp.md 7). */
export function readOfflineMessages(message: MimeMessage): Notice {
  const fields = bodyFields(message);
  const data = decodeBytes(message.body);
  const messages = [...data.matchAll(/<M>.*?<\/M>/gsu)].slice(0, MAX_OFFLINE);
  const senders = new Set(messages.flatMap(([xml]) => /<E>\s*([^<\s]{1,129})\s*<\/E>/u.exec(xml)?.[1] ?? []));
  if (senders.size > 0 || /too-large/iu.test(fields.get("mail-data") ?? ""))
    return { type: "offline-messages", from: [...senders] };
  const number = (name: string): number =>
    Number(new RegExp(`<${name}>(\\d{1,9})</`, "u").exec(data)?.[1] ?? Number.NaN);
  return { type: "mailbox", unread: number("IU"), unreadInFolders: number("OU"), url: fields.get("inbox-url") ?? "" };
}

// Servers send no more at once.
const MAX_OFFLINE = 25;

// Of the service's own notes (docs/msnp.md 8.1).
const INTERNAL_SITE = /siteid=["']45705["']/u;

/** Reads the XML of a NOT or IPG; undefined for what is not for people. Malformed XML gives what text can be found. */
export function parseAlert(payload: Buffer): Notice | undefined {
  const xml = decodeBytes(payload);
  const text = plainText(/<TEXT[^>]*>(.*?)<\/TEXT>/isu.exec(xml)?.[1] ?? "").trim();
  return text === "" || INTERNAL_SITE.test(xml) ? undefined : { type: "alert", text };
}

// What is marked as text as it stands holds no marks and no entities.
function plainText(xml: string): string {
  return xml
    .split(/(<!\[CDATA\[.*?\]\]>)/su)
    .map((part, at) =>
      at % 2 === 1 ? part.slice("<![CDATA[".length, -"]]>".length) : decodeEntities(part.replaceAll(/<[^>]*>/gu, "")),
    )
    .join("");
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
      const bytes =
        kind.toLowerCase() === "b" ? Buffer.from(data, "base64") : decodeQuotedPrintable(data.replaceAll("_", " "));
      return decodeForeign(bytes, charset) ?? decodeBytes(bytes);
    },
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#?)(\w{1,8});/gu, (whole, isNumber: string, name: string) => {
    if (isNumber === "") return ENTITIES[name.toLowerCase()] ?? whole;
    const code = Number(name.replace(/^x/iu, "0x"));
    return code > 0 && code <= MAX_CODE_POINT ? String.fromCodePoint(code).toWellFormed() : whole;
  });
}

const MAX_CODE_POINT = 0x10ffff;
