import { parseMime, type MimeMessage } from "../wire/mime.ts";
import type { Content } from "./content.ts";
import { contentTypeOf } from "./content-type.ts";
import {
  readMailbox,
  readMailMoved,
  readNewMail,
  readOfflineMessages,
  readProfile,
  readSystemMessage,
  type Notice,
} from "./notices.ts";
import {
  ignore,
  readClientCaps,
  readControl,
  readData,
  readDatacast,
  readInvite,
  readPlainText,
  unknown,
  unsupported,
  type ContentReader,
  type DataReader,
} from "./readers.ts";

/**
 * Who reads the messages of a type, exactly one for each, and whom they are meant for. What is for people and cannot be
 * read, or is lost on the way, is told to them; what is for programs is not. What only a server says is believed on its
 * own connection alone: from anybody else it is unknown.
 */
export type ContentType = ClientType | ServerType;

/** Of one client to others, through the servers. */
export interface ClientType {
  readonly for: "people" | "programs";
  readonly read: ContentReader;
}

/** Of a server to an account. */
export interface ServerType {
  readonly for: "account";
  /** @returns undefined for what is unknown in spite of its type */
  readonly read: (message: MimeMessage) => Notice | undefined;
}

const people = (read: ContentReader): ClientType => ({ for: "people", read });
const programs = (read: ContentReader): ClientType => ({ for: "programs", read });
const account = (read: ServerType["read"]): ServerType => ({ for: "account", read });

/** Every content type that clients and servers are known to send (docs/msnp.md 3.8 and 4.6). */
export const CONTENT_TYPES: Readonly<Record<string, ContentType>> = {
  "text/plain": people(readPlainText),
  "text/x-msmsgscontrol": programs(readControl),
  "text/x-msnmsgr-datacast": people(readDatacast),
  "text/x-msmsgsinvite": people(readInvite),
  "application/x-msnmsgrp2p": programs(readData),
  "image/gif": people(unsupported("ink")),
  "application/x-ms-ink": people(unsupported("ink")),
  // What they stand for follows as text.
  "text/x-mms-emoticon": programs(ignore),
  "text/x-mms-animemoticon": programs(ignore),
  "text/x-clientcaps": programs(readClientCaps),
  "text/x-clientinfo": programs(ignore),
  "text/x-keepalive": programs(ignore),
  "text/x-logging": programs(ignore),

  "text/x-msmsgsprofile": account(readProfile),
  "text/x-msmsgsinitialemailnotification": account(readMailbox),
  "text/x-msmsgsemailnotification": account(readNewMail),
  "text/x-msmsgsactivemailnotification": account(readMailMoved),
  "application/x-msmsgssystemmessage": account(readSystemMessage),
  "text/x-msmsgsinitialmdatanotification": account(readOfflineMessages),
  "text/x-msmsgsoimnotification": account(readOfflineMessages),
};

const UNKNOWN = programs(unknown);
const IMAGE = people(unsupported("image"));
const AUDIO = people(unsupported("voice-clip"));
const DOCUMENT = people(unsupported("other"));

/** What a message says; nothing is an error. @param data who answers data of programs, where they can be answered */
export function readContent(message: MimeMessage, from = "", data?: DataReader): Content {
  const contentType = contentTypeOf(message.headers);
  const row = rowOf(contentType);
  const { read } = row.for === "account" ? UNKNOWN : row;
  return read({ ...message, contentType, from, data });
}

/** What a payload says. */
export function parseContent(payload: Buffer): Content {
  return readContent(parseMime(payload));
}

/** What a message of the server itself tells, if it is of one of its own types. */
export function readNotice(message: MimeMessage): Notice | undefined {
  const row = rowOf(contentTypeOf(message.headers));
  return row.for === "account" ? row.read(message) : undefined;
}

/** What is left of a message that never became complete, if it was for people. @param headers if they are known */
export function lostContent(headers: MimeMessage["headers"] | undefined): Content | undefined {
  const contentType = headers === undefined ? "text/plain" : contentTypeOf(headers);
  return rowOf(contentType).for === "people" ? { type: "unsupported", kind: "incomplete", contentType } : undefined;
}

/**
 * The row of a type. Of those that have none, programs call what they say to one another `x-…`; anything else is the name
 * of a kind of document, which a person has sent.
 */
function rowOf(contentType: string): ContentType {
  const known = Object.hasOwn(CONTENT_TYPES, contentType) ? CONTENT_TYPES[contentType] : undefined;
  if (known !== undefined) return known;
  const [type, subtype = ""] = contentType.split("/");
  if (type === "image") return IMAGE;
  if (type === "audio") return AUDIO;
  return subtype !== "" && !subtype.startsWith("x-") ? DOCUMENT : UNKNOWN;
}
