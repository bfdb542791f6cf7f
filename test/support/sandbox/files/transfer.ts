import { sleep, type Clock } from "../../../../src/util/clock.ts";
import { untilAborted } from "../../../../src/util/until-aborted.ts";
import type { SandboxSwitchboard } from "../../../../src/sandbox/network/switchboard.ts";
import { LONGEST_MESSAGE } from "../../../../src/sandbox/wire/message.ts";
import type { Behaviour, Moment } from "./behaviour.ts";
import { cancelFields, encodeInvitation, type Field, type Invitation } from "./invitation.ts";
import { TransferEnd, type Circumstances, type FailureReason, type FileFailure, type IntruderFate } from "./outcome.ts";
import type { Peer } from "./peer.ts";

/** How long people may think about an offer, in milliseconds. */
export const TIME_TO_ANSWER = 10 * 60_000;
/** How long the one who listens waits for the other, in milliseconds. */
export const TIME_TO_CONNECT = 60_000;
/** How long nothing may come on the connection, in milliseconds. */
export const TIME_TO_GO_ON = 60_000;

export interface TransferOptions {
  readonly clock: Clock;
  readonly board: SandboxSwitchboard;
  readonly cookie: string;
  /** Says something on the board, if she is still on it. */
  readonly relay: (payload: Buffer) => void;
}

/** One file on its way, whichever way: what both sides agree on, the connections for it, and its end. */
export class Transfer {
  readonly clock: Clock;
  readonly board: SandboxSwitchboard;
  readonly cookie: string;
  /** Bytes of the file that were sent or received. */
  bytes = 0;
  announced: { address: string; port: number } | undefined;
  intruder: IntruderFate | undefined;
  /** Whether there is something left to agree on. */
  needsBoard = true;
  isOver = false;
  /** Set once it is decided. */
  behaviour: Behaviour | undefined;
  readonly #relay: (payload: Buffer) => void;
  readonly #end = new AbortController();
  readonly #peers = new Set<Peer>();
  readonly #yes = Promise.withResolvers<Invitation>();
  #isAccepted = false;

  constructor({ clock, board, cookie, relay }: TransferOptions) {
    this.clock = clock;
    this.board = board;
    this.cookie = cookie;
    this.#relay = relay;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get circumstances(): Circumstances {
    const { bytes, announced, intruder } = this;
    return { bytes, ...(announced !== undefined && { announced }), ...(intruder !== undefined && { intruder }) };
  }

  /** @throws Error when it is too long for one message */
  say(fields: readonly Field[]): void {
    const payload = encodeInvitation(fields);
    if (payload.length > LONGEST_MESSAGE) throw new Error(`an invitation of ${payload.length} bytes is too long`);
    this.#relay(payload);
  }

  /** What the other says about it on the board. */
  hear(invitation: Invitation): void {
    if (invitation.command === "ACCEPT") {
      this.#isAccepted = true;
      this.#yes.resolve(invitation);
    }
    if (invitation.command !== "CANCEL") return;
    const code = invitation.field("Cancel-Code") ?? "";
    const isNo = !this.#isAccepted && code.toUpperCase().startsWith("REJECT");
    this.abort(isNo ? { type: "declined", code } : { type: "cancelled", by: "other", code });
  }

  /** The other's yes. */
  async accepted(ms: number, reason: FailureReason, code: string): Promise<Invitation> {
    return this.wait(this.#yes.promise, ms, reason, code);
  }

  /** @throws TransferEnd when her behaviour is to cancel at this moment */
  reach(moment: Moment): void {
    const { behaviour } = this;
    if (behaviour?.type === "cancels" && behaviour.at === moment) this.cancel(behaviour.code);
  }

  /** Gives up, and says so on the board. @throws TransferEnd always */
  fail(reason: FailureReason, code: string): never {
    this.say(cancelFields(this.cookie, code));
    throw new TransferEnd({ type: "failed", reason });
  }

  /** Cancels on the board. @throws TransferEnd always */
  cancel(code: string): never {
    this.say(cancelFields(this.cookie, code));
    throw new TransferEnd({ type: "cancelled", by: "me", code });
  }

  /**
   * Settles as `work` does.
   * @param code what to cancel with on the board when it takes longer than `ms`
   * @throws TransferEnd when it takes longer, or the transfer is aborted
   */
  async wait<T>(work: Promise<T>, ms: number, reason: FailureReason, code?: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.clock.after(ms, () => {
      if (code !== undefined) this.say(cancelFields(this.cookie, code));
      late.reject(new TransferEnd({ type: "failed", reason }));
    });
    try {
      return await untilAborted(Promise.race([work, late.promise]), this.signal);
    } finally {
      timer.cancel();
    }
  }

  /** What `work` gives; undefined when it takes longer. @throws TransferEnd when the transfer is aborted */
  async within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = this.clock.after(ms, () => late.resolve(undefined));
    try {
      return await untilAborted(Promise.race([work, late.promise]), this.signal);
    } finally {
      timer.cancel();
    }
  }

  /** Waits as long as `count` bytes take at `bytesPerSecond`. */
  async pace(count: number, bytesPerSecond: number | undefined): Promise<void> {
    if (bytesPerSecond !== undefined) await sleep(this.clock, (count * 1000) / bytesPerSecond, this.signal);
  }

  /** Ends it from outside: everything that waits ends with `failure`, and every connection is gone at once. */
  abort(failure: FileFailure): void {
    this.#end.abort(new TransferEnd(failure));
    for (const peer of this.#peers) peer.destroy();
  }

  /** Gives up when `signal` is aborted, as people do who close the window. */
  obey(signal: AbortSignal | undefined): void {
    const stop = (): void => {
      if (this.isOver) return;
      this.say(cancelFields(this.cookie, "OUTBANDCANCEL"));
      this.abort({ type: "cancelled", by: "me", code: "OUTBANDCANCEL" });
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true, signal: this.signal });
  }

  /** Takes care of a connection: it does not outlive the transfer. */
  adopt(peer: Peer): void {
    this.#peers.add(peer);
    void peer.closed.then(() => this.#peers.delete(peer));
    if (this.signal.aborted) peer.destroy();
  }

  /** Destroys all connections but one. */
  keepOnly(peer: Peer): void {
    for (const other of this.#peers) if (other !== peer) other.destroy();
  }

  /** It is over. Ends all connections, once what was written is out; resolves when they are gone. */
  async close(): Promise<void> {
    this.isOver = true;
    const peers = [...this.#peers];
    for (const peer of peers) peer.end(this.clock);
    await Promise.all(peers.map(async (peer) => peer.closed));
  }
}
