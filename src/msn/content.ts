import { encodeMime, parseMime } from "./wire/mime.ts";
import { splitText } from "./text-split.ts";

/** What a message on a switchboard says. */
export type Content =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "typing" }
  | { readonly type: "unknown"; readonly contentType: string };

/** What can be sent. */
export type OutgoingContent = Exclude<Content, { type: "unknown" }>;

/** The most bytes a message may have with its headers; servers close the switchboard beyond it (docs/msnp.md 1.4). */
export const MAX_MESSAGE_BYTES = 1664;

// docs/msnp.md 4.5: some clients read these keys by position.
const TEXT_FORMAT = "FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0";

// Room for the headers of a text, with some to spare for longer font names.
const MAX_TEXT_BYTES = 1400;

/** What a payload says; nothing is an error, since messages of unknown types are legal. */
export function parseContent(payload: Buffer): Content {
  const { headers, body } = parseMime(payload);
  const contentType = (headers.get("content-type") ?? "text/plain").split(";")[0]?.trim().toLowerCase() ?? "";
  switch (contentType) {
    case "text/plain":
      return { type: "text", text: body.toString("utf8").replaceAll(/\r\n?/gu, "\n") };
    case "text/x-msmsgscontrol":
      return headers.has("typinguser") ? { type: "typing" } : { type: "unknown", contentType };
    default:
      return { type: "unknown", contentType };
  }
}

/**
 * The payload for a content.
 * @param account our own account, which a typing notification names
 */
export function encodeContent(content: OutgoingContent, account: string): Buffer {
  switch (content.type) {
    case "text":
      return encodeMime(
        [
          ["MIME-Version", "1.0"],
          ["Content-Type", "text/plain; charset=UTF-8"],
          ["X-MMS-IM-Format", TEXT_FORMAT],
        ],
        content.text.toWellFormed().replaceAll(/\r\n?|\n/gu, "\r\n"),
      );
    case "typing":
      return encodeMime(
        [
          ["MIME-Version", "1.0"],
          ["Content-Type", "text/x-msmsgscontrol"],
          ["TypingUser", account],
        ],
        "\r\n",
      );
  }
}

/** The contents, each small enough for one message, that carry a text of any length. Joined they give the text again. */
export function textContents(text: string): OutgoingContent[] {
  const normal = text.replaceAll(/\r\n?/gu, "\n");
  return splitText(normal, MAX_TEXT_BYTES).map((part) => ({ type: "text", text: part }));
}
