import { createHash } from "node:crypto";

import { stopOf, type ReceiverBehaviour } from "./behaviour.ts";
import { LONGEST_BLOCK, parseBlockHeader } from "./blocks.ts";
import { TransferEnd } from "./outcome.ts";
import type { Peer } from "./peer.ts";
import type { Manners } from "./rendezvous.ts";
import { isVersion, utter } from "./speech.ts";
import { TIME_TO_GO_ON, type Transfer } from "./transfer.ts";

const HEADER = 3;
const TIME_TO_CLOSE = 5000;
/** Larger files are not kept in memory. */
const LARGEST_KEPT = 4 * 2 ** 20;

export interface ReceivingJob {
  /** Of the receiver. */
  readonly passport: string;
  readonly authCookie: number;
  readonly bytesPerSecond?: number;
  readonly behaviour?: ReceiverBehaviour;
}

/** What has come of a file. */
export interface FileContent {
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
  /** Undefined when it is more than 4 MiB. */
  readonly bytes: Buffer | undefined;
  /** Blocks before the last that were not full: some clients get lost in such a file. */
  readonly shortBlocks: number;
}

/** How the receiver of a file meets its sender; she learns the size by it (docs/msnp.md 5). */
export function receiverManners(job: ReceivingJob): Manners<number> {
  const { authCookie, behaviour } = job;
  const wrong = authCookie + 1;
  return {
    greet: async (peer) => greet(peer, job, behaviour?.type === "wrong-cookie" ? wrong : authCookie),
    stranger: async (peer) => (await greet(peer, job, wrong)) !== undefined,
    again: async (peer) => (await greet(peer, job, authCookie)) !== undefined,
  };
}

async function greet(
  peer: Peer,
  { passport, behaviour }: ReceivingJob,
  authCookie: number,
): Promise<number | undefined> {
  await utter(peer, "VER", "VER MSNFTP", behaviour);
  if (!isVersion(await peer.line())) return undefined;
  await utter(peer, "USR", `USR ${passport} ${authCookie}`, behaviour);
  const size = /^FIL (?<size>\d+)$/u.exec((await peer.line()) ?? "")?.groups?.["size"];
  return size === undefined ? undefined : Number(size);
}

/** Receives `size` bytes and says so. @throws TransferEnd unless all of it has come */
export async function receiveFile(
  peer: Peer,
  transfer: Transfer,
  job: ReceivingJob,
  size: number,
): Promise<FileContent> {
  const { behaviour } = job;
  await transfer.wait(utter(peer, "TFR", "TFR", behaviour), TIME_TO_GO_ON, "stalled");
  const sink = new Sink();
  const limit = Math.min(size, stopOf(behaviour) ?? Infinity);
  let shortBlocks = 0;
  while (transfer.bytes < limit) {
    const length = await nextBlock(peer, transfer);
    if (length < LONGEST_BLOCK && transfer.bytes + length < size) shortBlocks += 1;
    await takeBlock(peer, transfer, sink, Math.min(length, limit - transfer.bytes));
    await transfer.pace(length, job.bytesPerSecond);
  }
  if (behaviour !== undefined && stopOf(behaviour) === transfer.bytes) await stop(peer, transfer, behaviour);
  await transfer.wait(utter(peer, "BYE", "BYE 16777989", behaviour), TIME_TO_GO_ON, "stalled");
  return { size, ...sink.content(), shortBlocks };
}

/** Waits up to 5 s for the sender to close. Returns how many bytes came instead of the end. */
export async function awaitClose(peer: Peer, transfer: Transfer): Promise<number> {
  let trailing = 0;
  const end = peer.drain((count) => (trailing += count));
  await transfer.within(end, TIME_TO_CLOSE);
  return trailing;
}

async function nextBlock(peer: Peer, transfer: Transfer): Promise<number> {
  const bytes = await transfer.wait(peer.exactly(HEADER), TIME_TO_GO_ON, "stalled");
  if (bytes === undefined) throw new TransferEnd({ type: "failed", reason: "closed" });
  const header = parseBlockHeader(bytes);
  if (header === undefined) throw new TransferEnd({ type: "failed", reason: "garbage" });
  if (header.type === "end") throw new TransferEnd({ type: "cancelled", by: "other", code: "01" });
  return header.length;
}

async function takeBlock(peer: Peer, transfer: Transfer, sink: Sink, length: number): Promise<void> {
  for (let left = length; left > 0;) {
    const bytes = await transfer.wait(peer.some(left), TIME_TO_GO_ON, "stalled");
    if (bytes === undefined) throw new TransferEnd({ type: "failed", reason: "closed" });
    sink.add(bytes);
    left -= bytes.length;
    transfer.bytes += bytes.length;
  }
}

async function stop(peer: Peer, transfer: Transfer, behaviour: ReceiverBehaviour): Promise<void> {
  switch (behaviour.type) {
    case "cancels":
      return transfer.cancel(behaviour.code);
    case "stalls":
      await transfer.wait(peer.closed, TIME_TO_GO_ON, "misbehaved");
      throw new TransferEnd({ type: "failed", reason: "misbehaved" });
    case "closes":
      throw new TransferEnd({ type: "failed", reason: "misbehaved" });
    case "resets":
      peer.reset();
      throw new TransferEnd({ type: "failed", reason: "misbehaved" });
    case "CCL":
      return leave(peer, transfer, "CCL", new TransferEnd({ type: "cancelled", by: "me", code: "CCL" }));
    case "bye": {
      const end = new TransferEnd({ type: "failed", reason: "misbehaved", code: String(behaviour.code) });
      return leave(peer, transfer, `BYE ${behaviour.code}`, end);
    }
    default:
  }
}

/** Says that it is over and gives the sender up to 5 s to close. @throws `end` always */
async function leave(peer: Peer, transfer: Transfer, line: string, end: TransferEnd): Promise<never> {
  await transfer.within(
    peer.write(`${line}\r\n`).then(async () => peer.drain()),
    TIME_TO_CLOSE,
  );
  throw end;
}

/** Takes the bytes of a file, and keeps them if they are few. */
class Sink {
  readonly #hash = createHash("sha256");
  #kept: Buffer[] | undefined = [];
  #size = 0;

  add(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    if (this.#size > LARGEST_KEPT) this.#kept = undefined;
    this.#kept?.push(Buffer.from(bytes));
  }

  content(): { sha256: string; bytes: Buffer | undefined } {
    return { sha256: this.#hash.digest("hex"), bytes: this.#kept && Buffer.concat(this.#kept) };
  }
}
