import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Clock, Timer } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import type { Members } from "../room/members.ts";
import type { Session } from "../session/session.ts";

// docs/msnp.md 4.6: sent every five seconds while somebody types, and shown for ten.
const EVERY_MS = 5000;
const SHOWN_MS = 10_000;
// A homeserver tells when somebody stops. If that is lost, it must not go on for ever.
const LONGEST_MS = 2 * 60_000;
// What may wait for a slow homeserver: it is out of date soon.
const WAITING = 4;

export interface TypingToMsnOptions {
  /** Shows the others that the owner types, if a switchboard is open. */
  readonly sendTyping: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** Shows on MSN that the owner of a portal types. */
export class TypingToMsn {
  readonly #options: TypingToMsnOptions;
  #timer: Timer | undefined;
  #since = 0;
  #sentAt = 0;

  constructor(options: TypingToMsnOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.stop(), { once: true });
  }

  /** She types, or goes on typing. */
  start(): void {
    const { clock, signal } = this.#options;
    this.#since = clock.now();
    if (this.#timer === undefined && !signal.aborted) this.#again();
  }

  /** She does not type any more. MSN has no word for it. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #again(): void {
    const { clock, sendTyping, log } = this.#options;
    this.#timer = undefined;
    const now = clock.now();
    if (now - this.#since >= LONGEST_MS) return;
    // She may stop and start as she likes: others are told every five seconds at most.
    const wait = this.#sentAt + EVERY_MS - now;
    if (wait <= 0 || wait > EVERY_MS) {
      this.#sentAt = now;
      sendTyping().catch((error: unknown) => log.debug({ error }, "typing could not be shown on MSN"));
    }
    this.#timer = clock.after(wait > 0 && wait <= EVERY_MS ? wait : EVERY_MS, () => this.#again());
  }
}

export interface TypingToMatrixOptions {
  readonly roomId: () => string | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Shows in a portal's room that somebody on MSN types. */
export class TypingToMatrix {
  readonly #options: TypingToMatrixOptions;
  readonly #queue = new SerialQueue(WAITING);
  /** Until when each ghost is shown typing, in milliseconds since the epoch. */
  readonly #shown = new Map<string, number>();

  constructor(options: TypingToMatrixOptions) {
    this.#options = options;
  }

  /** She types; nothing is shown where there is no room. */
  start(ghost: Pick<UserIntent, "userId" | "typing">): void {
    const now = this.#options.clock.now();
    // Once in five seconds is what honest clients send.
    if (now < (this.#shown.get(ghost.userId) ?? 0) - SHOWN_MS + EVERY_MS / 2) return;
    if (this.#put(ghost, true)) this.#shown.set(ghost.userId, now + SHOWN_MS);
  }

  /** She has said what she was typing. */
  end(ghost: Pick<UserIntent, "userId" | "typing">): void {
    const until = this.#shown.get(ghost.userId) ?? 0;
    this.#shown.delete(ghost.userId);
    if (this.#options.clock.now() < until) this.#put(ghost, false);
  }

  #put(ghost: Pick<UserIntent, "typing">, isTyping: boolean): boolean {
    const { roomId: room, log } = this.#options;
    const roomId = room();
    if (roomId === null) return false;
    this.#queue
      .add(() => ghost.typing(roomId, isTyping, SHOWN_MS))
      .catch((error: unknown) => log.debug({ error }, "typing could not be shown"));
    return true;
  }
}

export interface PortalTypingOptions extends TypingToMatrixOptions {
  readonly members: Pick<Members, "intentOf" | "target">;
  readonly session: Pick<Session, "state" | "say">;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** Who types in a portal. Nothing of it is kept, and it opens neither a room nor a switchboard. */
export class PortalTyping {
  readonly #options: PortalTypingOptions;
  readonly #toMatrix: TypingToMatrix;
  readonly #toMsn: TypingToMsn;

  constructor(options: PortalTypingOptions) {
    this.#options = options;
    this.#toMatrix = new TypingToMatrix(options);
    this.#toMsn = new TypingToMsn({ ...options, sendTyping: () => this.#sendTyping() });
  }

  /** The owner types, or does not any more. */
  owner(isTyping: boolean): void {
    if (isTyping) this.#toMsn.start();
    else this.#toMsn.stop();
  }

  /** Somebody on MSN types. */
  start(account: string): void {
    this.#toMatrix.start(this.#options.members.intentOf(account));
  }

  /** Somebody on MSN, the only one if nobody is named, has said something. */
  end(account: string | undefined): void {
    this.#toMatrix.end(this.#options.members.intentOf(account));
  }

  // Saying it would wait for a connection that is being made, and typing must not.
  async #sendTyping(): Promise<void> {
    const { session, members, clock } = this.#options;
    if (session.state.type !== "connected") return;
    await session.say(members.target, { type: "typing" }, clock.now(), () => undefined);
  }
}
