import type { CommandRoom } from "../bridge/from-matrix/command-room.ts";
import { MatrixError } from "../matrix/client/errors.ts";
import { FinalError } from "./errors.ts";
import { sayNotPrivate, sayRemoval, type NotPrivate, type SecretKind } from "./say/secret.ts";

// What access tokens look like: long, and of no language.
const TOKEN = /(?:^|\s)[\w+/=.~-]{28,}(?:\s|$)/u;

const ADDRESS_AND_MORE = /\S@(?:[^\s@]+\s+|[\p{L}\p{N}._-]+[^\p{L}\p{N}._\s@-]\s*)\S/u;

/** Whether something stands behind an e-mail address, or there is something like an access token. */
export function mayHoldSecret(text: string): boolean {
  return ADDRESS_AND_MORE.test(text) || TOKEN.test(text);
}

/** Removes what was said in a room, and tells what came of it. */
export async function removeSecret(room: CommandRoom, kind: SecretKind = "password"): Promise<string> {
  return sayRemoval(await room.redact(), kind);
}

/**
 * Goes on only where the user and the bot are the only ones who read, at this moment.
 * @param redaction what became of a secret that was said already
 * @throws FinalError
 */
export async function refuseInCompany(room: CommandRoom, kind: SecretKind = "password", redaction = ""): Promise<void> {
  const reason = await whyNotPrivate(room);
  if (reason !== undefined) throw new FinalError(sayNotPrivate(reason, kind, redaction));
}

async function whyNotPrivate(room: CommandRoom): Promise<NotPrivate | undefined> {
  if (room.portal !== undefined) return "chat";
  try {
    return (await room.isPrivate()) ? undefined : "company";
  } catch (error) {
    if (error instanceof MatrixError) return "unanswered";
    throw error;
  }
}
