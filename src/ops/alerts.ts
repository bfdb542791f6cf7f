import { MatrixError } from "../matrix/client/errors.ts";
import type { UserIntent } from "../matrix/client/intent.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../util/log.ts";

export interface AlertsOptions {
  /** The room of those who run the bridge; undefined: they read the log only. */
  readonly room: string | undefined;
  readonly bot: UserIntent;
  readonly store: Pick<Store, "said" | "batch">;
  /** Says something as the bot in that room; promised once it returns. */
  readonly say: (roomId: string, text: string) => void;
  readonly log: Log;
}

/** What those who run the bridge have to know: always in the log, and once for each kind in their room. */
export class Alerts {
  readonly #options: AlertsOptions;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  get room(): string | undefined {
    return this.#options.room;
  }

  /**
   * Tells something that may need somebody's hand.
   * @param kind the same trouble is said once, until it is over
   * @param level how serious it is in the log
   */
  alert(kind: string, sentence: string, level: "error" | "info" = "error"): void {
    const { log, room } = this.#options;
    log[level](sentence);
    if (room === undefined) return;
    this.#tell(room, `alert ${kind}`, sentence).catch((error: unknown) =>
      log.warn({ error, room }, "the operators' room could not be told"),
    );
  }

  /** The trouble is over: the next of its kind is said again. */
  over(kind: string, sentence: string): void {
    const { log, room, store, say } = this.#options;
    if (room === undefined || !store.said.has(room, `alert ${kind}`)) return;
    log.info(sentence);
    store.batch(() => {
      store.said.forget(room, `alert ${kind}`);
      say(room, sentence);
    });
  }

  /** The bot has come into the room: what it could not say there before is said when it happens again. */
  entered(): void {
    const { room, store } = this.#options;
    if (room === undefined) return;
    for (const what of store.said.list(room)) if (what.startsWith("alert ")) store.said.forget(room, what);
  }

  async #tell(room: string, what: string, sentence: string): Promise<void> {
    const { store, say, log } = this.#options;
    if (store.said.has(room, what)) return;
    if (await this.#isEncrypted(room)) {
      log.warn({ room }, "the operators' room is encrypted, so that only the log says what they should know");
      return;
    }
    store.batch(() => {
      if (store.said.once(room, what)) say(room, sentence);
    });
  }

  // If the homeserver does not say, it is told; whether the bot may write there shows then.
  async #isEncrypted(room: string): Promise<boolean> {
    try {
      return (await this.#options.bot.state(room, "m.room.encryption")) !== undefined;
    } catch (error) {
      if (error instanceof MatrixError) return false;
      throw error;
    }
  }
}
