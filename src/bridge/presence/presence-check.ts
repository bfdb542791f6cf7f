import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { sleep } from "../../util/clock.ts";
import type { BaseScope } from "../base/scope.ts";

type CheckScope = Pick<BaseScope, "clock" | "log" | "alerts">;

const OFF = "The homeserver does not keep presence, so it is not told who is online. This is looked at every hour.";
const AGAIN = "The homeserver keeps presence again.";

/** How long a verdict stands, in milliseconds. */
export const CHECK_EVERY_MS = 60 * 60_000;
// Where several processes serve a homeserver, one may know a little later what another was told.
const SECOND_LOOK_MS = 1000;

/**
 * Finds out whether the homeserver keeps presence. With presence switched off, Synapse answers 200 and does nothing
 * (measured), so what was told is read back.
 */
export class PresenceCheck {
  readonly #scope: CheckScope;
  readonly #signal: AbortSignal;
  #verdict: { readonly isOff: boolean; readonly at: number } | undefined;

  /** @param signal ends what it waits for */
  constructor(scope: CheckScope, signal: AbortSignal) {
    this.#scope = scope;
    this.#signal = signal;
  }

  /** Whether telling the homeserver anything is useless. */
  get isOff(): boolean {
    return this.#verdict?.isOff === true && !this.#isDue();
  }

  /** The homeserver was told that a ghost is there. Looks whether it shows that, unless it is known to. */
  async told(ghost: Pick<UserIntent, "userId" | "presence">): Promise<void> {
    if (!this.#isDue()) return;
    const { clock } = this.#scope;
    const signal = this.#signal;
    try {
      let isShown = (await ghost.presence(ghost.userId)) !== "offline";
      if (!isShown) {
        await sleep(clock, SECOND_LOOK_MS, signal);
        if (signal.aborted) return;
        isShown = (await ghost.presence(ghost.userId)) !== "offline";
      }
      this.#decide(!isShown);
    } catch (error) {
      if (error instanceof MatrixError && error.retryable) return;
      this.#decide(true);
    }
  }

  /** The homeserver refused for good to be told something. Homeservers without presence may do that. */
  refused(): void {
    if (this.#isDue()) this.#decide(true);
  }

  #isDue(): boolean {
    const now = this.#scope.clock.now();
    return this.#verdict === undefined || now - this.#verdict.at >= CHECK_EVERY_MS;
  }

  #decide(isOff: boolean): void {
    const { clock, log, alerts } = this.#scope;
    if (isOff && this.#verdict?.isOff !== true) alerts.alert("presence", OFF, "info");
    if (!isOff) alerts.over("presence", AGAIN);
    if (!isOff && this.#verdict?.isOff === true) log.info(AGAIN);
    this.#verdict = { isOff, at: clock.now() };
  }
}
