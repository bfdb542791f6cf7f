import type { Writable } from "node:stream";
import { parseCount } from "../wire/reader.ts";
import { BlockReader } from "./blocks.ts";
import type { ActivityMonitor } from "./transfer-lifecycle.ts";
import type { Link } from "./link.ts";
import type { Appetite } from "./link-reading.ts";
import { expectVersion, RECEIVED_CODES, VERSION_LINE } from "./msnftp.ts";
import { failed, type FileProblem, type TransferOutcome } from "./outcome.ts";

const [RECEIVED] = RECEIVED_CODES;

// docs/msnp.md 5.2: the numbers of a BYE for what went wrong with us, as far as there are any.
const BYE_CODES: Partial<Record<FileProblem, number>> = {
  content: 2_147_942_405,
  stalled: 2_164_261_694,
  "too-slow": 2_164_261_694,
};

/**
 * Shows the sender of a file who we are, and hears what they are about to send.
 * @param account our own
 * @param size what they have announced, in bytes
 * @throws TransferEnd
 */
export async function greetSender(link: Link, account: string, authCookie: string, size: number): Promise<void> {
  await link.write(VERSION_LINE);
  expectVersion(await link.line());
  await link.write(`USR ${account} ${authCookie}\r\n`);
  // FIL size
  const line = await link.line();
  if (line === undefined) throw failed("closed");
  const words = line.trim().split(" ");
  if (words[0]?.toUpperCase() !== "FIL") throw failed("protocol");
  if (parseCount(words.at(-1)) !== size) throw failed("wrong-size");
}

/**
 * Receives a file from a sender who was greeted, and ends `content` behind its last byte. To confirm it is left to the
 * last words.
 * @throws TransferEnd
 */
export async function receiveContent(
  link: Link,
  size: number,
  content: Writable,
  monitor: ActivityMonitor,
): Promise<void> {
  await link.write("TFR\r\n");
  const blocks = new BlockReader(size);
  let pause: Promise<void> | undefined;
  const take = (bytes: Buffer): Appetite => {
    const part = blocks.push(bytes);
    if (part.length === 0) return blocks.isComplete ? "enough" : "more";
    const isTaken = content.write(part);
    pause = monitor.moved(part.length);
    if (blocks.isComplete) return "enough";
    return isTaken ? (pause ?? "more") : drained(content, monitor, pause);
  };
  if (!blocks.isComplete) await link.read(take);
  await pause;
  monitor.waitFor("us");
  await ended(content);
}

/** What the receiver of a file says last, when that was the outcome. */
export function closingLineOfReceiver(outcome: TransferOutcome): string {
  switch (outcome.state) {
    case "done":
      return `BYE ${RECEIVED}\r\n`;
    case "declined":
    case "cancelled":
      return outcome.by === "us" ? "CCL\r\n" : "";
    case "failed": {
      const code = BYE_CODES[outcome.problem];
      return code === undefined ? "" : `BYE ${code}\r\n`;
    }
  }
}

/** Until `content` takes more. If it never does, its owner is told, and the connection ends. */
async function drained(content: Writable, monitor: ActivityMonitor, pause: Promise<void> | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  content.once("drain", resolve);
  await pause;
  monitor.waitFor("us");
  await promise;
  monitor.waitFor("them");
}

async function ended(content: Writable): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  content.end((error?: Error | null) => (error ? reject(failed("content", error)) : resolve()));
  await promise;
}
