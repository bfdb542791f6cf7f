import type { UserIntent } from "../../matrix/client/intent.ts";
import { later, type Timer } from "../../util/clock.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import type { PortalRoom } from "../room/portal-room.ts";
import type { PortalScope } from "../room/portal-scope.ts";

// docs/msnp.md 4.6: sent every five seconds while a user types, and shown for ten.
const EVERY_MS = 5000;
const SHOWN_MS = 10_000;
// A homeserver tells when a user stops. If that is lost, it must not go on for ever.
const LONGEST_MS = 2 * 60_000;
// What may wait for a slow homeserver: it is out of date soon.
const WAITING = 4;

type TypingScope = Pick<PortalScope, "clock" | "log" | "signal">;

/** Shows the contacts that the owner types, if a switchboard is open. */
export interface TypingOnMsn {
  sendTyping(): Promise<void>;
}

/** Shows on MSN that the owner of a portal types. */
export class TypingToMsn {
  readonly #scope: TypingScope;
  readonly #msn: TypingOnMsn;
  #timer: Timer | undefined;
  #since = -Infinity;
  #sentAt = -Infinity;

  constructor(scope: TypingScope, msn: TypingOnMsn) {
    this.#scope = scope;
    this.#msn = msn;
  }

  /** They type, or go on typing. */
  start(): void {
    const { clock, signal } = this.#scope;
    this.#since = clock.now();
    if (this.#timer === undefined && !signal.aborted) this.#again();
  }

  /** They do not type any more. MSN has no word for it. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #again(): void {
    const { clock, log, signal } = this.#scope;
    this.#timer = undefined;
    const now = clock.now();
    if (now - this.#since >= LONGEST_MS) return;
    // They may stop and start as they like: others are told every five seconds at most.
    const wait = this.#sentAt + EVERY_MS - now;
    if (wait <= 0) {
      this.#sentAt = now;
      this.#msn.sendTyping().catch((error: unknown) => log.debug({ error }, "typing could not be shown on MSN"));
    }
    this.#timer = later(clock, wait > 0 ? wait : EVERY_MS, signal, () => this.#again());
  }
}

interface TypingToMatrixScope extends Pick<PortalScope, "clock" | "log"> {
  readonly room: Pick<PortalRoom, "roomId">;
}

/** Shows in a portal's room that a contact types. */
export class TypingToMatrix {
  readonly #scope: TypingToMatrixScope;
  readonly #queue = new SerialQueue(WAITING);
  /** Until when each ghost is shown typing. */
  readonly #shown = new Map<string, number>();

  constructor(scope: TypingToMatrixScope) {
    this.#scope = scope;
  }

  /** A contact types; nothing is shown where there is no room. */
  start(ghost: Pick<UserIntent, "userId" | "typing">): void {
    const now = this.#scope.clock.now();
    // Once in five seconds is what honest clients send.
    if (now < (this.#shown.get(ghost.userId) ?? -Infinity) - SHOWN_MS + EVERY_MS / 2) return;
    if (this.#put(ghost, true)) this.#shown.set(ghost.userId, now + SHOWN_MS);
  }

  /** A contact has said what they were typing. */
  end(ghost: Pick<UserIntent, "userId" | "typing">): void {
    const until = this.#shown.get(ghost.userId) ?? -Infinity;
    this.#shown.delete(ghost.userId);
    if (this.#scope.clock.now() < until) this.#put(ghost, false);
  }

  #put(ghost: Pick<UserIntent, "typing">, isTyping: boolean): boolean {
    const { room, log } = this.#scope;
    const { roomId } = room;
    if (roomId === null) return false;
    this.#queue
      .add(() => ghost.typing(roomId, isTyping, SHOWN_MS))
      .catch((error: unknown) => log.debug({ error }, "typing could not be shown"));
    return true;
  }
}

/** Who types in a portal. Nothing of it is kept, and it opens neither a room nor a switchboard. */
export class PortalTyping implements TypingOnMsn {
  readonly #scope: PortalScope;
  readonly #toMatrix: TypingToMatrix;
  readonly #toMsn: TypingToMsn;

  constructor(scope: PortalScope) {
    this.#scope = scope;
    this.#toMatrix = new TypingToMatrix(scope);
    this.#toMsn = new TypingToMsn(scope, this);
  }

  /** The owner types, or does not any more. */
  owner(isTyping: boolean): void {
    if (isTyping) this.#toMsn.start();
    else this.#toMsn.stop();
  }

  /** A contact types. */
  start(account: string): void {
    this.#toMatrix.start(this.#scope.members.intentOf(account));
  }

  /** A contact, the only one if nobody is named, has said something. */
  end(account: string | undefined): void {
    this.#toMatrix.end(this.#scope.members.intentOf(account));
  }

  // Saying it would wait for a connection that is being made, and typing must not.
  async sendTyping(): Promise<void> {
    const { session, members, clock } = this.#scope;
    if (session.state.type !== "connected") return;
    await session.say(members, { type: "typing" }, clock.now());
  }
}
