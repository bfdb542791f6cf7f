import type { CommandRequest } from "./request.ts";
import type { Removal } from "../bridge/room/removal.ts";
import { MatrixError } from "../matrix/client/errors.ts";
import { FinalError } from "./command.ts";

/** What the bot is told that nobody else may know. */
type SecretKind = "password" | "access token";

// What access tokens look like: long, and of no language.
const TOKEN = /(?:^|\s)[\w+/=.~-]{28,}(?:\s|$)/u;

const ADDRESS_AND_MORE = /\S@(?:[^\s@]+\s+|[\p{L}\p{N}._-]+[^\p{L}\p{N}._\s@-]\s*)\S/u;

/** Whether something stands behind an e-mail address, or there is something like an access token. */
export function mayHoldSecret(text: string): boolean {
  return ADDRESS_AND_MORE.test(text) || TOKEN.test(text);
}

/** Removes what the person said, and tells what came of it. */
export async function removeSecret(request: CommandRequest, kind: SecretKind = "password"): Promise<string> {
  return `${sentenceFor(await request.redact(), kind)} The homeserver may keep the original for a while.`;
}

function sentenceFor({ removed, kept, reason }: Removal, kind: SecretKind): string {
  if (kept === 0) return `I removed your message with the ${kind}.`;
  const why = reason === "unanswered" ? "the homeserver does not answer" : "I have no power for it in this room";
  const what = removed === 0 ? `your message with the ${kind}` : `all versions of your message with the ${kind}`;
  return `I could not remove ${what} (${why}): please delete it yourself.`;
}

/**
 * Goes on only where the person and the bot are the only ones who read, at this moment.
 * @param redaction what became of a secret that was said already
 * @throws FinalError
 */
export async function refuseInCompany(
  request: CommandRequest,
  kind: SecretKind = "password",
  redaction = "",
): Promise<void> {
  if (request.portal !== undefined)
    throw new FinalError(`Say that in your chat with me, so that nobody else gets your ${kind}. ${redaction}`.trim());
  try {
    if (await request.isPrivate()) return;
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    const sentence = "The homeserver does not tell me who else is in this room. Try again in a few minutes.";
    throw new FinalError(`${sentence} ${redaction}`.trim(), { cause: error });
  }
  const done = redaction === "" ? "" : ` They may have read your ${kind}: change it. ${redaction}`;
  throw new FinalError(
    `Somebody else is in this room or invited to it, so I don't take a ${kind} here. Start a direct chat with me alone.${done}`,
  );
}
