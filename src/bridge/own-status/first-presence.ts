import { readPresence } from "../../convert/ephemeral-event.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";

const ASK_MS = 5000;

/**
 * What users do when the bridge starts. Homeservers tell of changes only, so each user is asked about once, before the first
 * sign-in of theirs, so that contacts see the right status from the beginning. A homeserver that does not answer in time is
 * not waited for again.
 */
export class FirstPresence {
  readonly #scope: Pick<BridgeScope, "bot" | "activity" | "clock" | "signal">;
  readonly #asked = new Map<string, Promise<void>>();
  #isSlow = false;

  constructor(scope: Pick<BridgeScope, "bot" | "activity" | "clock" | "signal">) {
    this.#scope = scope;
  }

  /** Resolves once the homeserver has said what a user does, or when it has had enough time for that. */
  async of(userId: string): Promise<void> {
    const asked = this.#asked.get(userId) ?? this.#ask(userId);
    this.#asked.set(userId, asked);
    if (!this.#isSlow) await asked;
  }

  async #ask(userId: string): Promise<void> {
    const { clock, signal, activity } = this.#scope;
    if (activity.presenceOf(userId) !== undefined) return;
    const ended = Promise.withResolvers<void>();
    const timer = clock.after(ASK_MS, () => {
      this.#isSlow = true;
      ended.resolve();
    });
    const stop = (): void => ended.resolve();
    signal.addEventListener("abort", stop, { once: true });
    await Promise.race([this.#hear(userId), ended.promise]);
    timer.cancel();
    signal.removeEventListener("abort", stop);
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
