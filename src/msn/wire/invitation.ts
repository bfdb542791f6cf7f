import { isIP } from "node:net";
import type { UnsupportedKind } from "../base/unsupported-kind.ts";
import { cleanFileName } from "./file-name.ts";
import { parseMime } from "./mime.ts";
import { bareGuid, programKind } from "./program-kind.ts";
import { parseCount } from "./reader.ts";

const CANCEL_CODES = ["REJECT", "REJECT_NOT_INSTALLED", "TIMEOUT", "FAIL", "FTTIMEOUT", "OUTBANDCANCEL"] as const;

/** Why a transfer was ended (docs/msnp.md 5). */
export type CancelCode = (typeof CANCEL_CODES)[number];

/** A contact offers a file. */
export interface FileInvite {
  readonly type: "file-invite";
  /** Identifies the transfer on its board from here on; an opaque word, though most clients use numbers. */
  readonly cookie: string;
  /** A name without any path, safe to use in a folder of ours. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Whether the sender can be connected to; missing where they do not say. */
  readonly connectivity?: boolean;
}

/** Where one side listens for the other. All of it was chosen by the other side. */
export interface TransferAddress {
  /** An IP address. */
  readonly address: string;
  /** The address behind a router, for those behind the same one. */
  readonly internalAddress?: string;
  readonly port: number;
  /** The port in other clients' notation, as it stands on the wire. */
  readonly portX?: number;
  /** The same for the internal address. */
  readonly portXInternal?: number;
  /** The word with which the one who connects proves there that it is them. */
  readonly authCookie: string;
  /** Whether it is the receiver of the file who listens. */
  readonly senderConnect: boolean;
}

/** Yes to an offer; the sender's own yes then says where they listen. */
export interface FileAccept {
  readonly type: "accept";
  readonly cookie: string;
  readonly transfer?: TransferAddress;
}

/** What a message about a transfer says. */
export type Invitation =
  | FileInvite
  | FileAccept
  | { readonly type: "cancel"; readonly cookie: string; readonly code: CancelCode | "unknown" }
  /** To something other than a file transfer: what it is for where that is known, and what the other client calls it. */
  | {
      readonly type: "foreign";
      readonly cookie?: string;
      readonly applicationGuid?: string;
      readonly kind?: UnsupportedKind;
      readonly name?: string;
    }
  | { readonly type: "malformed"; readonly cookie?: string; readonly reason: MalformedReason };

/** What of an invitation is missing or cannot be read. */
export type MalformedReason = "command" | "cookie" | "file" | "size" | "address";

// An offer without a usable file, and a yes with an address that is none, can come to nothing (docs/msnp.md 5).
const REFUSALS: Readonly<Record<MalformedReason, CancelCode | undefined>> = {
  file: "FAIL",
  size: "FAIL",
  address: "FAIL",
  command: undefined,
  cookie: undefined,
};

/** What can be sent. */
export type OutgoingInvitation =
  FileInvite | FileAccept | { readonly type: "cancel"; readonly cookie: string; readonly code: CancelCode };

type Fields = ReadonlyMap<string, string>;

export const FILE_TRANSFER_NAME = "File Transfer";
export const FILE_TRANSFER_GUID = "{5D3E02AB-6190-11d3-BBBB-00C04F795683}";
// Enough for any number and any GUID, and short enough for a line of MSNFTP with an account in it.
const MAX_COOKIE = 128;
const MAX_PORT = 65_535;
const MAX_SHOWN = 100;

/** Reads the body of an invitation. Never fails: what makes no sense is `malformed`, with its cookie if that does. */
export function parseInvitation(body: Buffer): Invitation {
  const fields = parseMime(body).headers;
  const cookie = wordIn(fields, "invitation-cookie");
  const command = fields.get("invitation-command")?.toUpperCase();
  // What others do in programs that we do not have is none of our business, however they write it.
  if (command === "INVITE" && !isFileTransfer(fields)) return foreign(fields, cookie);
  if (cookie === undefined) return { type: "malformed", reason: "cookie" };
  switch (command) {
    case "INVITE":
      return parseFileInvite(fields, cookie);
    case "ACCEPT":
      return parseAccept(fields, cookie);
    case "CANCEL": {
      const code = fields.get("cancel-code")?.toUpperCase();
      return { type: "cancel", cookie, code: CANCEL_CODES.find((known) => known === code) ?? "unknown" };
    }
    default:
      return { type: "malformed", cookie, reason: "command" };
  }
}

/**
 * What has to be answered at once, whatever people think of it: that we do not have the program asked for, or that what
 * was offered or agreed to makes no sense. Nothing is answered without a cookie, which nobody could understand, nor to
 * what is neither an offer nor a yes, for which nobody waits.
 */
export function answerTo(invitation: Invitation): OutgoingInvitation | undefined {
  if (invitation.type !== "foreign" && invitation.type !== "malformed") return undefined;
  const code = invitation.type === "foreign" ? "REJECT_NOT_INSTALLED" : REFUSALS[invitation.reason];
  const { cookie } = invitation;
  return cookie === undefined || code === undefined ? undefined : { type: "cancel", cookie, code };
}

// The name is translated, so the GUID decides; some send none, and the untranslated name (docs/msnp.md 5).
function isFileTransfer(fields: Fields): boolean {
  const guid = fields.get("application-guid");
  if (guid) return bareGuid(guid) === bareGuid(FILE_TRANSFER_GUID);
  return fields.get("application-name")?.toUpperCase() === FILE_TRANSFER_NAME.toUpperCase();
}

function foreign(fields: Fields, cookie: string | undefined): Invitation {
  const applicationGuid = fields.get("application-guid")?.slice(0, MAX_SHOWN);
  const kind = programKind(applicationGuid ?? "");
  const name = fields.get("application-name")?.slice(0, MAX_SHOWN).toWellFormed();
  return {
    type: "foreign",
    ...(cookie !== undefined && { cookie }),
    ...(applicationGuid && { applicationGuid: applicationGuid.toWellFormed() }),
    ...(kind !== undefined && { kind }),
    ...(name && { name }),
  };
}

function parseFileInvite(fields: Fields, cookie: string): Invitation {
  const file = cleanFileName(fields.get("application-file") ?? "");
  if (file === "") return { type: "malformed", cookie, reason: "file" };
  const size = numberIn(fields, "application-filesize", 0, Number.MAX_SAFE_INTEGER);
  if (size === undefined) return { type: "malformed", cookie, reason: "size" };
  const connectivity = yesOrNo(fields, "connectivity");
  return {
    type: "file-invite",
    cookie,
    file,
    size,
    ...(connectivity !== undefined && { connectivity }),
  };
}

function parseAccept(fields: Fields, cookie: string): Invitation {
  const isBare = ["ip-address", "port", "authcookie"].every((name) => !fields.get(name));
  if (isBare) return { type: "accept", cookie };
  const address = addressIn(fields, "ip-address");
  const port = numberIn(fields, "port", 1, MAX_PORT);
  const authCookie = wordIn(fields, "authcookie");
  if (address === undefined || port === undefined || authCookie === undefined) {
    return { type: "malformed", cookie, reason: "address" };
  }
  const internalAddress = addressIn(fields, "ip-address-internal");
  const portX = numberIn(fields, "portx", 1, MAX_PORT);
  const portXInternal = numberIn(fields, "portx-internal", 1, MAX_PORT);
  const senderConnect = yesOrNo(fields, "sender-connect") === true;
  const transfer = {
    address,
    ...(internalAddress !== undefined && { internalAddress }),
    port,
    ...(portX !== undefined && { portX }),
    ...(portXInternal !== undefined && { portXInternal }),
    authCookie,
    senderConnect,
  };
  return { type: "accept", cookie, transfer };
}

function numberIn(fields: Fields, name: string, least: number, most: number): number | undefined {
  const number = parseCount(fields.get(name));
  return number >= least && number <= most ? number : undefined;
}

// However it is spelled.
function yesOrNo(fields: Fields, name: string): boolean | undefined {
  const answer = fields.get(name) ?? "";
  if (/^(?:y|yes|true|1)$/iu.test(answer)) return true;
  return /^(?:n|no|false|0)$/iu.test(answer) ? false : undefined;
}

// Whatever is one word on a line. Cookies are compared as text and never read (docs/msnp.md 5.1).
function wordIn(fields: Fields, name: string): string | undefined {
  const word = fields.get(name)?.trim() ?? "";
  return word.length <= MAX_COOKIE && /^[\x21-\x7e]+$/u.test(word) ? word : undefined;
}

// A name would have to be looked up, and one with a zone says which of our own networks to use.
function addressIn(fields: Fields, name: string): string | undefined {
  const address = fields.get(name) ?? "";
  return isIP(address) === 0 || address.includes("%") ? undefined : address;
}
