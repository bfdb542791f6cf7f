import type { Behaviour, Word } from "./behaviour.ts";
import { TransferEnd } from "./outcome.ts";
import type { Peer } from "./peer.ts";

/**
 * Says a line that is due, or what her behaviour has instead.
 * @throws TransferEnd when she is to be silent, once the other has ended the connection
 */
export async function utter(peer: Peer, word: Word, line: string, behaviour: Behaviour | undefined): Promise<void> {
  if (behaviour?.type === "silent" && behaviour.before === word) {
    await peer.drain();
    throw new TransferEnd({ type: "failed", reason: "misbehaved" });
  }
  const isOther = behaviour?.type === "says" && behaviour.insteadOf === word;
  await peer.write(`${isOther ? behaviour.line : line}\r\n`);
}

/** Whether it is the word that either side begins with; some clients put a number into it. */
export function isVersion(line: string | undefined): boolean {
  return /^VER (?:\d+ )?MSNFTP$/u.test(line ?? "");
}
