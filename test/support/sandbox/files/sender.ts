import { stopOf, type SenderBehaviour } from "./behaviour.ts";
import { END_MARK, LONGEST_BLOCK, encodeBlocks, encodedLength } from "./blocks.ts";
import { TransferEnd } from "./outcome.ts";
import type { Peer } from "./peer.ts";
import type { Manners } from "./rendezvous.ts";
import { isVersion, utter } from "./speech.ts";
import { TIME_TO_GO_ON, type Transfer } from "./transfer.ts";

/** Blocks that are written at once when nobody looks at the pace. */
const BATCH = 32;
const SUCCESS = new Set(["16777989", "16777987"]);
const CANCELLED = new Set(["2164261682", "2164261683"]);

export interface SendingJob {
  /** What the receiver has to show. */
  readonly authCookie: number;
  /** The size as it is told on the connection. */
  readonly size: number;
  readonly source: Source;
  /** Bytes of the file in a block; 2045 if not given. */
  readonly blockLength?: number;
  readonly bytesPerSecond?: number;
  readonly behaviour?: SenderBehaviour;
}

/** What is really sent. */
export interface Source {
  readonly size: number;
  /** Exactly `length` bytes. */
  read(offset: number, length: number): Buffer;
}

/** How the sender of a file meets its receiver, who speaks first (docs/msnp.md 5). */
export function senderManners({ authCookie, behaviour }: SendingJob): Manners<true> {
  return {
    greet: async (peer) => {
      if (!isVersion(await peer.line())) return undefined;
      await utter(peer, "VER", "VER MSNFTP", behaviour);
      const shown = /^USR \S+ (?<cookie>\d+)$/u.exec((await peer.line()) ?? "")?.groups?.["cookie"];
      return shown === String(authCookie) && behaviour?.type !== "wrong-cookie" ? true : undefined;
    },
    stranger: async (peer) => {
      await peer.line();
      await peer.write("HELLO\r\n");
      return (await peer.line()) !== undefined;
    },
    again: async (peer) => (await peer.line()) !== undefined,
  };
}

/** Sends the file to a receiver who has shown her number. @throws TransferEnd unless she has said that she has it all */
export async function sendFile(peer: Peer, transfer: Transfer, job: SendingJob): Promise<void> {
  const { behaviour, size, source } = job;
  await transfer.wait(utter(peer, "FIL", `FIL ${size}`, behaviour), TIME_TO_GO_ON, "stalled");
  const start = await transfer.wait(peer.line(), TIME_TO_GO_ON, "stalled");
  if (start !== "TFR") throw unexpected(start);
  // She may end it at any time, also while blocks are on their way.
  const answer = peer.line();
  await pour(peer, transfer, job, answer);
  if (behaviour !== undefined && transfer.bytes === stopOf(behaviour)) await stop(peer, transfer, job);
  const last = await transfer.wait(answer, TIME_TO_GO_ON, "stalled");
  if (last === "CCL") {
    await peer.write(END_MARK);
    throw new TransferEnd({ type: "cancelled", by: "other", code: "CCL" });
  }
  checkBye(last, transfer.bytes >= source.size);
  if (behaviour?.type === "late-block") await peer.write(encodeBlocks(Buffer.from("late"), LONGEST_BLOCK));
}

async function pour(
  peer: Peer,
  transfer: Transfer,
  job: SendingJob,
  answer: Promise<string | undefined>,
): Promise<void> {
  const { behaviour, bytesPerSecond, blockLength = LONGEST_BLOCK } = job;
  const batch = blockLength * (bytesPerSecond === undefined ? BATCH : 1);
  const source = behaviour?.type === "sends-more" ? longer(job.source, behaviour.bytes) : job.source;
  const limit = Math.min(source.size, stopOf(behaviour) ?? Infinity);
  // What cannot be told from an accident breaks off within a block, everything else between two.
  const isCut = behaviour?.type === "stalls" || behaviour?.type === "closes" || behaviour?.type === "resets";
  const planned = isCut ? source.size : limit;
  const state = { isEnded: false };
  void answer.then(() => (state.isEnded = true));
  while (transfer.bytes < limit && !state.isEnded) {
    const piece = source.read(transfer.bytes, Math.min(batch, planned - transfer.bytes));
    const count = Math.min(piece.length, limit - transfer.bytes);
    const encoded = encodeBlocks(piece, blockLength).subarray(0, encodedLength(count, blockLength));
    await transfer.wait(Promise.race([peer.write(encoded), answer]), TIME_TO_GO_ON, "stalled");
    transfer.bytes += count;
    await transfer.pace(count, bytesPerSecond);
  }
}

function longer(source: Source, more: number): Source {
  const read = (offset: number, length: number): Buffer => {
    const own = Math.max(0, Math.min(length, source.size - offset));
    const parts = own === 0 ? [] : [source.read(offset, own)];
    return Buffer.concat([...parts, Buffer.alloc(length - own, 0xee)]);
  };
  return { size: source.size + more, read };
}

async function stop(peer: Peer, transfer: Transfer, { behaviour, source }: SendingJob): Promise<void> {
  switch (behaviour?.type) {
    case "cancels":
      return transfer.cancel(behaviour.code);
    case "closes":
      throw new TransferEnd({ type: "failed", reason: "misbehaved" });
    case "resets":
      peer.reset();
      throw new TransferEnd({ type: "failed", reason: "misbehaved" });
    case "marker":
      await peer.write(END_MARK);
      if (transfer.bytes < source.size) throw new TransferEnd({ type: "cancelled", by: "me", code: "01" });
      return;
    case "garbage-block":
      await peer.write(behaviour.bytes);
      return;
    default:
  }
}

/** @throws TransferEnd unless it is the end of a transfer that has succeeded */
function checkBye(line: string | undefined, isAllSent: boolean): void {
  const code = /^BYE (?<code>\d+)$/u.exec(line ?? "")?.groups?.["code"];
  if (code === undefined) throw unexpected(line);
  if (CANCELLED.has(code)) throw new TransferEnd({ type: "cancelled", by: "other", code });
  if (!SUCCESS.has(code) || !isAllSent) throw new TransferEnd({ type: "failed", reason: "bye", code });
}

function unexpected(line: string | undefined): TransferEnd {
  return new TransferEnd({ type: "failed", reason: line === undefined ? "closed" : "garbage" });
}
