// THE LIFE OF A TRANSFER
//
// The problem. A file is agreed on over a switchboard and goes over a connection of its own, which either side may open,
// on which either side may stop, and which may break, stall or never come about. Whatever happens it ends once, both sides
// learn how, and nothing of it is left behind.
//
// Its states, and what ends them in time:
//
//   offered ──accept──► connecting ──a connection is greeted──► moving ──the receiver confirms──► done
//      │ offerMs            │ connectMs                            │ idleMs without a byte, longestMs in all
//      ▼                    ▼                                      ▼
//   declined             failed, cancelled                      failed, cancelled
//
// Rules
// - `end` is the only way out, and counts once. What belongs to the transfer listens to `signal` or `onEnd`.
// - Until it moves the contact is told of an end on the switchboard, with a code; afterwards the connection itself says it.
// - What takes back an offer is written behind the offer, also when the offer still waits for a switchboard.
// - Before the file moves, a contact who signs out ends it, and one who leaves the switchboard has five seconds to connect.
//   What moves goes on without a switchboard.
// - Waiting of our own accord (`maxRate`, a slow disk) is no standstill of the other side.
//
// What must never happen
// - `done` without the receiver's confirmation.
// - A place, a port, a timer or a stream that outlives its transfer.

import { later, sleep, type Timer } from "../../util/clock.ts";
import type { Address } from "../base/address.ts";
import { dialInTime } from "../net/dial.ts";
import type { Delivery, WriteListener } from "../chat/delivery.ts";
import type { CancelCode, OutgoingInvitation } from "../wire/invitation.ts";
import type { TransferContext, TransferSubject } from "./transfer-context.ts";
import { Link } from "./link.ts";
import { cancelCodeOf, failed, failure, outcomeOf, type FileProblem, type TransferOutcome } from "./outcome.ts";

// How long after that a connection may still come.
const LEFT_MS = 5000;

/** Tells whether a transfer lives. */
export interface ActivityMonitor {
  /** Says who is to do something now. */
  waitFor(whom: "us" | "them"): void;
  /** So many more bytes have gone over. @returns where more may not go at once, a promise of when they may */
  moved(bytes: number): Promise<void> | undefined;
}

/**
 * The way of a transfer from the offer to its end, of which there is one only. Whatever belongs to it lives as long as
 * its signal is not aborted.
 */
export class TransferLifecycle implements ActivityMonitor, WriteListener {
  readonly #context: TransferContext;
  readonly #subject: TransferSubject;
  readonly #over = new AbortController();
  readonly #ended = Promise.withResolvers<TransferOutcome>();
  #deadline: Timer | undefined;
  /** What is wrong when the deadline passes. */
  #late: FileProblem = "unconnected";
  /** Whether there is a connection for the file, so that nothing has to be said on the switchboard any more. */
  #isMoving = false;
  /** Whether something waits to be written on the switchboard. */
  #isSaying = false;
  /** What is to be said behind it. */
  #lateCode: CancelCode | undefined;
  #bytes = 0;
  #startedAt = 0;
  #movedAt = 0;
  #waitingFor: "us" | "them" = "them";

  constructor(context: TransferContext, subject: TransferSubject) {
    this.#context = context;
    this.#subject = subject;
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Never rejects. */
  get outcome(): Promise<TransferOutcome> {
    return this.#ended.promise;
  }

  /** How many bytes of the file have gone over. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Ends it, unless it has ended; the contact is told, unless they know. */
  end(outcome: TransferOutcome): void {
    if (this.signal.aborted) return;
    this.#deadline?.cancel();
    const code = this.#isMoving ? undefined : cancelCodeOf(outcome);
    // What takes back an offer must not come before it.
    if (this.#isSaying) this.#lateCode = code;
    else if (code !== undefined) this.#mention(code);
    this.#over.abort();
    this.#ended.resolve(outcome);
  }

  /** What to do at its end, or now if it has ended. */
  onEnd(act: (outcome: TransferOutcome) => void): void {
    void this.outcome.then(act);
  }

  /** Does a part of it, unless it has ended; it ends when that fails. */
  run(work: () => Promise<void> | void): void {
    if (!this.signal.aborted) void this.#attempt(work);
  }

  /** What is under way now has to come to something within `ms` milliseconds. */
  within(ms: number, problem: FileProblem): void {
    this.#deadline?.cancel();
    if (this.signal.aborted) return;
    this.#late = problem;
    this.#deadline = this.#context.clock.after(ms, () => this.end(failure(this.#late)));
  }

  /** One of the ways to connect has come to nothing: that is what is wrong if the others do, too. */
  blame(problem: FileProblem): void {
    if (!this.#isMoving) this.#late = problem;
  }

  /**
   * The contact has signed out, or left the switchboard. Nothing can be agreed any more; what goes over already goes on.
   * A contact who only left may have said all there was to say, and be about to connect.
   */
  contactGone(how: "signed-out" | "left"): void {
    if (this.#isMoving) return;
    if (how === "signed-out") this.end(failure("signed-out"));
    else this.within(LEFT_MS, "left");
  }

  /** Takes one of the places for transfers, until the end. @param from as `TransferPlaces.take`. @throws TransferEnd `too-many` */
  takePlace(from?: string): void {
    const { places } = this.#context;
    if (!places.take(from)) throw failed("too-many");
    this.onEnd(() => places.giveBack(from));
  }

  /**
   * Tells the contact on the switchboard. What becomes of it is known only after some seconds, so that nothing waits for
   * it; a transfer of which they do not learn ends.
   */
  say(invitation: OutgoingInvitation): void {
    this.run(async () => {
      const delivery = await this.#tell(invitation);
      if (this.#lateCode !== undefined) this.#mention(this.#lateCode);
      if (delivery.state === "failed" && !this.#isMoving) throw failed("undelivered", delivery.error);
    });
  }

  /**
   * Connects to the first of the addresses that answers.
   * @param unneeded aborted when there is another connection
   * @throws TransferEnd `unreachable`
   */
  async connect(addresses: readonly Address[], unneeded?: AbortSignal): Promise<Link> {
    const { dial, clock } = this.#context;
    const isOver = (): boolean => this.signal.aborted || unneeded?.aborted === true;
    let cause: unknown;
    for (const address of addresses) {
      try {
        const link = new Link(await dialInTime(dial, address, clock), clock);
        if (!isOver()) return link;
        link.destroy();
      } catch (error) {
        cause = error;
      }
      if (isOver()) break;
    }
    throw failed("unreachable", cause);
  }

  /** Ends a connection with the transfer. @param closingLine what to say on it for an outcome */
  own(link: Link, closingLine: (outcome: TransferOutcome) => string | Buffer): void {
    this.onEnd((outcome) => link.close(closingLine(outcome)));
  }

  /** The file itself begins to go over. */
  start(): void {
    const { rules, clock } = this.#context;
    this.#isMoving = true;
    this.#startedAt = clock.now();
    this.#movedAt = clock.now();
    this.within(rules.longestMs(this.#subject.size), "too-slow");
    this.#watch(rules.idleMs);
  }

  waitFor(whom: "us" | "them"): void {
    this.#waitingFor = whom;
    this.#movedAt = this.#context.clock.now();
  }

  moved(bytes: number): Promise<void> | undefined {
    const { rules, clock } = this.#context;
    const now = clock.now();
    this.#bytes += bytes;
    this.#movedAt = now;
    this.#subject.reportProgress(this.#bytes);
    const early = (this.#bytes / rules.maxRate) * 1000 - (now - this.#startedAt);
    if (early < 1) return undefined;
    // What we wait for of our own accord is no standstill.
    this.#movedAt = now + early;
    return sleep(clock, early, this.signal);
  }

  /** What was said is about to be written. */
  onWrite(): void {
    this.#isSaying = false;
  }

  async #attempt(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.end(outcomeOf(error));
    }
  }

  async #tell(invitation: OutgoingInvitation): Promise<Delivery> {
    this.#isSaying = true;
    try {
      return await this.#context.channel.say(this.#subject.contact, invitation, this);
    } catch (error) {
      throw failed("undelivered", error);
    }
  }

  // A timer for every block would be wasteful, so one looks when the last block was.
  #watch(ms: number): void {
    const { rules, clock } = this.#context;
    later(clock, ms, this.signal, () => {
      const rest = this.#movedAt + rules.idleMs - clock.now();
      if (rest > 0) this.#watch(rest);
      else this.end(failure(this.#waitingFor === "us" ? "content" : "stalled"));
    });
  }

  #mention(code: CancelCode): void {
    const { contact, cookie } = this.#subject;
    this.#context.channel.mention(contact, { type: "cancel", cookie, code });
  }
}
