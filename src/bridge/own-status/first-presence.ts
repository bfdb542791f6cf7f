import { readPresence } from "../../convert/ephemeral-event.ts";
import { Limiter } from "../../util/limiter.ts";
import { onAbort } from "../../util/on-abort.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";

const ASK_MS = 5000;
// The homeserver has other things to do at the start, and what waits for its answer takes memory.
const ASKED_AT_ONCE = 20;

/**
 * What users do when the bridge starts. Homeservers tell of changes only, so each user is asked about once, before the first
 * sign-in of theirs, so that contacts see the right status from the beginning. A homeserver that does not answer in time is
 * not waited for again.
 */
export class FirstPresence {
  readonly #scope: Pick<BridgeScope, "bot" | "activity" | "clock" | "signal">;
  readonly #asked = new Map<string, Promise<void>>();
  readonly #limiter = new Limiter(ASKED_AT_ONCE, Number.POSITIVE_INFINITY);
  #isSlow = false;

  constructor(scope: Pick<BridgeScope, "bot" | "activity" | "clock" | "signal">) {
    this.#scope = scope;
  }

  /** Resolves once the homeserver has said what a user does, or when it has had enough time for that. */
  async of(userId: string): Promise<void> {
    const asked = this.#asked.get(userId) ?? this.#limiter.run(() => this.#ask(userId), tooMany);
    this.#asked.set(userId, asked);
    if (!this.#isSlow) await asked;
  }

  async #ask(userId: string): Promise<void> {
    const { clock, signal, activity } = this.#scope;
    if (signal.aborted || activity.presenceOf(userId) !== undefined) return;
    const hearing = this.#hear(userId);
    // Those who wait for their turn do not wait for it once more either.
    if (this.#isSlow) return;
    const ended = Promise.withResolvers<void>();
    const timer = clock.after(ASK_MS, () => {
      this.#isSlow = true;
      ended.resolve();
    });
    const stopWaiting = onAbort(signal, ended.resolve);
    await Promise.race([hearing, ended.promise]);
    timer.cancel();
    stopWaiting();
  }

  async #hear(userId: string): Promise<void> {
    const { bot, activity } = this.#scope;
    const seen = readPresence(await bot.presence(userId).catch(() => undefined));
    this.#isSlow = false;
    // Offline is what is said of every user where presence is switched off.
    if (seen === undefined || seen === "offline" || activity.presenceOf(userId) !== undefined) return;
    activity.seenPresence(userId, seen);
  }
}

const tooMany = (): Error => new Error("too many users wait to be asked about");
