import { randomInt } from "node:crypto";

import type { SenderBehaviour } from "./behaviour.ts";
import { acceptFields, announcementIn, offerFields, type Announcement, type Field } from "./invitation.ts";
import type { Peer } from "./peer.ts";
import { meetByConnecting, meetByListening } from "./rendezvous.ts";
import { senderManners, sendFile, type SendingJob, type Source } from "./sender.ts";
import { TIME_TO_ANSWER, type Transfer } from "./transfer.ts";

/** A file to offer, and how. */
export interface FileToSend {
  /** Goes out as it is, path and all. */
  readonly name: string;
  /** All of it, or what makes exactly `length` bytes from `offset` on. */
  readonly content: Buffer | ((offset: number, length: number) => Buffer);
  /** Bytes; needed when the content is a function. */
  readonly size?: number;
  /** What the offer says about her: `N` makes the receiver listen. Without it she says nothing and listens. */
  readonly connectivity?: "Y" | "N";
  readonly behaviour?: SenderBehaviour;
  /** Bytes of the file in a block; 2045 if not given. */
  readonly blockLength?: number;
  readonly bytesPerSecond?: number;
  /** More lines at the end of the offer, and of the yes that says where she listens. */
  readonly fields?: { readonly offer?: readonly Field[]; readonly address?: readonly Field[] };
  /** Aborted: she cancels, as people do who close the window. */
  readonly signal?: AbortSignal;
}

/** Offers the file, and sends it once it is wanted. @throws TransferEnd unless the receiver has said that she has it */
export async function offerAndSend(transfer: Transfer, file: FileToSend): Promise<void> {
  const { behaviour, connectivity, name, fields } = file;
  const source = sourceOf(file);
  const lie = behaviour?.type === "lies" ? behaviour : undefined;
  const { cookie } = transfer;
  const offer = offerFields({
    cookie,
    name,
    size: lie?.invitation ?? source.size,
    ...(connectivity && { connectivity }),
  });
  transfer.say([...offer, ...(fields?.offer ?? [])]);
  transfer.reach("offered");
  const yes = await transfer.accepted(TIME_TO_ANSWER, "no-answer", "TIMEOUT");
  transfer.reach("accepted");
  if (behaviour?.type === "no-address") await transfer.wait(new Promise(() => {}), TIME_TO_ANSWER, "misbehaved");
  const where = announcementIn(yes);
  const authCookie = where?.senderConnects ? where.authCookie : randomInt(1, 2 ** 30);
  const job: SendingJob = { ...file, source, size: lie?.fil ?? source.size, authCookie };
  const peer = where?.senderConnects ? await callOn(transfer, job, where) : await letIn(transfer, job, file);
  transfer.reach("connected");
  await sendFile(peer, transfer, job);
}

/** Connects to the receiver. */
async function callOn(transfer: Transfer, job: SendingJob, { address, port }: Announcement): Promise<Peer> {
  transfer.announced = { address, port };
  transfer.needsBoard = false;
  return (await meetByConnecting(transfer, port, senderManners(job), job.behaviour)).peer;
}

/** Listens for the receiver. */
async function letIn(transfer: Transfer, job: SendingJob, { connectivity, fields }: FileToSend): Promise<Peer> {
  if (connectivity === "N") transfer.fail("no-address", "FAIL");
  const announce = (address: string, port: number): void => {
    const yes = acceptFields(transfer.cookie, { address, port, authCookie: job.authCookie, senderConnects: false });
    transfer.say([...yes, ...(fields?.address ?? [])]);
    transfer.needsBoard = false;
  };
  return (await meetByListening(transfer, senderManners(job), announce, job.behaviour)).peer;
}

function sourceOf({ content, size }: FileToSend): Source {
  if (Buffer.isBuffer(content)) {
    return { size: content.length, read: (offset, length) => content.subarray(offset, offset + length) };
  }
  if (size === undefined) throw new Error("a file that is made while it is sent needs a size");
  const read = (offset: number, length: number): Buffer => {
    const piece = content(offset, length);
    if (piece.length !== length) throw new Error(`asked for ${length} bytes, the content gave ${piece.length}`);
    return piece;
  };
  return { size, read };
}
