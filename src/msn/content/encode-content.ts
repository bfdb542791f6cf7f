import { splitText } from "../base/text-split.ts";
import { encodeInvitation } from "../wire/encode-invitation.ts";
import { encodeMime } from "../wire/mime.ts";
import type { OutgoingContent } from "./content.ts";
import { DEFAULT_STYLE, encodeTextStyle, type TextStyle } from "./text-style.ts";

/** The most bytes a message may have with its headers; servers close the switchboard beyond it (docs/msnp.md 1.4). */
export const MAX_MESSAGE_BYTES = 1664;

// Other clients stop here, whatever room their headers leave.
const MAX_TEXT_BYTES = 1400;

// docs/msnp.md 4.6.
const NUDGE_ID = "1";
const ACTION_ID = "4";

/**
 * The payload for a content. What a text's style leaves open is filled with what clients of this age send.
 * @param account our own account, which a typing notification names
 */
export function encodeContent(content: OutgoingContent, account: string): Buffer {
  switch (content.type) {
    case "text": {
      const style = encodeTextStyle({ ...DEFAULT_STYLE, ...content.style });
      const lines = content.text.toWellFormed().replaceAll(/\r\n?|\n/gu, "\r\n");
      return encodePayload("text/plain; charset=UTF-8", lines, ["X-MMS-IM-Format", style]);
    }
    case "typing":
      return encodePayload("text/x-msmsgscontrol", "\r\n", ["TypingUser", account]);
    case "nudge":
      return encodePayload("text/x-msnmsgr-datacast", encodeMime([["ID", NUDGE_ID]], ""));
    case "action": {
      const fields = [["ID", ACTION_ID] as const, ["Data", content.text] as const];
      return encodePayload("text/x-msnmsgr-datacast", encodeMime(fields, ""));
    }
    case "invitation":
      return encodePayload("text/x-msmsgsinvite; charset=UTF-8", encodeInvitation(content.invitation));
  }
}

/** The contents, each small enough for one message, that carry a text of any length. Joined they give the text again. */
export function textContents(text: string, style?: TextStyle): OutgoingContent[] {
  const dress = (part: string): OutgoingContent => ({ type: "text", text: part, ...(style && { style }) });
  const room = MAX_MESSAGE_BYTES - encodeContent(dress(""), "").length;
  const normal = text.replaceAll(/\r\n?/gu, "\n");
  return splitText(normal, Math.min(room, MAX_TEXT_BYTES)).map(dress);
}

// The order counts: some clients read headers by position (docs/msnp.md 4.4).
function encodePayload(
  type: string,
  body: string | Buffer,
  ...more: Array<readonly [name: string, value: string]>
): Buffer {
  return encodeMime([["MIME-Version", "1.0"], ["Content-Type", type], ...more], body);
}
