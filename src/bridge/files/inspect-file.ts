import { peek } from "../../matrix/media/media-content.ts";
import type { Media } from "../../matrix/media/media.ts";
import { sniff, SNIFF_BYTES } from "../../matrix/media/sniff.ts";
import { giveBack } from "../../util/give-back.ts";
import { safeFileName } from "../../util/file-name.ts";
import type { FileToSend } from "../../convert/to-msn.ts";
import { withExtension } from "./extension.ts";

// Where the event does not say what the file is called.
const NAMELESS = safeFileName("");

/**
 * Looks at a file on the homeserver: how large it is, and what to call it on MSN. The event is no help with its size: a
 * client may write anything there. A homeserver that does not say it either is asked for the whole file.
 * @param maxBytes the largest file that is of interest
 * @throws MatrixError
 */
export async function inspectFile(
  media: Pick<Media, "download">,
  { mxc, name: said, mimetype }: FileToSend,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<{ readonly file: string; readonly size: number }> {
  const answer = await media.download(mxc, { maxBytes, signal });
  const { beginning, content } = await peek(answer.content, SNIFF_BYTES);
  const name = said === NAMELESS ? safeFileName(answer.name ?? "") : said;
  const { mimetype: sniffed } = await sniff(beginning, name);
  const file = safeFileName(withExtension(name, { mimetype, contentType: answer.type, sniffed }));
  if (answer.size !== undefined) {
    content.destroy();
    return { file, size: answer.size };
  }
  let size = 0;
  for await (const chunk of content) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    giveBack(chunk);
  }
  return { file, size };
}
