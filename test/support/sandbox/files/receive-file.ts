import { randomInt } from "node:crypto";

import type { ReceiverBehaviour } from "./behaviour.ts";
import { acceptFields, announcementIn, type Field, type OfferedFile } from "./invitation.ts";
import { TransferEnd } from "./outcome.ts";
import type { Peer } from "./peer.ts";
import { receiveFile, receiverManners, type FileContent, type ReceivingJob } from "./receiver.ts";
import { meetByConnecting, meetByListening } from "./rendezvous.ts";
import { TIME_TO_ANSWER, TIME_TO_CONNECT, type Transfer } from "./transfer.ts";

/** How an offer is accepted. */
interface Acceptance {
  /** Whether she listens; if not given, she does when the sender cannot. */
  readonly listens?: boolean;
  readonly behaviour?: ReceiverBehaviour;
  /** How fast she reads. */
  readonly bytesPerSecond?: number;
  /** More lines at the end of her yes. */
  readonly fields?: readonly Field[];
  /** Aborted: she cancels, as people do who close the window. */
  readonly signal?: AbortSignal;
}

/** `ignore`: she never answers. */
export type OfferAnswer = "accept" | "decline" | "ignore" | Acceptance;

/** A yes or no to an offer, and the file if it was a yes. @throws TransferEnd unless all of it has come */
export async function answerAndReceive(
  transfer: Transfer,
  offer: OfferedFile,
  passport: string,
  answer: OfferAnswer,
): Promise<{ content: FileContent; peer: Peer }> {
  if (answer === "ignore") await transfer.wait(new Promise(() => {}), TIME_TO_ANSWER, "no-answer");
  if (answer === "decline") transfer.cancel("REJECT");
  const acceptance: Acceptance = typeof answer === "string" ? {} : answer;
  transfer.behaviour = acceptance.behaviour;
  transfer.obey(acceptance.signal);
  transfer.reach("offered");
  const isListening = acceptance.listens ?? offer.connectivity === "N";
  const meet = isListening ? letIn : callOn;
  const { peer, size, job } = await meet(transfer, { ...acceptance, passport });
  transfer.reach("connected");
  if (size !== offer.size) throw new TransferEnd({ type: "failed", reason: "size" });
  return { content: await receiveFile(peer, transfer, job, size), peer };
}

type Wish = Acceptance & { readonly passport: string };

interface Met {
  readonly peer: Peer;
  readonly size: number;
  readonly job: ReceivingJob;
}

/** Connects to where the sender says she listens. */
async function callOn(transfer: Transfer, wish: Wish): Promise<Met> {
  transfer.say([...acceptFields(transfer.cookie), ...(wish.fields ?? [])]);
  transfer.reach("accepted");
  const yes = await transfer.accepted(TIME_TO_CONNECT, "no-address", "FTTIMEOUT");
  const where = announcementIn(yes);
  if (where === undefined) transfer.fail("no-address", "FAIL");
  transfer.announced = { address: where.address, port: where.port };
  transfer.needsBoard = false;
  const job = { ...wish, authCookie: where.authCookie };
  const met = await meetByConnecting(transfer, where.port, receiverManners(job), wish.behaviour);
  return { peer: met.peer, size: met.greeting, job };
}

/** Listens for the sender. */
async function letIn(transfer: Transfer, wish: Wish): Promise<Met> {
  const job = { ...wish, authCookie: randomInt(1, 2 ** 30) };
  const announce = (address: string, port: number): void => {
    const yes = acceptFields(transfer.cookie, { address, port, authCookie: job.authCookie, senderConnects: true });
    transfer.say([...yes, ...(wish.fields ?? [])]);
    transfer.needsBoard = false;
    transfer.reach("accepted");
  };
  const met = await meetByListening(transfer, receiverManners(job), announce, wish.behaviour);
  return { peer: met.peer, size: met.greeting, job };
}
