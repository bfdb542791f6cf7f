import { randomInt } from "node:crypto";

import type { Clock } from "../../../../src/util/clock.ts";
import type { Log } from "../../../../src/util/log.ts";
import type { SandboxSwitchboard } from "../../../../src/sandbox/network/switchboard.ts";
import type { Message } from "../../../../src/sandbox/wire/message.ts";
import { offeredFile, parseInvitation, type OfferedFile } from "./invitation.ts";
import { TransferEnd, type Circumstances, type FileFailure, type ReceiveOutcome, type SendOutcome } from "./outcome.ts";
import { answerAndReceive, type OfferAnswer } from "./receive-file.ts";
import { awaitClose, type FileContent } from "./receiver.ts";
import { offerAndSend, type FileToSend } from "./send-file.ts";
import { TIME_TO_ANSWER, Transfer } from "./transfer.ts";

/** A file that has come whole. */
export interface ReceivedFile extends FileContent {
  /** The passport of the sender. */
  readonly from: string;
  /** As it came, path and all. */
  readonly name: string;
}

export interface ContactFilesOptions {
  readonly passport: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A board with her and nobody else; rejects when she cannot be called. */
  readonly boardWith: (to: string) => Promise<SandboxSwitchboard>;
  /** Says something on the board, if one is still on it. */
  readonly relay: (board: SandboxSwitchboard, payload: Buffer) => void;
  readonly decide: (offer: OfferedFile) => OfferAnswer | Promise<OfferAnswer>;
}

/** The files that a scripted contact sends and receives. */
export class ContactFiles {
  /** In the order in which they were complete. */
  readonly received: ReceivedFile[] = [];
  /** Every offer made to her that is over, and how it ended. */
  readonly answered: { readonly offer: OfferedFile; readonly outcome: ReceiveOutcome }[] = [];
  readonly #options: ContactFilesOptions;
  readonly #transfers = new Set<Transfer>();

  constructor(options: ContactFilesOptions) {
    this.#options = options;
  }

  /** @throws Error when there is nobody to offer it to, or the offer is too long for one message */
  async offer(to: string, file: FileToSend): Promise<SendOutcome> {
    const board = await this.#options.boardWith(to);
    const transfer = this.#open(board, String(randomInt(1, 2 ** 32)));
    transfer.behaviour = file.behaviour;
    return this.#run(transfer, async () => {
      transfer.obey(file.signal);
      await offerAndSend(transfer, file);
      return { type: "sent" };
    });
  }

  /** Looks whether the message is about a file, and does what is to be done. */
  read(board: SandboxSwitchboard, from: string, message: Message): void {
    const invitation = parseInvitation(message);
    if (invitation === undefined) return;
    const known = [...this.#transfers].find(
      (transfer) => transfer.board === board && transfer.cookie === invitation.cookie && !transfer.isOver,
    );
    const offer = invitation.command === "INVITE" ? offeredFile(from, invitation) : undefined;
    if (known !== undefined) known.hear(invitation);
    else if (offer !== undefined) {
      const transfer = this.#open(board, offer.cookie);
      // Not at once: the sender has to see that her offer has gone out.
      setImmediate(() => this.#answer(transfer, offer));
    }
  }

  /** What still needs the board to agree is over; what has a connection goes on. */
  boardClosed(board: SandboxSwitchboard): void {
    for (const transfer of this.#transfers) {
      if (transfer.board === board && transfer.needsBoard) transfer.abort({ type: "failed", reason: "board-closed" });
    }
  }

  /** Ends everything. */
  signedOut(): void {
    for (const transfer of this.#transfers) transfer.abort({ type: "failed", reason: "signed-out" });
  }

  #open(board: SandboxSwitchboard, cookie: string): Transfer {
    const { clock, relay } = this.#options;
    const transfer = new Transfer({ clock, board, cookie, relay: (payload) => relay(board, payload) });
    this.#transfers.add(transfer);
    return transfer;
  }

  #answer(transfer: Transfer, offer: OfferedFile): void {
    const decision = transfer.signal.aborted ? "ignore" : this.#options.decide(offer);
    this.#run(transfer, async () => this.#receive(transfer, offer, decision)).then(
      (outcome) => this.answered.push({ offer, outcome }),
      (error: unknown) => this.#options.log.error({ error }, "a scripted contact could not receive a file"),
    );
  }

  async #receive(
    transfer: Transfer,
    offer: OfferedFile,
    decision: OfferAnswer | Promise<OfferAnswer>,
  ): Promise<{ type: "received"; trailing: number }> {
    const answer = await transfer.wait(Promise.resolve(decision), TIME_TO_ANSWER, "no-answer", "TIMEOUT");
    const { content, peer } = await answerAndReceive(transfer, offer, this.#options.passport, answer);
    this.received.push({ from: offer.from, name: offer.name, ...content });
    return { type: "received", trailing: await awaitClose(peer, transfer) };
  }

  async #run<T extends object>(transfer: Transfer, work: () => Promise<T>): Promise<(T | FileFailure) & Circumstances> {
    try {
      return { ...(await work()), ...transfer.circumstances };
    } catch (error) {
      if (!(error instanceof TransferEnd)) throw error;
      return { ...error.failure, ...transfer.circumstances };
    } finally {
      void transfer.close().then(() => this.#transfers.delete(transfer));
    }
  }
}
