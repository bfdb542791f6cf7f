import type { UnsupportedKind } from "../base/unsupported-kind.ts";
import { parseMime } from "../wire/mime.ts";
import { bareGuid, programKind } from "../wire/program-kind.ts";
import { parseCount } from "../wire/reader.ts";

/** A contact wants to begin a session (docs/msnp.md 7.1). */
export interface SessionInvite {
  readonly via: string;
  readonly callId: string;
  readonly contentType: string;
  /** Undefined where the invitation names none. */
  readonly session: number | undefined;
  /** What the session is for; undefined where no person waits for it. */
  readonly kind: UnsupportedKind | undefined;
}

const SESSION_BODY = "application/x-msnmsgr-sessionreqbody";
const MAX_SESSION = 2 ** 32 - 1;
// What is longer is no id, and would not fit into the answer.
const MAX_HEADER = 200;

/** A request for an object of ours: our display picture, or an emoticon that we have used. */
const OBJECT = "A4268EEC-FEC5-49E5-95C3-F126696BDBF6";

/** Reads a message of session 0; undefined for what is no invitation. */
export function parseInvite(message: Buffer): SessionInvite | undefined {
  const feed = message.indexOf("\n");
  if (!/^INVITE\s/iu.test(message.toString("latin1", 0, Math.max(feed, 0)))) return undefined;
  const { headers, body } = parseMime(message.subarray(feed + 1));
  const fields = parseMime(body).headers;
  const contentType = headers.get("content-type") ?? SESSION_BODY;
  const [via = "", callId = ""] = [headers.get("via"), headers.get("call-id")];
  if ([via, callId, contentType].some((value) => value === "" || value.length > MAX_HEADER)) return undefined;
  const session = parseCount(fields.get("sessionid"));
  return {
    via,
    callId,
    contentType,
    session: session <= MAX_SESSION ? session : undefined,
    kind:
      contentType.split(";")[0]?.trim().toLowerCase() === SESSION_BODY
        ? kindOf(fields.get("euf-guid") ?? "")
        : undefined,
  };
}

/** The message that declines a session; it ends with a zero byte, which is counted. */
export function encodeDecline({ via, callId, contentType, session }: SessionInvite, to: string, from: string): Buffer {
  const body = `${session === undefined ? "" : `SessionID: ${session}\r\n`}\r\n\0`;
  const lines = [
    "MSNSLP/1.0 603 Decline",
    `To: <msnmsgr:${to}>`,
    `From: <msnmsgr:${from}>`,
    `Via: ${via}`,
    "CSeq: 1 ",
    `Call-ID: ${callId}`,
    "Max-Forwards: 0",
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function kindOf(guid: string): UnsupportedKind | undefined {
  return bareGuid(guid) === OBJECT ? undefined : (programKind(guid) ?? "other");
}
