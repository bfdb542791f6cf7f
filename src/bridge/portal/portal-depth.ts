import type { PortalMessage } from "../../convert/to-matrix.ts";
import type { Depth } from "../../store/backlog.ts";
import { later, type Timer } from "../../util/clock.ts";
import type { PortalScope } from "../room/portal-scope.ts";

// What may wait for the homeserver in one portal: some ten minutes of a contact who never stops.
const MOST: Depth = { rows: 10_000, bytes: 32 * 1024 * 1024 };
// When so much of that is left, more is taken in.
const LOW = 0.8;
const LOOK_MS = 1000;
// How much more may come, at the least, before it is counted again: a part of the most.
const STEP = 0.05;
// What a message takes beside its words, about, and the most that a character takes.
const [FRAME_BYTES, CHARACTER_BYTES] = [500, 3];

/**
 * Keeps a contact who says more than the homeserver takes from filling the disk: above a depth nothing is read from the
 * switchboards of the conversation, so that in the end their server makes them wait. Other conversations go on, and so does
 * the session.
 *
 * How much waits is counted on disk only when more has come than was free at the last count, so that a message costs a
 * subtraction. It needs no word of what has left.
 */
export class PortalDepth {
  readonly #scope: PortalScope;
  readonly #most: Depth;
  /** How much may come before it is to be counted. Nothing is known of what an earlier run left. */
  #free = { rows: 0, bytes: 0 };
  #isHeld = false;
  #isStopped = false;
  #look: Timer | undefined;

  constructor(scope: PortalScope, most = MOST) {
    this.#scope = scope;
    this.#most = most;
  }

  /** One more message waits. */
  add(message: PortalMessage): void {
    this.#free.rows -= 1;
    this.#free.bytes -= FRAME_BYTES + CHARACTER_BYTES * ("text" in message ? message.text.length : 0);
    if (this.#free.rows < 0 || this.#free.bytes < 0) this.#count();
  }

  /** The portal ends: what was held is read again, since those who leave a conversation are heard out. */
  stop(): void {
    this.#isStopped = true;
    this.#look?.cancel();
    if (this.#isHeld) this.#goOn();
  }

  #count(): void {
    const waiting = this.#waiting();
    const { rows, bytes } = this.#most;
    this.#free = {
      rows: Math.max(rows - waiting.rows, STEP * rows),
      bytes: Math.max(bytes - waiting.bytes, STEP * bytes),
    };
    const isDeep = waiting.rows > rows || waiting.bytes > bytes;
    if (!isDeep || this.#isHeld || this.#isStopped) return;
    const { log, portalId: portal } = this.#scope;
    this.#isHeld = true;
    log.warn({ portal, ...waiting }, "so much waits for the homeserver that no more is read from a conversation");
    this.#read(false);
    this.#lookAgain();
  }

  /** Nothing where the disk does not say: it has taken the message, which is not to fail for this. */
  #waiting(): Depth {
    const { log, store, portalId: portal } = this.#scope;
    try {
      return store.backlog.of("to-matrix", portal);
    } catch (error) {
      log.error({ error, portal }, "how much waits for the homeserver could not be counted");
      return { rows: 0, bytes: 0 };
    }
  }

  #lookAgain(): void {
    const { clock, signal } = this.#scope;
    this.#look = later(clock, LOOK_MS, signal, () => {
      const { rows, bytes } = this.#waiting();
      if (rows < this.#most.rows * LOW && bytes < this.#most.bytes * LOW) return this.#goOn();
      // The session may be another one by now.
      this.#read(false);
      this.#lookAgain();
    });
  }

  #goOn(): void {
    this.#isHeld = false;
    this.#free = { rows: 0, bytes: 0 };
    this.#scope.log.info({ portal: this.#scope.portalId }, "a conversation is read again");
    this.#read(true);
  }

  #read(isRead: boolean): void {
    const { log, session, portalId: portal, members } = this.#scope;
    try {
      session.readFrom(members, isRead);
    } catch (error) {
      log.debug({ error, portal }, "there is no such conversation");
    }
  }
}
